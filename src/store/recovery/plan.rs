//! Plans by which recoveries are repaid.

use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
};

use crate::domain::instalment::Instalment;
use crate::domain::money::Fen;
use crate::store::db::insert_all;
use entity::recovery_instalment::{ActiveModel, Column, Entity};

/// The plan that holds: the one agreed last, in order of days; empty without one.
///
/// # Errors
/// When the database fails.
pub async fn plan(conn: &impl ConnectionTrait, recovery_id: i64) -> Result<Vec<Instalment>, DbErr> {
    let rows = of(conn, recovery_id).await?;
    let last = rows.iter().map(|row| row.plan_no).max();
    let held = rows.into_iter().filter(|row| Some(row.plan_no) == last);
    let part = |row: entity::recovery_instalment::Model| Instalment {
        due_on: row.due_on,
        amount: Fen::new(row.amount_fen),
    };
    Ok(held.map(part).collect())
}

async fn of(
    conn: &impl ConnectionTrait,
    recovery_id: i64,
) -> Result<Vec<entity::recovery_instalment::Model>, DbErr> {
    let rows = Entity::find().filter(Column::RecoveryId.eq(recovery_id));
    rows.order_by_asc(Column::DueOn).all(conn).await
}

/// Agrees a plan, which takes the place of the one before.
///
/// # Errors
/// When the database refuses.
pub async fn agree(
    tx: &DatabaseTransaction,
    recovery_id: i64,
    plan: &[Instalment],
) -> Result<(), DbErr> {
    let before = of(tx, recovery_id).await?.iter().map(|row| row.plan_no).max();
    let row = |part: &Instalment| ActiveModel {
        recovery_id: Set(recovery_id),
        plan_no: Set(before.unwrap_or(0) + 1),
        due_on: Set(part.due_on),
        amount_fen: Set(part.amount.get()),
        ..Default::default()
    };
    insert_all(tx, plan.iter().map(row)).await
}
