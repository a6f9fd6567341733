//! Form submissions that already had their effect.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};

use super::db::expect_one_row;

/// Where a submission led; empty while it is still being worked on. `None` when it was never seen.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &impl ConnectionTrait, key_hash: &str) -> Result<Option<String>, DbErr> {
    use entity::idempotency_key::{Column, Entity};
    let found = Entity::find().filter(Column::KeyHash.eq(key_hash)).one(conn).await?;
    Ok(found.map(|row| row.location))
}

/// Takes a submission on, before its effect.
///
/// # Errors
/// A unique violation when the same submission was taken on at the same time.
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
        location: Set(String::new()),
        at: Set(at),
        ..Default::default()
    };
    entity::idempotency_key::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Notes where a submission led.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was not taken on.
pub async fn settle(tx: &DatabaseTransaction, key_hash: &str, location: &str) -> Result<(), DbErr> {
    use entity::idempotency_key::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::Location, Expr::value(location))
        .filter(Column::KeyHash.eq(key_hash))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// Gives up a submission that had no effect: it may be sent again.
///
/// # Errors
/// When the database fails.
pub async fn release(tx: &DatabaseTransaction, key_hash: &str) -> Result<(), DbErr> {
    use entity::idempotency_key::{Column, Entity};
    Entity::delete_many().filter(Column::KeyHash.eq(key_hash)).exec(tx).await?;
    Ok(())
}

/// Forgets submissions from before an instant; gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &DatabaseTransaction, before: DateTime<Utc>) -> Result<u64, DbErr> {
    use entity::idempotency_key::{Column, Entity};
    let gone = Entity::delete_many().filter(Column::At.lt(before)).exec(tx).await?;
    Ok(gone.rows_affected)
}
