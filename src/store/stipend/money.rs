//! Payment lines and proposed recoveries, as far as computing a year concerns them.

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::OF_A_RUN;
use super::result::Year;
use crate::domain::adjustment::{Line, NewLine, NewRecovery, Payer, Recovery};
use crate::domain::determine::Text;
use crate::domain::money::Fen;
use crate::store::db::{insert_all, update_all};
use crate::store::number;

const PENDING: &str = "pending";
const PAYABLE: &str = "payable";
const VOID: &str = "void";
const PROPOSED: &str = "proposed";
const CANCELLED: &str = "cancelled";
const LINE_SERIES: &str = "payment_line";
const RECOVERY_SERIES: &str = "recovery";

fn payer(source: &str, division: &str) -> Payer {
    Payer { source: Text::from(source), division: Text::from(division) }
}

/// The live lines of a run of persons with whom each belongs to, locked: no batch can take or
/// release one before the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn lock_lines(
    tx: &DatabaseTransaction,
    year: Year<'_>,
    persons: RangeInclusive<i64>,
) -> Result<Vec<(i64, Line)>, DbErr> {
    use entity::payment_line::{Column, Entity};
    // Asking for the year here would lead SQLite to an index of the whole year's lines.
    let rows: Vec<LineRow> = Entity::find()
        .select_only()
        .columns([Column::PersonId, Column::Programme, Column::AwardYear, Column::Id])
        .columns([Column::Source, Column::PayerDivision, Column::ComponentNo])
        .columns([Column::AmountFen, Column::State])
        .filter(Column::PersonId.between(*persons.start(), *persons.end()))
        .filter(Column::State.ne(VOID))
        .order_by_asc(Column::Id)
        .lock(LockType::Update)
        .into_model()
        .all(tx)
        .await?;
    let of_year = |row: &LineRow| {
        row.programme == year.programme && row.award_year == i64::from(year.award_year)
    };
    let line = |row: LineRow| {
        let line = Line {
            id: row.id,
            payer: payer(&row.source, &row.payer_division),
            component_no: row.component_no,
            amount: Fen::new(row.amount_fen),
            is_frozen: ![PENDING, PAYABLE].contains(&row.state.as_str()),
        };
        (row.person_id, line)
    };
    Ok(rows.into_iter().filter(of_year).map(line).collect())
}

#[derive(FromQueryResult)]
struct LineRow {
    person_id: i64,
    programme: String,
    award_year: i64,
    id: i64,
    source: String,
    payer_division: String,
    component_no: i64,
    amount_fen: i64,
    state: String,
}

/// The proposed recoveries of a run of persons, locked.
///
/// # Errors
/// When the database fails.
pub async fn lock_recoveries(
    tx: &DatabaseTransaction,
    year: Year<'_>,
    persons: RangeInclusive<i64>,
) -> Result<Vec<(i64, Recovery)>, DbErr> {
    use entity::recovery::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::Programme.eq(year.programme))
        .filter(Column::AwardYear.eq(i64::from(year.award_year)))
        .filter(Column::PersonId.between(*persons.start(), *persons.end()))
        .filter(Column::State.eq(PROPOSED))
        .order_by_asc(Column::Id)
        .lock(LockType::Update)
        .all(tx)
        .await?;
    let recovery = |row: entity::recovery::Model| {
        let recovery = Recovery {
            id: row.id,
            payer: payer(&row.source, &row.payer_division),
            amount: Fen::new(row.amount_fen),
        };
        (row.person_id, recovery)
    };
    Ok(rows.into_iter().map(recovery).collect())
}

/// Voids lines that no batch holds.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when a batch took one.
pub async fn void_lines(
    tx: &DatabaseTransaction,
    ids: &[i64],
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::payment_line::{Column, Entity};
    let void = Entity::update_many()
        .col_expr(Column::State, Expr::value(VOID))
        .col_expr(Column::VoidedAt, Expr::value(at))
        .filter(Column::State.is_in([PENDING, PAYABLE]));
    update_all(tx, &void, Column::Id, ids).await
}

/// Whose line or recovery it is: the person and the version that grants it.
#[derive(Debug, Clone, Copy)]
pub struct Owner {
    /// Person.
    pub person_id: i64,
    /// Standing version.
    pub entitlement_id: i64,
}

/// Makes lines, pending until the file of the year is released; each gets the next official number.
///
/// # Errors
/// When a line would pass what the standing version grants.
pub async fn insert_lines(
    tx: &DatabaseTransaction,
    year: Year<'_>,
    rows: Vec<(Owner, NewLine)>,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::payment_line::ActiveModel;
    if rows.is_empty() {
        return Ok(());
    }
    let first = number::allocate(tx, LINE_SERIES, rows.len() as i64).await?;
    let row = |(number, (owner, new)): (i64, (Owner, NewLine))| ActiveModel {
        id: NotSet,
        line_no: Set(format!("L{number:08}")),
        person_id: Set(owner.person_id),
        programme: Set(year.programme.to_owned()),
        award_year: Set(year.award_year.into()),
        source: Set(new.payer.source.to_string()),
        payer_division: Set(new.payer.division.to_string()),
        component_no: Set(new.component_no),
        kind: Set(if new.component_no == 0 { "stipend" } else { "supplement" }.to_owned()),
        amount_fen: Set(new.amount.get()),
        entitlement_id: Set(owner.entitlement_id),
        state: Set(PENDING.to_owned()),
        recorded_at: Set(at),
        voided_at: Set(None),
        subject_no: Set(OF_A_RUN.to_owned()),
        payee_enterprise_id: Set(None),
    };
    insert_all(tx, (first..).zip(rows).map(row)).await
}

/// Cancels proposed recoveries.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when one is not proposed any more.
pub async fn cancel_recoveries(
    tx: &DatabaseTransaction,
    ids: &[i64],
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::recovery::{Column, Entity};
    let cancel = Entity::update_many()
        .col_expr(Column::State, Expr::value(CANCELLED))
        .col_expr(Column::CancelledAt, Expr::value(at))
        .filter(Column::State.eq(PROPOSED));
    update_all(tx, &cancel, Column::Id, ids).await
}

/// Proposes recoveries; each gets the next official number.
///
/// # Errors
/// When the database refuses.
pub async fn insert_recoveries(
    tx: &DatabaseTransaction,
    year: Year<'_>,
    rows: Vec<(Owner, NewRecovery)>,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::recovery::ActiveModel;
    if rows.is_empty() {
        return Ok(());
    }
    let first = number::allocate(tx, RECOVERY_SERIES, rows.len() as i64).await?;
    let row = |(number, (owner, new)): (i64, (Owner, NewRecovery))| ActiveModel {
        id: NotSet,
        recovery_no: Set(format!("ZH{number:06}")),
        person_id: Set(owner.person_id),
        programme: Set(year.programme.to_owned()),
        award_year: Set(year.award_year.into()),
        source: Set(new.payer.source.to_string()),
        payer_division: Set(new.payer.division.to_string()),
        amount_fen: Set(new.amount.get()),
        entitlement_id: Set(owner.entitlement_id),
        state: Set(PROPOSED.to_owned()),
        recorded_at: Set(at),
        cancelled_at: Set(None),
        claim_year: Set(None),
        liable_enterprise_id: Set(None),
    };
    insert_all(tx, (first..).zip(rows).map(row)).await
}
