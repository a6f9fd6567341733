//! The keys of the database, wrapped by the master key, and the columns with what they seal.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult,
    QueryFilter, QueryOrder, Statement, Value,
};

use super::db::{expect_one_row, query};
use crate::domain::registry::Code;
use crate::vault::{KeyPurpose, NewKey, Suite, WrappedKey, place};
use entity::data_key::{ActiveModel, Column, Entity};

pub use entity::data_key::Model as DataKey;

/// A column with sealed values.
#[derive(Debug, Clone, Copy)]
pub struct SealedColumn {
    /// Its table.
    pub table: &'static str,
    /// The key of the table.
    pub key: &'static str,
    /// The column.
    pub column: &'static str,
    /// The place for which its values are sealed.
    pub place: &'static str,
    /// How many of its values are held in memory at a time.
    pub piece: u64,
}

const fn column(table: &'static str, column: &'static str, place: &'static str) -> SealedColumn {
    SealedColumn { table, key: "id", column, place, piece: 500 }
}

/// Every column whose values stay: forms that were not sent in yet, and files, keep the key with
/// which they were sealed until they are gone.
pub const SEALED: [SealedColumn; 14] = [
    column("person_document", "number_cipher", place::DOCUMENT),
    column("person_contact", "mobile_cipher", place::MOBILE),
    column("bank_account", "account_cipher", place::ACCOUNT),
    column("account_filing", "account_cipher", place::ACCOUNT_FILING),
    column("objection_file", "objector_cipher", place::OBJECTOR),
    column("objection_file", "contact_cipher", place::OBJECTOR_CONTACT),
    column("tip", "informant_cipher", place::INFORMANT),
    column("tip", "contact_cipher", place::INFORMANT_CONTACT),
    column("second_factor", "secret_cipher", place::SECOND_FACTOR),
    column("account_request", "half_cipher", place::REQUEST_HALF),
    column("webhook_endpoint", "secret_cipher", place::WEBHOOK),
    column("mail_outbox", "address_cipher", place::MAIL),
    SealedColumn { key: "account_id", ..column("mail_preference", "address_cipher", place::MAIL) },
    // A whole upload each.
    SealedColumn { piece: 1, ..column("import", "content", place::UPLOAD) },
];

/// A key as it is kept.
pub fn row(key: NewKey, made_at: DateTime<Utc>) -> DataKey {
    DataKey {
        id: i64::from(key.id),
        purpose: key.purpose.code().to_owned(),
        suite: key.suite.code().to_owned(),
        is_first: key.is_first && key.purpose == KeyPurpose::Seal,
        wrapped: key.wrapped,
        made_at,
        starts_at: key.starts_at,
        resealed_at: None,
    }
}

/// A kept key as the vault takes it up; `None` for one that this program does not know.
pub fn wrapped(row: &DataKey) -> Option<WrappedKey> {
    Some(WrappedKey {
        id: u32::try_from(row.id).ok()?,
        purpose: KeyPurpose::from_code(&row.purpose)?,
        suite: Suite::from_code(&row.suite)?,
        is_first: row.is_first,
        wrapped: row.wrapped.clone(),
        starts_at: row.starts_at,
    })
}

/// All keys, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<DataKey>, DbErr> {
    Entity::find().order_by_asc(Column::Id).all(conn).await
}

/// Keeps keys; one whose number is taken is left out: another process came first.
///
/// # Errors
/// When the database refuses.
pub async fn keep(tx: &DatabaseTransaction, keys: Vec<DataKey>) -> Result<(), DbErr> {
    for key in keys {
        let row = ActiveModel {
            id: Set(key.id),
            purpose: Set(key.purpose),
            suite: Set(key.suite),
            is_first: Set(key.is_first),
            wrapped: Set(key.wrapped),
            made_at: Set(key.made_at),
            starts_at: Set(key.starts_at),
            resealed_at: Set(key.resealed_at),
        };
        Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Notes that every value is sealed by this key or a newer one.
///
/// # Errors
/// When the database refuses.
pub async fn note_resealed(
    tx: &DatabaseTransaction,
    id: i64,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::ResealedAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .filter(Column::ResealedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Puts another wrapping around a key.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it is not wrapped as it was.
pub async fn rewrap(
    tx: &DatabaseTransaction,
    key: &DataKey,
    wrapped: Vec<u8>,
) -> Result<(), DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::Wrapped, Expr::value(wrapped))
        .filter(Column::Id.eq(key.id))
        .filter(Column::Wrapped.eq(key.wrapped.clone()))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// A sealed value and the key of its row.
#[derive(Debug, Clone, FromQueryResult)]
pub struct SealedValue {
    /// Key of the row.
    pub id: i64,
    /// The value.
    pub sealed: Vec<u8>,
}

/// The next values of a column, those of rows after a key.
///
/// # Errors
/// When the database fails.
pub async fn sealed_after(
    conn: &impl ConnectionTrait,
    of: SealedColumn,
    after: i64,
) -> Result<Vec<SealedValue>, DbErr> {
    let SealedColumn { table, key, column, piece, .. } = of;
    // An empty one was never brought or is gone.
    let sql = format!(
        "SELECT {key} AS id, {column} AS sealed FROM \"{table}\" WHERE {key} > $1 \
         AND length({column}) > 0 ORDER BY {key} LIMIT {piece}"
    );
    query(conn, &sql, [Value::from(after)]).await
}

/// One value of a column; `None` when it has none.
///
/// # Errors
/// When the database fails.
pub async fn any_sealed(
    conn: &impl ConnectionTrait,
    of: SealedColumn,
) -> Result<Option<Vec<u8>>, DbErr> {
    let SealedColumn { table, column, .. } = of;
    let sql =
        format!("SELECT {column} AS sealed FROM \"{table}\" WHERE length({column}) > 0 LIMIT 1");
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let row = conn.query_one_raw(statement).await?;
    row.map(|row| row.try_get("", "sealed")).transpose()
}

/// Puts the same value, sealed anew, into its place; does nothing when it is another one by now.
///
/// # Errors
/// When the database refuses.
pub async fn replace(
    tx: &DatabaseTransaction,
    of: SealedColumn,
    was: SealedValue,
    sealed: Vec<u8>,
) -> Result<(), DbErr> {
    let SealedColumn { table, key, column, .. } = of;
    let sql = format!("UPDATE \"{table}\" SET {column} = $1 WHERE {key} = $2 AND {column} = $3");
    let values = [Value::from(sealed), Value::from(was.id), Value::from(was.sealed)];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    tx.execute_raw(statement).await?;
    Ok(())
}
