//! What years came to and what was paid, for lists and records.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationDef,
};

use crate::domain::money::Fen;

/// A version of what a year came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YearRow {
    /// Row identity.
    pub id: i64,
    /// Whose.
    pub person_id: i64,
    /// Of which programme.
    pub programme: String,
    /// For which year.
    pub award_year: i64,
    /// Counted from 1.
    pub version_no: i64,
    /// Months that counted.
    pub counted_months: i64,
    /// Before other awards.
    pub gross: Fen,
    /// What other awards took away.
    pub offset: Fen,
    /// What is due.
    pub net: Fen,
    /// Why nothing is due, as stored.
    pub reasons: String,
    /// How the net amount is split.
    pub shares: Vec<ShareRow>,
}

/// A part of an entitlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareRow {
    /// For the time at this enterprise.
    pub enterprise_id: i64,
    /// Amount.
    pub amount: Fen,
}

/// Whom a line is for and who pays it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PayerKey {
    /// Person.
    pub person_id: i64,
    /// Programme.
    pub programme: String,
    /// Year.
    pub award_year: i64,
}

/// A live payment line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRow {
    /// Row identity.
    pub id: i64,
    /// For whom and what.
    pub key: PayerKey,
    /// Amount.
    pub amount: Fen,
    /// `payable`, `in_batch` or `paid`.
    pub state: String,
}

/// A payment line's way through a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankLine {
    /// The line.
    pub payment_line_id: i64,
    /// The batch.
    pub batch_no: String,
    /// Amount.
    pub amount: Fen,
    /// Last four digits of the account.
    pub last_four: String,
    /// `pending`, `settled` or `failed`.
    pub outcome: String,
    /// The bank's words.
    pub reason_text: String,
    /// When the bank paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// When the registry took over the bank's answer.
    pub answered_at: Option<DateTime<Utc>>,
}

/// What years came to for these persons, newest year first: the versions that are held now, or
/// that were held at `known_at`. Two statements.
///
/// # Errors
/// When the database fails.
pub async fn years(
    conn: &impl ConnectionTrait,
    persons: &[i64],
    year: Option<i64>,
    known_at: Option<DateTime<Utc>>,
) -> Result<Vec<YearRow>, DbErr> {
    use entity::entitlement::{Column, Entity};
    use entity::entitlement_share as share;
    let held = known_at.map_or_else(
        || Condition::all().add(Column::SupersededAt.is_null()),
        |instant| {
            Condition::all().add(Column::RecordedAt.lte(instant)).add(
                Condition::any()
                    .add(Column::SupersededAt.is_null())
                    .add(Column::SupersededAt.gt(instant)),
            )
        },
    );
    let found = Entity::find()
        .select_only()
        .columns([Column::Id, Column::PersonId, Column::Programme, Column::AwardYear])
        .columns([Column::VersionNo, Column::CountedMonths, Column::GrossFen, Column::OffsetFen])
        .columns([Column::NetFen, Column::Reasons])
        .filter(Column::PersonId.is_in(persons.iter().copied()))
        .filter(held.add_option(year.map(|year| Column::AwardYear.eq(year))))
        .order_by_desc(Column::AwardYear)
        .order_by_asc(Column::Id)
        .into_tuple::<(i64, i64, String, i64, i64, i64, i64, i64, i64, String)>()
        .all(conn)
        .await?;
    let ids: Vec<i64> = found.iter().map(|row| row.0).collect();
    let mut shares: std::collections::HashMap<i64, Vec<ShareRow>> = Default::default();
    let rows = share::Entity::find()
        .filter(share::Column::EntitlementId.is_in(ids))
        .order_by_asc(share::Column::Id)
        .all(conn)
        .await?;
    for row in rows {
        let share = ShareRow { enterprise_id: row.enterprise_id, amount: Fen::new(row.amount_fen) };
        shares.entry(row.entitlement_id).or_default().push(share);
    }
    let year = |row: (i64, i64, String, i64, i64, i64, i64, i64, i64, String)| YearRow {
        id: row.0,
        person_id: row.1,
        programme: row.2,
        award_year: row.3,
        version_no: row.4,
        counted_months: row.5,
        gross: Fen::new(row.6),
        offset: Fen::new(row.7),
        net: Fen::new(row.8),
        reasons: row.9,
        shares: shares.remove(&row.0).unwrap_or_default(),
    };
    Ok(found.into_iter().map(year).collect())
}

/// The payment lines of these persons that are not void.
///
/// # Errors
/// When the database fails.
pub async fn lines(
    conn: &impl ConnectionTrait,
    persons: &[i64],
    year: Option<i64>,
) -> Result<Vec<LineRow>, DbErr> {
    use entity::payment_line::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::PersonId.is_in(persons.iter().copied()))
        .filter(Column::State.ne("void"))
        .filter(Condition::all().add_option(year.map(|year| Column::AwardYear.eq(year))))
        .order_by_asc(Column::Id)
        .all(conn)
        .await?;
    let line = |row: entity::payment_line::Model| LineRow {
        id: row.id,
        key: PayerKey {
            person_id: row.person_id,
            programme: row.programme,
            award_year: row.award_year,
        },
        amount: Fen::new(row.amount_fen),
        state: row.state,
    };
    Ok(rows.into_iter().map(line).collect())
}

/// What happened to these payment lines in batches, oldest first; lines released before they were
/// sent are left out. Two statements.
///
/// # Errors
/// When the database fails.
pub async fn bank_lines(
    conn: &impl ConnectionTrait,
    lines: &[i64],
) -> Result<Vec<BankLine>, DbErr> {
    use entity::{bank_return, bank_return_row as answer, batch, batch_line};
    let of: RelationDef = batch_line::Entity::belongs_to(batch::Entity)
        .from(batch_line::Column::BatchId)
        .to(batch::Column::Id)
        .into();
    let rows: Vec<(batch_line::Model, Option<batch::Model>)> = batch_line::Entity::find()
        .join(JoinType::InnerJoin, of)
        .select_also(batch::Entity)
        .filter(batch_line::Column::PaymentLineId.is_in(lines.iter().copied()))
        .filter(batch_line::Column::Outcome.ne("released"))
        .order_by_asc(batch_line::Column::Id)
        .all(conn)
        .await?;
    let of: RelationDef = answer::Entity::belongs_to(bank_return::Entity)
        .from(answer::Column::ReturnId)
        .to(bank_return::Column::Id)
        .into();
    let answers: Vec<(Option<i64>, Option<DateTime<Utc>>, Option<DateTime<Utc>>)> =
        answer::Entity::find()
            .select_only()
            .columns([answer::Column::BatchLineId, answer::Column::ResolvedAt])
            .column(bank_return::Column::ConfirmedAt)
            .join(JoinType::InnerJoin, of)
            .filter(answer::Column::BatchLineId.is_in(rows.iter().map(|(line, _)| line.id)))
            .filter(answer::Column::Disposition.ne("repeated"))
            .order_by_asc(answer::Column::Id)
            .into_tuple()
            .all(conn)
            .await?;
    let answered = |id: i64| {
        let mine = answers.iter().filter(|(line, ..)| *line == Some(id));
        mine.filter_map(|(_, resolved, confirmed)| resolved.or(*confirmed)).max()
    };
    let bank_line = |(line, batch): (batch_line::Model, Option<batch::Model>)| BankLine {
        payment_line_id: line.payment_line_id,
        batch_no: batch.map(|batch| batch.batch_no).unwrap_or_default(),
        amount: Fen::new(line.amount_fen),
        last_four: line.last_four,
        outcome: line.outcome,
        reason_text: line.reason_text,
        paid_at: line.paid_at,
        answered_at: answered(line.id),
    };
    Ok(rows.into_iter().map(bank_line).collect())
}
