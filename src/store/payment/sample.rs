//! Payments that the checker compares with the papers.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::NotSet;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult, IntoActiveModel,
};

use super::{Batch, query};
use crate::store::db::insert_all;

use entity::batch_sample::ActiveModel;

pub use entity::batch_sample::Model as SampleRow;

#[derive(Debug, FromQueryResult)]
struct Position {
    seq: i64,
}

/// The positions of the payments whose account replaced another one of the person at `since` or
/// later, ascending.
///
/// # Errors
/// When the database fails.
pub async fn changed_accounts(
    conn: &impl ConnectionTrait,
    batch: &Batch,
    since: DateTime<Utc>,
) -> Result<Vec<i64>, DbErr> {
    let sql = "SELECT l.seq FROM batch_line l JOIN bank_account a ON a.id = l.bank_account_id \
        WHERE l.batch_id = $1 AND l.revision = $2 AND a.recorded_at >= $3 AND EXISTS ( \
            SELECT 1 FROM bank_account b WHERE b.id < a.id \
              AND (b.person_id = a.person_id OR b.enterprise_id = a.enterprise_id) \
              AND b.account_index <> a.account_index) \
        ORDER BY l.seq";
    let rows: Vec<Position> =
        query(conn, sql, [batch.id.into(), batch.revision.into(), since.into()]).await?;
    Ok(rows.into_iter().map(|row| row.seq).collect())
}

/// Where the account of a payment comes from.
#[derive(Debug, Clone, FromQueryResult)]
pub struct AccountOrigin {
    /// Position.
    pub seq: i64,
    /// Keyed hash of the account number.
    pub account_index: String,
    /// Sealed account number.
    pub account_cipher: Vec<u8>,
    /// Bank code.
    pub cnaps: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Name of who recorded it.
    pub recorder: String,
    /// The document behind it.
    pub source: String,
    /// Its number; may be empty.
    pub document_no: String,
}

/// Where the accounts of these payments of the current revision come from, by position.
///
/// # Errors
/// When the database fails.
pub async fn account_origins(
    conn: &impl ConnectionTrait,
    batch: &Batch,
    positions: &[i64],
) -> Result<Vec<AccountOrigin>, DbErr> {
    let listed: Vec<String> = positions.iter().map(i64::to_string).collect();
    let sql = format!(
        "SELECT l.seq, a.account_index, a.account_cipher, a.cnaps, a.recorded_at, \
            h.name AS recorder, s.title AS source, s.document_no \
         FROM batch_line l JOIN bank_account a ON a.id = l.bank_account_id \
         JOIN account k ON k.id = a.recorded_by JOIN account_holder h ON h.id = k.holder_id \
         JOIN source_document s ON s.id = a.source_id \
         WHERE l.batch_id = $1 AND l.revision = $2 AND l.seq IN ({}) ORDER BY l.seq",
        if listed.is_empty() { "0".to_owned() } else { listed.join(", ") }
    );
    query(conn, &sql, [batch.id.into(), batch.revision.into()]).await
}

/// Keeps what a checker found; the identity of each row is given by the database.
///
/// # Errors
/// When a payment of the revision was looked at before.
pub async fn add_samples(tx: &DatabaseTransaction, rows: Vec<SampleRow>) -> Result<(), DbErr> {
    let active = |row: SampleRow| {
        let mut row = row.into_active_model().reset_all();
        row.id = NotSet;
        row
    };
    let rows: Vec<ActiveModel> = rows.into_iter().map(active).collect();
    insert_all(tx, rows).await
}

/// A payment that a checker looked at.
#[derive(Debug, Clone, FromQueryResult)]
pub struct SampledLine {
    /// Revision of the batch.
    pub revision: i64,
    /// Position in it.
    pub seq: i64,
    /// Name of the payee as frozen.
    pub payee_name: String,
    /// Why it was looked at.
    pub reason: String,
    /// What was found.
    pub finding: String,
    /// What differs.
    pub note: String,
    /// Name of the checker.
    pub checker: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// What checkers found in a batch, the last revision first.
///
/// # Errors
/// When the database fails.
pub async fn samples(
    conn: &impl ConnectionTrait,
    batch_id: i64,
) -> Result<Vec<SampledLine>, DbErr> {
    let sql = "SELECT s.revision, s.seq, l.payee_name, s.reason, s.finding, s.note, \
            h.name AS checker, s.at \
        FROM batch_sample s JOIN batch_line l \
            ON l.batch_id = s.batch_id AND l.revision = s.revision AND l.seq = s.seq \
        JOIN account_holder h ON h.id = s.holder_id \
        WHERE s.batch_id = $1 ORDER BY s.revision DESC, s.seq";
    query(conn, sql, [batch_id.into()]).await
}
