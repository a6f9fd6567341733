//! Templates of exports.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
};

use entity::export_template::{ActiveModel, Column, Entity};

pub use entity::export_template::Model as Template;

/// The templates of an account, by name.
///
/// # Errors
/// When the database fails.
pub async fn of_account(
    conn: &impl ConnectionTrait,
    account_id: i64,
) -> Result<Vec<Template>, DbErr> {
    let own = Entity::find().filter(Column::AccountId.eq(account_id));
    own.order_by_asc(Column::Name).all(conn).await
}

/// One template of an account.
///
/// # Errors
/// When the database fails.
pub async fn by_id(
    conn: &impl ConnectionTrait,
    account_id: i64,
    id: i64,
) -> Result<Option<Template>, DbErr> {
    Entity::find_by_id(id).filter(Column::AccountId.eq(account_id)).one(conn).await
}

/// Keeps list and criteria under a name; one of the same name is replaced.
///
/// # Errors
/// When the database refuses.
pub async fn keep(
    tx: &DatabaseTransaction,
    account_id: i64,
    (name, list, criteria): (&str, &str, String),
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let same = Entity::delete_many().filter(Column::AccountId.eq(account_id));
    same.filter(Column::Name.eq(name)).exec(tx).await?;
    let row = ActiveModel {
        account_id: Set(account_id),
        name: Set(name.to_owned()),
        list: Set(list.to_owned()),
        criteria: Set(criteria),
        saved_at: Set(at),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Drops a template of an account; whether there was one.
///
/// # Errors
/// When the database refuses.
pub async fn forget(tx: &DatabaseTransaction, account_id: i64, id: i64) -> Result<bool, DbErr> {
    let own = Entity::delete_many().filter(Column::AccountId.eq(account_id));
    Ok(own.filter(Column::Id.eq(id)).exec(tx).await?.rows_affected == 1)
}
