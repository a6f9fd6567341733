//! By which master key this database is sealed.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryOrder, QuerySelect, Statement,
};

/// Columns with sealed values, and the place for which each is sealed: its name when it was made.
const SEALED: [(&str, &str); 8] = [
    ("person_document.number_cipher", "person_document.number_cipher"),
    ("person_contact.mobile_cipher", "person_contact.mobile_cipher"),
    ("bank_account.account_cipher", "bank_account.account_cipher"),
    ("account_filing.account_cipher", "enterprise_account_filing.account_cipher"),
    ("objection_file.objector_cipher", "objection_file.objector_cipher"),
    ("mail_preference.address_cipher", "mail_preference.address_cipher"),
    ("webhook_endpoint.secret_cipher", "webhook_endpoint.secret_cipher"),
    ("import.content", "import.content"),
];

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
    for (sealed, place) in SEALED {
        let Some((table, column)) = sealed.split_once('.') else { continue };
        // An empty one was never brought or is gone.
        let filled = format!("length({column}) > 0");
        let sql = format!("SELECT {column} AS sealed FROM \"{table}\" WHERE {filled} LIMIT 1");
        let backend = conn.get_database_backend();
        if let Some(row) = conn.query_one_raw(Statement::from_string(backend, sql)).await? {
            found.push((place, row.try_get("", "sealed")?));
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
