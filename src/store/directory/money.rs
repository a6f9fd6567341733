//! What years came to and what was paid, for lists and records.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationDef,
};

use crate::domain::money::Fen;
use crate::store::stipend::OF_A_RUN;

/// A version of what a year came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YearRow {
    /// Whose.
    pub person_id: i64,
    /// Of which programme.
    pub programme: String,
    /// For which year.
    pub award_year: i64,
    /// Counted from 1.
    pub version_no: i64,
    /// `eligible` or `ineligible`.
    pub status: String,
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

/// A payment line's way through a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankLine {
    /// For which year.
    pub award_year: i64,
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
        .columns([Column::VersionNo, Column::Status, Column::CountedMonths, Column::GrossFen])
        .columns([Column::OffsetFen, Column::NetFen, Column::Reasons])
        .filter(Column::PersonId.is_in(persons.iter().copied()))
        .filter(Column::SubjectNo.eq(OF_A_RUN))
        .filter(held.add_option(year.map(|year| Column::AwardYear.eq(year))))
        .order_by_desc(Column::AwardYear)
        .order_by_asc(Column::Id)
        .into_tuple::<(i64, i64, String, i64, i64, String, i64, i64, i64, i64, String)>()
        .all(conn)
        .await?;
    let rows = share::Entity::find()
        .filter(share::Column::EntitlementId.is_in(found.iter().map(|row| row.0)))
        .order_by_asc(share::Column::Id)
        .all(conn)
        .await?;
    let mut shares: HashMap<i64, Vec<ShareRow>> = HashMap::new();
    for row in rows {
        let share = ShareRow { enterprise_id: row.enterprise_id, amount: Fen::new(row.amount_fen) };
        shares.entry(row.entitlement_id).or_default().push(share);
    }
    let year = |row: (i64, i64, String, i64, i64, String, i64, i64, i64, i64, String)| YearRow {
        shares: shares.remove(&row.0).unwrap_or_default(),
        person_id: row.1,
        programme: row.2,
        award_year: row.3,
        version_no: row.4,
        status: row.5,
        counted_months: row.6,
        gross: Fen::new(row.7),
        offset: Fen::new(row.8),
        net: Fen::new(row.9),
        reasons: row.10,
    };
    Ok(found.into_iter().map(year).collect())
}

/// What happened to a person's payment lines in batches, oldest first; lines released before they
/// were sent are left out. Two statements.
///
/// # Errors
/// When the database fails.
pub async fn bank_lines(
    conn: &impl ConnectionTrait,
    person_id: i64,
) -> Result<Vec<BankLine>, DbErr> {
    Ok(bank_lines_of(conn, &[person_id]).await?.remove(&person_id).unwrap_or_default())
}

/// The same of several persons, by person. Two statements.
///
/// # Errors
/// When the database fails.
pub async fn bank_lines_of(
    conn: &impl ConnectionTrait,
    persons: &[i64],
) -> Result<HashMap<i64, Vec<BankLine>>, DbErr> {
    use entity::{bank_return, bank_return_row as answer, batch, batch_line, payment_line as due};
    let of_batch: RelationDef = batch_line::Entity::belongs_to(batch::Entity)
        .from(batch_line::Column::BatchId)
        .to(batch::Column::Id)
        .into();
    let of_line: RelationDef = batch_line::Entity::belongs_to(due::Entity)
        .from(batch_line::Column::PaymentLineId)
        .to(due::Column::Id)
        .into();
    let rows = batch_line::Entity::find()
        .select_only()
        .column(batch_line::Column::Id)
        .column(due::Column::AwardYear)
        .column(batch::Column::BatchNo)
        .columns([batch_line::Column::AmountFen, batch_line::Column::LastFour])
        .columns([batch_line::Column::Outcome, batch_line::Column::ReasonText])
        .column(batch_line::Column::PaidAt)
        .column(due::Column::PersonId)
        .join(JoinType::InnerJoin, of_batch)
        .join(JoinType::InnerJoin, of_line)
        .filter(due::Column::PersonId.is_in(persons.iter().copied()))
        .filter(due::Column::SubjectNo.eq(OF_A_RUN))
        .filter(batch_line::Column::Outcome.ne("released"))
        .order_by_asc(batch_line::Column::Id)
        .into_tuple::<(i64, i64, String, i64, String, String, String, Option<DateTime<Utc>>, i64)>()
        .all(conn)
        .await?;
    let of_return: RelationDef = answer::Entity::belongs_to(bank_return::Entity)
        .from(answer::Column::ReturnId)
        .to(bank_return::Column::Id)
        .into();
    let answers = answer::Entity::find()
        .select_only()
        .columns([answer::Column::BatchLineId, answer::Column::ResolvedAt])
        .column(bank_return::Column::ConfirmedAt)
        .join(JoinType::InnerJoin, of_return)
        .filter(answer::Column::BatchLineId.is_in(rows.iter().map(|row| row.0)))
        .filter(answer::Column::Disposition.ne("repeated"))
        .order_by_asc(answer::Column::Id)
        .into_tuple::<(Option<i64>, Option<DateTime<Utc>>, Option<DateTime<Utc>>)>()
        .all(conn)
        .await?;
    let answered = |id: i64| {
        let mine = answers.iter().filter(|(line, ..)| *line == Some(id));
        mine.filter_map(|(_, resolved, confirmed)| resolved.or(*confirmed)).max()
    };
    let mut lines: HashMap<i64, Vec<BankLine>> = HashMap::new();
    for row in rows {
        lines.entry(row.8).or_default().push(BankLine {
            answered_at: answered(row.0),
            award_year: row.1,
            batch_no: row.2,
            amount: Fen::new(row.3),
            last_four: row.4,
            outcome: row.5,
            reason_text: row.6,
            paid_at: row.7,
        });
    }
    Ok(lines)
}
