//! Filters that people keep.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
};

use super::db::expect_one_row;

pub use entity::saved_filter::Model as SavedFilter;

/// The filters of an account, by name.
///
/// # Errors
/// When the database fails.
pub async fn of_account(
    conn: &impl ConnectionTrait,
    account_id: i64,
) -> Result<Vec<SavedFilter>, DbErr> {
    use entity::saved_filter::{Column, Entity};
    Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .order_by_asc(Column::Name)
        .all(conn)
        .await
}

/// Keeps a filter under a name; one of the same name is replaced.
///
/// # Errors
/// When the database refuses.
pub async fn keep(
    tx: &DatabaseTransaction,
    account_id: i64,
    (name, conditions): (&str, &str),
    at: DateTime<Utc>,
) -> Result<i64, DbErr> {
    use entity::saved_filter::{ActiveModel, Column, Entity};
    Entity::delete_many()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::Name.eq(name))
        .exec(tx)
        .await?;
    let row = ActiveModel {
        account_id: Set(account_id),
        name: Set(name.to_owned()),
        conditions: Set(conditions.to_owned()),
        is_default: Set(false),
        saved_at: Set(at),
        ..Default::default()
    };
    Ok(Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// Makes one of the account's filters the one that the list opens with, or none.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when the account has no such filter.
pub async fn set_default(
    tx: &DatabaseTransaction,
    account_id: i64,
    id: Option<i64>,
) -> Result<(), DbErr> {
    use entity::saved_filter::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::IsDefault, Expr::value(false))
        .filter(Column::AccountId.eq(account_id))
        .exec(tx)
        .await?;
    let Some(id) = id else { return Ok(()) };
    let done = Entity::update_many()
        .col_expr(Column::IsDefault, Expr::value(true))
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// Drops one of the account's filters.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when the account has no such filter.
pub async fn forget(tx: &DatabaseTransaction, account_id: i64, id: i64) -> Result<(), DbErr> {
    use entity::saved_filter::{Column, Entity};
    let done = Entity::delete_many()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}
