//! Official numbers, allocated inside the transaction that uses them. Row ids are never shown.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, LockType, OnConflict};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect};

/// Gives out `count` consecutive numbers of a series; returns the first.
///
/// # Errors
/// When the database refuses.
pub async fn allocate(tx: &DatabaseTransaction, series: &str, count: i64) -> Result<i64, DbErr> {
    use entity::counter::{ActiveModel, Column, Entity};
    let fresh = ActiveModel { name: Set(series.to_owned()), value: Set(0) };
    Entity::insert(fresh)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    let counter = Entity::find_by_id(series.to_owned())
        .lock(LockType::Update)
        .one(tx)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound(series.to_owned()))?;
    Entity::update_many()
        .col_expr(Column::Value, Expr::col(Column::Value).add(count))
        .filter(Column::Name.eq(series))
        .exec(tx)
        .await?;
    Ok(counter.value + 1)
}
