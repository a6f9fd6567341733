//! Recoveries as pages list them, and what one is reckoned from.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::sea_query::{Expr, ExprTrait, NullOrdering, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, Order,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationDef,
};

use super::{CLAIMED, CLOSED, RecoveryRow, accounts};
use crate::domain::money::Fen;
use crate::store::case::CaseRow;
use crate::store::db::sum_fen;

/// The natural persons who approved, published or released the year, or had a hand in the batches
/// that paid it.
///
/// # Errors
/// When the database fails.
pub async fn payment_chain(
    conn: &impl ConnectionTrait,
    row: &RecoveryRow,
) -> Result<Vec<i64>, DbErr> {
    let sql = "SELECT s.holder_id AS holder FROM case_step s \
               JOIN yearly_file f ON f.case_id = s.case_id \
               WHERE f.person_id = $1 AND f.programme = $2 AND f.award_year = $3 \
                 AND s.act IN ('approve', 'publish', 'release') AND s.holder_id IS NOT NULL \
               UNION SELECT h.holder FROM ( \
                 SELECT b.id, b.made_by AS holder FROM batch b \
                 UNION SELECT b.id, b.checked_by FROM batch b \
                 UNION SELECT b.id, b.approved_by FROM batch b) h \
               JOIN batch_line l ON l.batch_id = h.id AND l.live \
               JOIN payment_line p ON p.id = l.payment_line_id \
               WHERE p.person_id = $1 AND p.programme = $2 AND p.award_year = $3 \
                 AND h.holder IS NOT NULL";
    let values = [row.person_id.into(), row.programme.clone().into(), row.award_year.into()];
    let statement =
        sea_orm::Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    let rows = conn.query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get("", "holder")).collect()
}

/// Which recoveries to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// Only this payer's.
    pub payer_division: Option<&'a str>,
    /// Only those whose file stands here.
    pub state: Option<&'a str>,
}

impl Filter<'_> {
    fn files(&self) -> sea_orm::Select<entity::case_file::Entity> {
        use entity::case_file::{Column, Entity};
        let payers = entity::recovery::Entity::find()
            .select_only()
            .column(entity::recovery::Column::RecoveryNo)
            .filter(Condition::all().add_option(
                self.payer_division.map(|payer| entity::recovery::Column::PayerDivision.eq(payer)),
            ));
        Entity::find()
            .filter(Column::Kind.eq("recovery"))
            .filter(Condition::all().add_option(self.state.map(|state| Column::State.eq(state))))
            .filter(Column::CaseNo.in_subquery(payers.into_query()))
    }
}

/// Recoveries with their files, the most urgent first; `limit` of them from `offset`.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &impl ConnectionTrait,
    filter: &Filter<'_>,
    (offset, limit): (u64, u64),
) -> Result<Vec<(CaseRow, RecoveryRow)>, DbErr> {
    use entity::case_file::Column;
    let files = filter
        .files()
        .order_by_with_nulls(Column::DueOn, Order::Asc, NullOrdering::Last)
        .order_by_desc(Column::Id)
        .offset(offset)
        .limit(limit)
        .all(conn)
        .await?;
    with_rows(conn, files).await
}

/// The recoveries of a person with their files, the last first.
///
/// # Errors
/// When the database fails.
pub async fn of_person(
    conn: &impl ConnectionTrait,
    person_id: i64,
) -> Result<Vec<(CaseRow, RecoveryRow)>, DbErr> {
    use entity::case_file::{Column, Entity};
    let files = Entity::find()
        .filter(Column::Kind.eq("recovery"))
        .filter(Column::PersonId.eq(person_id))
        .order_by_desc(Column::Id)
        .all(conn)
        .await?;
    with_rows(conn, files).await
}

async fn with_rows(
    conn: &impl ConnectionTrait,
    files: Vec<CaseRow>,
) -> Result<Vec<(CaseRow, RecoveryRow)>, DbErr> {
    let numbers = files.iter().map(|file| file.case_no.as_str());
    let rows = entity::recovery::Entity::find()
        .filter(entity::recovery::Column::RecoveryNo.is_in(numbers))
        .all(conn)
        .await?;
    let mut rows: HashMap<String, RecoveryRow> =
        rows.into_iter().map(|row| (row.recovery_no.clone(), row)).collect();
    let with_row = |file: CaseRow| {
        let row = rows.remove(&file.case_no)?;
        Some((file, row))
    };
    Ok(files.into_iter().filter_map(with_row).collect())
}

/// How many recoveries match.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &impl ConnectionTrait, filter: &Filter<'_>) -> Result<u64, DbErr> {
    filter.files().count(conn).await
}

/// The file of a recovery.
///
/// # Errors
/// When the database fails.
pub async fn file(conn: &impl ConnectionTrait, no: &str) -> Result<Option<CaseRow>, DbErr> {
    use entity::case_file::{Column, Entity};
    Entity::find().filter(Column::Kind.eq("recovery")).filter(Column::CaseNo.eq(no)).one(conn).await
}

/// What a recovery is reckoned from, of its person, year, source and payer: what was frozen in
/// batches, paid or set off; what the version that it rests on grants; and what was decided to come
/// back before it.
///
/// # Errors
/// When the database fails.
pub async fn reckoning(
    conn: &impl ConnectionTrait,
    row: &RecoveryRow,
) -> Result<(Fen, Fen, Fen), DbErr> {
    use entity::entitlement_share::{Column as Share, Entity as Shares};
    use entity::payment_line::{Column as Line, Entity as Lines};
    use entity::recovery::{Column, Entity};
    let paid: Option<i64> = Lines::find()
        .select_only()
        .expr_as(sum_fen(Expr::col(Line::AmountFen)), "fen")
        .filter(Line::PersonId.eq(row.person_id))
        .filter(Line::Programme.eq(row.programme.as_str()))
        .filter(Line::AwardYear.eq(row.award_year))
        .filter(Line::Source.eq(row.source.as_str()))
        .filter(Line::PayerDivision.eq(row.payer_division.as_str()))
        .filter(Line::State.is_in(["in_batch", "paid"]))
        .into_tuple()
        .one(conn)
        .await?;
    let due: Option<i64> = Shares::find()
        .select_only()
        .expr_as(sum_fen(Expr::col(Share::AmountFen)), "fen")
        .filter(Share::EntitlementId.eq(row.entitlement_id))
        .filter(Share::Source.eq(row.source.as_str()))
        .filter(Share::PayerDivision.eq(row.payer_division.as_str()))
        .into_tuple()
        .one(conn)
        .await?;
    let earlier = Entity::find()
        .filter(Column::PersonId.eq(row.person_id))
        .filter(Column::Programme.eq(row.programme.as_str()))
        .filter(Column::AwardYear.eq(row.award_year))
        .filter(Column::Source.eq(row.source.as_str()))
        .filter(Column::PayerDivision.eq(row.payer_division.as_str()))
        .filter(Column::State.is_in([CLAIMED, CLOSED]))
        .filter(Column::Id.lt(row.id))
        .all(conn)
        .await?;
    let ids: Vec<i64> = earlier.iter().map(|row| row.id).collect();
    let accounts = accounts(conn, &ids).await?;
    let claimed = |row: &RecoveryRow| {
        let dropped = accounts.get(&row.id).map_or(Fen::ZERO, |account| account.dropped);
        Fen::new(row.amount_fen).checked_sub(dropped).unwrap_or_default()
    };
    let before = Fen::checked_sum(earlier.iter().map(claimed)).unwrap_or_default();
    Ok((Fen::new(paid.unwrap_or(0)), Fen::new(due.unwrap_or(0)), before))
}

/// What a recovery did to a person's year.
#[derive(Debug, Clone, FromQueryResult)]
pub struct YearEntry {
    /// Number of the recovery.
    pub recovery_no: String,
    /// Code of the kind of entry.
    pub kind: String,
    /// Fen; below zero when the year gave it back, above zero when the year was paid by it.
    pub amount_fen: i64,
    /// Day of it.
    pub on_day: NaiveDate,
    /// Number of the document.
    pub document_no: String,
}

/// What came back of a year of these persons or is given up, and what of the year was set off
/// against another one, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn of_year(
    conn: &impl ConnectionTrait,
    (programme, award_year): (&str, i64),
    persons: &[i64],
) -> Result<Vec<YearEntry>, DbErr> {
    use entity::payment_line::{Column as Line, Entity as Lines};
    use entity::recovery::{Column, Entity as Recoveries};
    use entity::recovery_entry::{Column as Entry, Entity};
    let of_recovery: RelationDef =
        Entity::belongs_to(Recoveries).from(Entry::RecoveryId).to(Column::Id).into();
    let to_line = Entity::belongs_to(Lines).from(Entry::PaymentLineId).to(Line::Id).into();
    let entries = |amount: SimpleExpr| {
        Entity::find()
            .select_only()
            .column(Column::RecoveryNo)
            .columns([Entry::Kind, Entry::OnDay, Entry::DocumentNo])
            .expr_as(amount, "amount_fen")
            .join(JoinType::InnerJoin, of_recovery.clone())
            .filter(Entry::Accepted.eq(true))
            .order_by_asc(Entry::Id)
    };
    let amount = || Expr::col((Entity, Entry::AmountFen));
    let back = entries(amount().mul(-1))
        .filter(Entry::Kind.ne("dropped"))
        .filter(Column::PersonId.is_in(persons.iter().copied()))
        .filter(Column::Programme.eq(programme))
        .filter(Column::AwardYear.eq(award_year));
    let paid = entries(amount())
        .join(JoinType::InnerJoin, to_line)
        .filter(Line::PersonId.is_in(persons.iter().copied()))
        .filter(Line::Programme.eq(programme))
        .filter(Line::AwardYear.eq(award_year));
    let mut found: Vec<YearEntry> = paid.into_model().all(conn).await?;
    found.extend(back.into_model().all(conn).await?);
    Ok(found)
}
