//! Visits of young talents from overseas: the visit, the costs of its claim, what was cut, and the
//! days that an allowance was granted for.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationDef,
};

use super::db::{expect_one_row, insert_all, rows_per_statement};
use super::directory::scope;
use crate::domain::authority::Scope;
use entity::{case_file, visit, visit_cut, visit_day, visit_line, visit_number};

pub use entity::visit::Model as Visit;
pub use entity::visit_cut::Model as Cut;
pub use entity::visit_line::Model as Line;

/// A visit, to be begun.
#[derive(Debug, Clone)]
pub struct NewVisit<'a> {
    /// Its file.
    pub case_id: i64,
    /// Who comes.
    pub person_id: i64,
    /// Who invites.
    pub enterprise_id: i64,
    /// Division of that when the visit was begun: it decides who pays.
    pub division: &'a str,
    /// Birth date of the visitor.
    pub birth: NaiveDate,
    /// Policy text.
    pub policy_document_id: i64,
    /// Account.
    pub by: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// Begins a visit; gives its identity.
///
/// # Errors
/// When the database refuses.
pub async fn begin(tx: &DatabaseTransaction, new: &NewVisit<'_>) -> Result<i64, DbErr> {
    let row = visit::ActiveModel {
        case_id: Set(new.case_id),
        person_id: Set(new.person_id),
        enterprise_id: Set(new.enterprise_id),
        division: Set(new.division.to_owned()),
        birth: Set(new.birth),
        policy_document_id: Set(new.policy_document_id),
        recorded_by: Set(new.by),
        recorded_at: Set(new.at),
        ..Default::default()
    };
    Ok(visit::Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// The visit of a file.
///
/// # Errors
/// When the database fails.
pub async fn of_case(conn: &impl ConnectionTrait, case_id: i64) -> Result<Option<Visit>, DbErr> {
    visit::Entity::find().filter(visit::Column::CaseId.eq(case_id)).one(conn).await
}

/// Notes the day of entry.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was noted before.
pub async fn arrived(tx: &DatabaseTransaction, id: i64, day: NaiveDate) -> Result<(), DbErr> {
    let noted = visit::Entity::update_many()
        .col_expr(visit::Column::ArrivedOn, Expr::value(day))
        .filter(visit::Column::Id.eq(id))
        .filter(visit::Column::ArrivedOn.is_null())
        .exec(tx)
        .await?;
    expect_one_row(noted.rows_affected)
}

/// Visits in scope with the states of their files, the latest first: a page from an offset, and how
/// many there are. `state` asks for one state.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &impl ConnectionTrait,
    of: &Scope,
    state: Option<&str>,
    (offset, limit): (u64, u64),
) -> Result<(Vec<(Visit, case_file::Model)>, u64), DbErr> {
    let file: RelationDef = visit::Entity::belongs_to(case_file::Entity)
        .from(visit::Column::CaseId)
        .to(case_file::Column::Id)
        .into();
    let select = visit::Entity::find()
        .join(JoinType::InnerJoin, file)
        .filter(scope::enterprises(of, visit::Column::EnterpriseId))
        .filter(Condition::all().add_option(state.map(|state| case_file::Column::State.eq(state))));
    let count = select.clone().count(conn).await?;
    let page =
        select.order_by_desc(visit::Column::Id).offset(offset).limit(limit).all(conn).await?;
    let ids: Vec<i64> = page.iter().map(|visit| visit.case_id).collect();
    let mut files: BTreeMap<i64, case_file::Model> =
        super::case::by_ids(conn, &ids).await?.into_iter().map(|file| (file.id, file)).collect();
    let with_file = |visit: Visit| files.remove(&visit.case_id).map(|file| (visit, file));
    Ok((page.into_iter().filter_map(with_file).collect(), count))
}

/// A cost, to be claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    /// Code of what it is for.
    pub expense: &'static str,
    /// Class of a fare; empty for others.
    pub class: String,
    /// Places and flights of a fare, in order; empty for others.
    pub route: String,
    /// Amount in hundredths of the unit of its currency.
    pub amount_fen: i64,
    /// Currency.
    pub currency: String,
    /// When it was paid.
    pub paid_on: NaiveDate,
    /// The rate of the bank statement, where there is one.
    pub bank_rate_millionths: Option<i64>,
    /// Economy fare of the same flight and day.
    pub documented_economy_fen: Option<i64>,
    /// Number of the ticket or receipt.
    pub document_no: String,
    /// What makes the ticket the same; for fares only.
    pub ticket_key: Option<String>,
    /// Passenger as printed on the ticket; empty for others.
    pub passenger: String,
    /// What the carrier gave back, in hundredths of the unit of the currency.
    pub refund_fen: i64,
    /// Number of the refund slip; empty without one.
    pub refund_no: String,
    /// Number of the ticket that it took the place of; empty without one.
    pub original_no: String,
    /// What makes its papers the same: each is used up by one living claim.
    pub numbers: Vec<String>,
}

/// Claims costs.
///
/// # Errors
/// When one of the papers is used elsewhere.
pub async fn add_lines(
    tx: &DatabaseTransaction,
    claim_id: i64,
    lines: Vec<NewLine>,
) -> Result<(), DbErr> {
    let mut numbers: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for (seq, line) in (1..).zip(&lines) {
        numbers.insert(seq, line.numbers.clone());
    }
    let row = |(seq, line): (i64, NewLine)| visit_line::ActiveModel {
        claim_id: Set(claim_id),
        seq: Set(seq),
        expense: Set(line.expense.to_owned()),
        class: Set(line.class),
        route: Set(line.route),
        amount_fen: Set(line.amount_fen),
        currency: Set(line.currency),
        paid_on: Set(line.paid_on),
        bank_rate_millionths: Set(line.bank_rate_millionths),
        documented_economy_fen: Set(line.documented_economy_fen),
        document_no: Set(line.document_no),
        ticket_key: Set(line.ticket_key),
        released_at: Set(None),
        passenger: Set(line.passenger),
        refund_fen: Set(line.refund_fen),
        refund_no: Set(line.refund_no),
        original_no: Set(line.original_no),
        ..Default::default()
    };
    insert_all(tx, (1..).zip(lines).map(row)).await?;
    let number = |line_id: i64, key: String| visit_number::ActiveModel {
        line_id: Set(line_id),
        number_key: Set(key),
        released_at: Set(None),
        ..Default::default()
    };
    let mut used = Vec::new();
    for line in self::lines(tx, claim_id).await? {
        let keys = numbers.remove(&line.seq).unwrap_or_default();
        used.extend(keys.into_iter().map(|key| number(line.id, key)));
    }
    insert_all(tx, used).await
}

/// The costs of a claim, in order.
///
/// # Errors
/// When the database fails.
pub async fn lines(conn: &impl ConnectionTrait, claim_id: i64) -> Result<Vec<Line>, DbErr> {
    visit_line::Entity::find()
        .filter(visit_line::Column::ClaimId.eq(claim_id))
        .order_by_asc(visit_line::Column::Seq)
        .all(conn)
        .await
}

/// Lets go of the papers of a claim that was replaced, or that comes to nothing.
///
/// # Errors
/// When the database refuses.
pub async fn release_lines(
    tx: &DatabaseTransaction,
    claim_id: i64,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    visit_line::Entity::update_many()
        .col_expr(visit_line::Column::ReleasedAt, Expr::value(at))
        .filter(visit_line::Column::ClaimId.eq(claim_id))
        .filter(visit_line::Column::ReleasedAt.is_null())
        .exec(tx)
        .await?;
    let of_claim = visit_line::Entity::find()
        .select_only()
        .column(visit_line::Column::Id)
        .filter(visit_line::Column::ClaimId.eq(claim_id))
        .into_query();
    visit_number::Entity::update_many()
        .col_expr(visit_number::Column::ReleasedAt, Expr::value(at))
        .filter(visit_number::Column::LineId.in_subquery(of_claim))
        .filter(visit_number::Column::ReleasedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Which of these numbers of papers a living claim uses.
///
/// # Errors
/// When the database fails.
pub async fn numbers_taken(
    conn: &impl ConnectionTrait,
    keys: &[&str],
) -> Result<BTreeSet<String>, DbErr> {
    let found: Vec<String> = visit_number::Entity::find()
        .select_only()
        .column(visit_number::Column::NumberKey)
        .filter(visit_number::Column::NumberKey.is_in(keys.iter().copied()))
        .filter(visit_number::Column::ReleasedAt.is_null())
        .into_tuple()
        .all(conn)
        .await?;
    Ok(found.into_iter().collect())
}

/// What counts of a cost from now on.
///
/// # Errors
/// When the database refuses.
pub async fn cut(
    tx: &DatabaseTransaction,
    line_id: i64,
    (accepted_fen, reason): (i64, &str),
    (by, at): (i64, DateTime<Utc>),
) -> Result<(), DbErr> {
    let row = visit_cut::ActiveModel {
        line_id: Set(line_id),
        accepted_fen: Set(accepted_fen),
        reason: Set(reason.to_owned()),
        recorded_by: Set(by),
        recorded_at: Set(at),
        ..Default::default()
    };
    visit_cut::Entity::insert(row).exec_without_returning(tx).await.map(|_| ())
}

/// The last word on each cost that was ever cut.
///
/// # Errors
/// When the database fails.
pub async fn cuts(conn: &impl ConnectionTrait, lines: &[i64]) -> Result<BTreeMap<i64, Cut>, DbErr> {
    let mut last = BTreeMap::new();
    for ids in lines.chunks(rows_per_statement(1)) {
        let rows = visit_cut::Entity::find()
            .filter(visit_cut::Column::LineId.is_in(ids.iter().copied()))
            .order_by_asc(visit_cut::Column::Id)
            .all(conn)
            .await?;
        last.extend(rows.into_iter().map(|cut| (cut.line_id, cut)));
    }
    Ok(last)
}

/// Grants an allowance for these days.
///
/// # Errors
/// When one of them was granted to the person before.
pub async fn grant_days(
    tx: &DatabaseTransaction,
    of: &Visit,
    days: &[NaiveDate],
) -> Result<(), DbErr> {
    let row = |day: &NaiveDate| visit_day::ActiveModel {
        visit_id: Set(of.id),
        person_id: Set(of.person_id),
        day: Set(*day),
        released_at: Set(None),
        ..Default::default()
    };
    insert_all(tx, days.iter().map(row)).await
}

/// Takes the days of a visit back.
///
/// # Errors
/// When the database refuses.
pub async fn release_days(
    tx: &DatabaseTransaction,
    visit_id: i64,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    visit_day::Entity::update_many()
        .col_expr(visit_day::Column::ReleasedAt, Expr::value(at))
        .filter(visit_day::Column::VisitId.eq(visit_id))
        .filter(visit_day::Column::ReleasedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// The days that these persons were granted an allowance for by other visits than this one.
///
/// # Errors
/// When the database fails.
pub async fn granted_days(
    conn: &impl ConnectionTrait,
    persons: &[i64],
    but: i64,
) -> Result<BTreeSet<NaiveDate>, DbErr> {
    let days: Vec<NaiveDate> = visit_day::Entity::find()
        .select_only()
        .column(visit_day::Column::Day)
        .filter(visit_day::Column::PersonId.is_in(persons.iter().copied()))
        .filter(visit_day::Column::VisitId.ne(but))
        .filter(visit_day::Column::ReleasedAt.is_null())
        .into_tuple()
        .all(conn)
        .await?;
    Ok(days.into_iter().collect())
}
