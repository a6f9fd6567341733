//! Windows in which files rest.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::db::{Verdict, decide as decide_proposal, expect_one_row};
use super::number;
use crate::domain::freeze::{FreezeReach, FreezeWindow};
use crate::domain::lifecycle::CaseKind;
use crate::domain::registry::Code;
use entity::freeze_window::{ActiveModel, Column, Entity};

pub use entity::freeze_window::Model as WindowRow;

/// Proposes a window; returns its official number.
///
/// # Errors
/// When the database refuses.
pub async fn propose(
    tx: &DatabaseTransaction,
    window: &FreezeWindow,
    (account, holder): (i64, i64),
    at: DateTime<Utc>,
) -> Result<String, DbErr> {
    let window_no = format!("FC{:05}", number::allocate(tx, "freeze_window", 1).await?);
    let kinds: Vec<&str> = window.kinds.iter().map(|kind| kind.code()).collect();
    let row = ActiveModel {
        window_no: Set(window_no.clone()),
        from_day: Set(window.from),
        through_day: Set(window.through),
        reason: Set(window.reason.clone()),
        kinds: Set(kinds.join(" ")),
        reach: Set(window.reach.code().to_owned()),
        limits_rest: Set(window.limits_rest),
        proposed_by: Set(account),
        proposed_holder: Set(holder),
        proposed_at: Set(at),
        note: Set(String::new()),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(window_no)
}

/// A row as what it says; a window that was lifted ends the day before.
///
/// # Errors
/// When a stored code is unknown.
pub fn window(row: &WindowRow) -> Result<FreezeWindow, DbErr> {
    let unknown = || DbErr::Custom(format!("window {}", row.window_no));
    let kinds: Option<Vec<CaseKind>> = row.kinds.split(' ').map(CaseKind::from_code).collect();
    let lifted = row.lifted_from.and_then(|day| day.pred_opt());
    Ok(FreezeWindow {
        from: row.from_day,
        through: lifted.map_or(row.through_day, |last| last.min(row.through_day)),
        reason: row.reason.clone(),
        kinds: kinds.ok_or_else(unknown)?,
        reach: FreezeReach::from_code(&row.reach).ok_or_else(unknown)?,
        limits_rest: row.limits_rest,
    })
}

/// All windows, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<WindowRow>, DbErr> {
    Entity::find().order_by_desc(Column::Id).all(conn).await
}

/// The accepted windows that end on `day` or later.
///
/// # Errors
/// When the database fails.
pub async fn ahead(
    conn: &impl ConnectionTrait,
    day: NaiveDate,
) -> Result<Vec<FreezeWindow>, DbErr> {
    let rows = Entity::find().filter(Column::Accepted.eq(true)).filter(Column::ThroughDay.gte(day));
    rows.order_by_asc(Column::FromDay).all(conn).await?.iter().map(window).collect()
}

/// The accepted windows in which limits stand still.
///
/// # Errors
/// When the database fails.
pub async fn resting(conn: &impl ConnectionTrait) -> Result<Vec<FreezeWindow>, DbErr> {
    let rows = Entity::find().filter(Column::Accepted.eq(true)).filter(Column::LimitsRest.eq(true));
    rows.order_by_asc(Column::Id).all(conn).await?.iter().map(window).collect()
}

/// A window by its number, locked.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &DatabaseTransaction, no: &str) -> Result<Option<WindowRow>, DbErr> {
    Entity::find().filter(Column::WindowNo.eq(no)).lock(LockType::Update).one(tx).await
}

/// Confirms a window or sends it back.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was decided before.
pub async fn decide(
    tx: &DatabaseTransaction,
    id: i64,
    (account, holder): (i64, i64),
    (accept, note): (bool, &str),
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let by = [(Column::DecidedBy, account.into()), (Column::DecidedHolder, holder.into())];
    decide_proposal::<Entity>(tx, id, by, Verdict { accepted: accept, note, at }).await
}

/// Ends a window before its time: from `day` on nothing rests.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was lifted before.
pub async fn lift(
    tx: &DatabaseTransaction,
    id: i64,
    account: i64,
    (day, at): (NaiveDate, DateTime<Utc>),
) -> Result<(), DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::LiftedBy, Expr::value(account))
        .col_expr(Column::LiftedAt, Expr::value(at))
        .col_expr(Column::LiftedFrom, Expr::value(day))
        .filter(Column::Id.eq(id))
        .filter(Column::LiftedAt.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}
