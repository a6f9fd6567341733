//! By which master key this database is sealed.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryOrder, QuerySelect};

use super::data_key::{SEALED, any_sealed};

/// A value that the key of this database gives and no other; `None` before there is one.
///
/// # Errors
/// When the database fails.
pub async fn known(conn: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
    use entity::key_check::{Column, Entity};
    let newest = Entity::find().select_only().column(Column::Value).order_by_desc(Column::Id);
    newest.into_tuple().one(conn).await
}

/// Records the value of the first key. Does nothing when there is one already.
///
/// # Errors
/// When the database refuses.
pub async fn record_first(
    tx: &DatabaseTransaction,
    value: &str,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = entity::key_check::ActiveModel {
        id: Set(1),
        value: Set(value.to_owned()),
        recorded_at: Set(at),
    };
    entity::key_check::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// One sealed value of each column that has any, with the place for which it is sealed.
///
/// # Errors
/// When the database fails.
pub async fn sealed(conn: &impl ConnectionTrait) -> Result<Vec<(&'static str, Vec<u8>)>, DbErr> {
    let mut found = Vec::new();
    for column in SEALED {
        if let Some(value) = any_sealed(conn, column).await? {
            found.push((column.place, value));
        }
    }
    Ok(found)
}

/// Whether the database must be opened with the key it has been opened with before.
///
/// # Errors
/// When the database fails.
pub async fn is_bound(conn: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(known(conn).await?.is_some() || !sealed(conn).await?.is_empty())
}
