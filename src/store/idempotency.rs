//! What was answered under a key: to a form that is sent twice, to a machine that asks again.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};

use super::db::expect_one_row;

pub use entity::idempotency_key::Model as Answer;

/// What was answered under a key, if it was ever used; without a status it is under way.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &impl ConnectionTrait, key_hash: &str) -> Result<Option<Answer>, DbErr> {
    use entity::idempotency_key::{Column, Entity};
    Entity::find().filter(Column::KeyHash.eq(key_hash)).one(conn).await
}

/// Takes a key, before the effect.
///
/// # Errors
/// A unique violation when it is taken already.
pub async fn claim(
    tx: &DatabaseTransaction,
    key_hash: &str,
    account_id: i64,
    fingerprint: &str,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = entity::idempotency_key::ActiveModel {
        key_hash: Set(key_hash.to_owned()),
        account_id: Set(account_id),
        fingerprint: Set(fingerprint.to_owned()),
        status: Set(None),
        body: Set(String::new()),
        at: Set(at),
        ..Default::default()
    };
    entity::idempotency_key::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Keeps what was answered: a status and its body, or where a form led.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when the key was not taken.
pub async fn settle(
    tx: &DatabaseTransaction,
    key_hash: &str,
    status: i64,
    body: &str,
) -> Result<(), DbErr> {
    use entity::idempotency_key::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::Status, Expr::value(status))
        .col_expr(Column::Body, Expr::value(body))
        .filter(Column::KeyHash.eq(key_hash))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// Gives a key back: nothing was done under it.
///
/// # Errors
/// When the database fails.
pub async fn release(tx: &DatabaseTransaction, key_hash: &str) -> Result<(), DbErr> {
    use entity::idempotency_key::{Column, Entity};
    Entity::delete_many().filter(Column::KeyHash.eq(key_hash)).exec(tx).await?;
    Ok(())
}

/// Forgets keys from before an instant; gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &DatabaseTransaction, before: DateTime<Utc>) -> Result<u64, DbErr> {
    use entity::idempotency_key::{Column, Entity};
    let gone = Entity::delete_many().filter(Column::At.lt(before)).exec(tx).await?;
    Ok(gone.rows_affected)
}
