//! Recoveries: what is to come back of which money, what came back, what is given up.

mod ban;
mod plan;
mod read;
mod set_off;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::budget::BudgetKey;
use super::db::{expect_one_row, rows_per_statement};
use crate::code_list;
use crate::domain::adjustment::{Claim, Payer};
use crate::domain::determine::Text;
use crate::domain::money::Fen;
use crate::domain::registry::Code;

pub use ban::{Bans, bans, earners};
pub use entity::payment_line::Model as PaymentLine;
pub use entity::recovery::Model as RecoveryRow;
pub use entity::recovery_entry::Model as EntryRow;
pub use plan::{agree, plan};
pub use read::{
    Filter, YearEntry, count, file, list, of_person, of_year, payment_chain, reckoning,
};
pub use set_off::{lock_payable, payable, set_off, split_off};

/// Decided, with something left.
pub const CLAIMED: &str = "claimed";
/// Nothing is left of what was decided.
pub const CLOSED: &str = "closed";
/// Not decided.
pub const PROPOSED: &str = "proposed";

code_list! {
    /// What lowers a decided recovery.
    EntryKind {
        /// Money is back at the treasury.
        Repaid = "repaid", "归还";
        /// Set off against other money of the same source.
        SetOff = "set_off", "抵扣";
        /// Given up by the finance authority, or because the decision was taken back.
        WrittenOff = "written_off", "核销";
        /// A correction leaves less to come back.
        Dropped = "dropped", "更正减少";
    }
}

/// An entry to make.
#[derive(Debug, Clone)]
pub struct NewEntry<'a> {
    /// Recovery.
    pub recovery_id: i64,
    /// Why.
    pub kind: EntryKind,
    /// Above zero.
    pub amount: Fen,
    /// Day of it.
    pub on_day: NaiveDate,
    /// Number of the document; empty for a correction.
    pub document_no: &'a str,
    /// Budget year in whose books it stands.
    pub budget_year: i64,
    /// Line that it was set off against.
    pub payment_line_id: Option<i64>,
    /// Natural person who noted it; `None` for the program.
    pub recorded_by: Option<i64>,
    /// When.
    pub recorded_at: DateTime<Utc>,
    /// Natural person who let it take effect; `None` while it waits and for the program.
    pub decided_by: Option<i64>,
    /// Whether it takes effect now.
    pub takes_effect: bool,
}

/// Makes an entry.
///
/// # Errors
/// When more would come back than was decided, by the name `recovery_overdrawn`.
pub async fn enter(tx: &DatabaseTransaction, new: &NewEntry<'_>) -> Result<(), DbErr> {
    let row = entity::recovery_entry::ActiveModel {
        recovery_id: Set(new.recovery_id),
        kind: Set(new.kind.code().to_owned()),
        amount_fen: Set(new.amount.get()),
        on_day: Set(new.on_day),
        document_no: Set(new.document_no.to_owned()),
        budget_year: Set(new.budget_year),
        payment_line_id: Set(new.payment_line_id),
        recorded_by: Set(new.recorded_by),
        recorded_at: Set(new.recorded_at),
        decided_by: Set(new.decided_by),
        decided_at: Set(new.takes_effect.then_some(new.recorded_at)),
        accepted: Set(new.takes_effect.then_some(true)),
        ..Default::default()
    };
    entity::recovery_entry::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Lets a noted receipt take effect, or not.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was decided before.
pub async fn decide_entry(
    tx: &DatabaseTransaction,
    id: i64,
    accepted: bool,
    (holder, at): (i64, DateTime<Utc>),
) -> Result<(), DbErr> {
    use entity::recovery_entry::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::DecidedBy, Expr::value(holder))
        .col_expr(Column::DecidedAt, Expr::value(at))
        .col_expr(Column::Accepted, Expr::value(accepted))
        .filter(Column::Id.eq(id))
        .filter(Column::Accepted.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// What a recovery came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Repaid and set off.
    pub back: Fen,
    /// Written off.
    pub given_up: Fen,
    /// Taken off by corrections.
    pub dropped: Fen,
    /// A receipt that waits for confirmation.
    pub waiting: Option<EntryRow>,
}

impl Account {
    /// What was noted as received and waits for confirmation.
    pub fn waiting(&self) -> Fen {
        self.waiting.as_ref().map_or(Fen::ZERO, |entry| Fen::new(entry.amount_fen))
    }

    /// What is left of `amount`.
    pub fn outstanding(&self, amount: Fen) -> Fen {
        let gone = [self.back, self.given_up, self.dropped];
        Fen::checked_sum(gone).and_then(|gone| amount.checked_sub(gone)).unwrap_or_default()
    }
}

/// The accounts of recoveries with their entries, oldest first.
///
/// # Errors
/// When the database fails or holds what is no entry.
pub async fn accounts(
    conn: &impl ConnectionTrait,
    ids: &[i64],
) -> Result<HashMap<i64, Account>, DbErr> {
    let mut found: HashMap<i64, Account> = HashMap::with_capacity(ids.len());
    for entry in entries(conn, ids).await? {
        let account = found.entry(entry.recovery_id).or_default();
        let unknown = || DbErr::Custom(format!("recovery entry {}", entry.id));
        let kind = EntryKind::from_code(&entry.kind).ok_or_else(unknown)?;
        let sum = match (entry.accepted, kind) {
            (Some(false), _) => continue,
            (None, _) => {
                account.waiting = Some(entry);
                continue;
            }
            (Some(true), EntryKind::Repaid | EntryKind::SetOff) => &mut account.back,
            (Some(true), EntryKind::WrittenOff) => &mut account.given_up,
            (Some(true), EntryKind::Dropped) => &mut account.dropped,
        };
        *sum = sum.checked_add(Fen::new(entry.amount_fen)).ok_or_else(unknown)?;
    }
    Ok(found)
}

/// The entries of recoveries, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn entries(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<EntryRow>, DbErr> {
    use entity::recovery_entry::{Column, Entity};
    let mut rows = Vec::new();
    for ids in ids.chunks(rows_per_statement(1)) {
        let of = Entity::find().filter(Column::RecoveryId.is_in(ids.iter().copied()));
        rows.extend(of.order_by_asc(Column::Id).all(conn).await?);
    }
    Ok(rows)
}

/// The recovery with a number; whoever acts on it holds it by its file.
///
/// # Errors
/// When the database fails.
pub async fn by_no(conn: &impl ConnectionTrait, no: &str) -> Result<Option<RecoveryRow>, DbErr> {
    use entity::recovery::{Column, Entity};
    Entity::find().filter(Column::RecoveryNo.eq(no)).one(conn).await
}

/// Recoveries by identity, in that order.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<RecoveryRow>, DbErr> {
    use entity::recovery::{Column, Entity};
    let mut rows = Vec::with_capacity(ids.len());
    for ids in ids.chunks(rows_per_statement(1)) {
        let of = Entity::find().filter(Column::Id.is_in(ids.iter().copied()));
        rows.extend(of.order_by_asc(Column::Id).all(conn).await?);
    }
    Ok(rows)
}

/// The proposed recoveries of a year of these persons.
///
/// # Errors
/// When the database fails.
pub async fn proposed(
    conn: &impl ConnectionTrait,
    (programme, award_year): (&str, i64),
    persons: &[i64],
) -> Result<Vec<RecoveryRow>, DbErr> {
    use entity::recovery::{Column, Entity};
    let mut rows = Vec::new();
    for persons in persons.chunks(rows_per_statement(1)) {
        let of = Entity::find()
            .filter(Column::Programme.eq(programme))
            .filter(Column::AwardYear.eq(award_year))
            .filter(Column::PersonId.is_in(persons.iter().copied()))
            .filter(Column::State.eq(PROPOSED));
        rows.extend(of.order_by_asc(Column::Id).all(conn).await?);
    }
    Ok(rows)
}

/// Decides a proposed recovery; its money stands in the books of `budget_year`. The person pays it
/// back, or the enterprise with the identity `liable`.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it is not proposed any more.
pub async fn claim(
    tx: &DatabaseTransaction,
    id: i64,
    budget_year: i64,
    liable: Option<i64>,
) -> Result<(), DbErr> {
    use entity::recovery::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value(CLAIMED))
        .col_expr(Column::ClaimYear, Expr::value(budget_year))
        .col_expr(Column::LiableEnterpriseId, Expr::value(liable))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(PROPOSED))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// Ends a decided recovery of which nothing is left.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it is not claimed.
pub async fn close(tx: &DatabaseTransaction, id: i64) -> Result<(), DbErr> {
    use entity::recovery::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value(CLOSED))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(CLAIMED))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// What is left of decided recoveries, by person and year.
///
/// # Errors
/// When the database fails.
pub async fn outstanding(
    conn: &impl ConnectionTrait,
    persons: &[i64],
) -> Result<Vec<(i64, i64, Fen)>, DbErr> {
    use entity::recovery::{Column, Entity};
    let mut claims = Vec::new();
    for persons in persons.chunks(rows_per_statement(1)) {
        let of = Entity::find()
            .filter(Column::PersonId.is_in(persons.iter().copied()))
            .filter(Column::State.eq(CLAIMED));
        claims.extend(of.all(conn).await?);
    }
    let ids: Vec<i64> = claims.iter().map(|claim| claim.id).collect();
    let accounts = accounts(conn, &ids).await?;
    let left = |claim: RecoveryRow| {
        let amount = Fen::new(claim.amount_fen);
        let left = accounts.get(&claim.id).map_or(amount, |account| account.outstanding(amount));
        (claim.person_id, claim.award_year, left)
    };
    Ok(claims.into_iter().map(left).collect())
}

/// The budget line in whose books a recovery stands, once it is decided.
pub fn budget_key(row: &RecoveryRow, budget_year: i64) -> BudgetKey {
    BudgetKey {
        programme: row.programme.clone(),
        source: row.source.clone(),
        payer_division: row.payer_division.clone(),
        budget_year,
    }
}

/// The decided recoveries of a year of a run of persons, those at their end as well, locked.
///
/// # Errors
/// When the database fails.
pub async fn lock_claims(
    tx: &DatabaseTransaction,
    (programme, award_year): (&str, i64),
    persons: std::ops::RangeInclusive<i64>,
) -> Result<Vec<(i64, Claim)>, DbErr> {
    use entity::recovery::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::Programme.eq(programme))
        .filter(Column::AwardYear.eq(award_year))
        .filter(Column::PersonId.between(*persons.start(), *persons.end()))
        .filter(Column::State.is_in([CLAIMED, CLOSED]))
        .order_by_asc(Column::Id)
        .lock(LockType::Update)
        .all(tx)
        .await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut accounts = accounts(tx, &ids).await?;
    let claim = |row: RecoveryRow| {
        let account = accounts.remove(&row.id).unwrap_or_default();
        let payer = Payer {
            source: Text::from(row.source.as_str()),
            division: Text::from(row.payer_division.as_str()),
        };
        let outstanding = account.outstanding(Fen::new(row.amount_fen));
        let waiting = account.waiting();
        let Account { back, given_up, .. } = account;
        (row.person_id, Claim { id: row.id, payer, outstanding, waiting, back, given_up })
    };
    Ok(rows.into_iter().map(claim).collect())
}
