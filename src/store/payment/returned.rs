//! What banks sent back.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Value,
};

use super::{BankReturn, BankReturnRow, Batch, BatchLine, execute, number, query};
use crate::domain::money::Fen;
use crate::domain::payment::{BankWord, Disposition, ReturnedRow, Verdict};
use crate::domain::registry::Code;
use crate::store::db::{expect_one_row, insert_all};

/// A return file to store.
#[derive(Debug, Clone)]
pub struct NewReturn<'a> {
    /// Official number.
    pub return_no: &'a str,
    /// Batch it was loaded for.
    pub batch_id: i64,
    /// Name of the file as uploaded.
    pub file_name: &'a str,
    /// SHA-256 of its bytes.
    pub sha256: &'a str,
    /// The bank's own number of it; empty when unknown.
    pub bank_no: &'a str,
    /// Natural person who loaded it.
    pub loaded_by: i64,
    /// When.
    pub loaded_at: DateTime<Utc>,
}

/// The return file with these bytes.
///
/// # Errors
/// When the database fails.
pub async fn by_sha(
    conn: &impl ConnectionTrait,
    sha256: &str,
) -> Result<Option<BankReturn>, DbErr> {
    entity::bank_return::Entity::find()
        .filter(entity::bank_return::Column::Sha256.eq(sha256))
        .one(conn)
        .await
}

/// The return file of a batch to which the bank gave this number.
///
/// # Errors
/// When the database fails.
pub async fn by_bank_no(
    conn: &impl ConnectionTrait,
    batch_id: i64,
    bank_no: &str,
) -> Result<Option<BankReturn>, DbErr> {
    use entity::bank_return::Column;
    entity::bank_return::Entity::find()
        .filter(Column::BatchId.eq(batch_id))
        .filter(Column::BankNo.eq(bank_no))
        .one(conn)
        .await
}

/// The return file with this number.
///
/// # Errors
/// When the database fails.
pub async fn find_return(
    conn: &impl ConnectionTrait,
    return_no: &str,
) -> Result<Option<BankReturn>, DbErr> {
    entity::bank_return::Entity::find()
        .filter(entity::bank_return::Column::ReturnNo.eq(return_no))
        .one(conn)
        .await
}

/// The return file, locked for the rest of the transaction.
///
/// # Errors
/// When there is none.
pub async fn lock_return(tx: &DatabaseTransaction, id: i64) -> Result<BankReturn, DbErr> {
    entity::bank_return::Entity::find_by_id(id)
        .lock(LockType::Update)
        .one(tx)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("bank return".to_owned()))
}

/// Stores a return file with its rows, whose accounts are keyed hashes by now, and what each of them
/// would do.
///
/// # Errors
/// When these bytes are stored already, or the batch has a file with the bank's number.
pub async fn insert_return(
    tx: &DatabaseTransaction,
    new: &NewReturn<'_>,
    rows: &[(ReturnedRow, Verdict)],
) -> Result<(), DbErr> {
    let head = entity::bank_return::ActiveModel {
        return_no: Set(new.return_no.to_owned()),
        batch_id: Set(new.batch_id),
        file_name: Set(new.file_name.to_owned()),
        sha256: Set(new.sha256.to_owned()),
        bank_no: Set(new.bank_no.to_owned()),
        loaded_by: Set(new.loaded_by),
        loaded_at: Set(new.loaded_at),
        ..Default::default()
    };
    let return_id = entity::bank_return::Entity::insert(head).exec(tx).await?.last_insert_id;
    let rows: Vec<_> = rows
        .iter()
        .map(|(row, verdict)| entity::bank_return_row::ActiveModel {
            return_id: Set(return_id),
            row_no: Set(row.row_no),
            line_ref: Set(row.line_ref.clone()),
            status: Set(row.word.code().to_owned()),
            paid_fen: Set(row.paid.get()),
            bank_serial: Set(row.bank_serial.clone()),
            paid_at: Set(row.paid_at),
            reason_code: Set(row.reason_code.clone()),
            reason_text: Set(row.reason_text.clone()),
            disposition: Set(verdict.disposition().code().to_owned()),
            query: Set(question(verdict).to_owned()),
            batch_line_id: Set(verdict.line()),
            resolution: Set(String::new()),
            resolved_by: Set(None),
            resolved_at: Set(None),
            payee_name: Set(row.payee.name.clone()),
            account_index: Set(row.payee.account.clone()),
            query_class: Set(class(verdict).unwrap_or_default().to_owned()),
            ..Default::default()
        })
        .collect();
    insert_all(tx, rows).await
}

fn question(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Query(_, text) => text,
        _ => "",
    }
}

fn class(verdict: &Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Query(class, _) => Some(class.code()),
        _ => None,
    }
}

/// The rows of a return file, in order.
///
/// # Errors
/// When the database fails.
pub async fn rows_of(
    conn: &impl ConnectionTrait,
    return_id: i64,
) -> Result<Vec<BankReturnRow>, DbErr> {
    entity::bank_return_row::Entity::find()
        .filter(entity::bank_return_row::Column::ReturnId.eq(return_id))
        .order_by_asc(entity::bank_return_row::Column::RowNo)
        .all(conn)
        .await
}

/// A row and the return file it is in.
///
/// # Errors
/// When the database fails.
pub async fn return_row(
    conn: &impl ConnectionTrait,
    row_id: i64,
) -> Result<Option<(BankReturnRow, BankReturn)>, DbErr> {
    let Some(row) = entity::bank_return_row::Entity::find_by_id(row_id).one(conn).await? else {
        return Ok(None);
    };
    let file = entity::bank_return::Entity::find_by_id(row.return_id).one(conn).await?;
    Ok(file.map(|file| (row, file)))
}

/// Notes that a row does something else than before.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when there is no such row.
pub async fn set_disposition(
    tx: &DatabaseTransaction,
    row_id: i64,
    verdict: &Verdict,
) -> Result<(), DbErr> {
    use entity::bank_return_row::{Column, Entity};
    let update = Entity::update_many();
    // A row that is explained keeps the class of what was asked.
    let update = match class(verdict) {
        Some(class) => update.col_expr(Column::QueryClass, Expr::value(class)),
        None => update,
    };
    let done = update
        .col_expr(Column::Disposition, Expr::value(verdict.disposition().code()))
        .col_expr(Column::Query, Expr::value(question(verdict)))
        .col_expr(Column::BatchLineId, Expr::value(verdict.line()))
        .filter(Column::Id.eq(row_id))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// The lines that a batch ever sent or held under one of its references, by position.
///
/// # Errors
/// When the database fails.
pub async fn known_lines(
    conn: &impl ConnectionTrait,
    batch_id: i64,
) -> Result<Vec<BatchLine>, DbErr> {
    entity::batch_line::Entity::find()
        .filter(entity::batch_line::Column::BatchId.eq(batch_id))
        .order_by_asc(entity::batch_line::Column::Revision)
        .order_by_asc(entity::batch_line::Column::Seq)
        .all(conn)
        .await
}

/// The keyed hashes of the accounts to which the lines of a batch were sent, by batch line.
///
/// # Errors
/// When the database fails.
pub async fn account_indexes(
    conn: &impl ConnectionTrait,
    batch_id: i64,
) -> Result<HashMap<i64, String>, DbErr> {
    let sql = "SELECT b.id, a.account_index FROM batch_line b \
               JOIN bank_account a ON a.id = b.bank_account_id WHERE b.batch_id = $1";
    let rows: Vec<SentTo> = query(conn, sql, [batch_id.into()]).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.account_index)).collect())
}

#[derive(Debug, FromQueryResult)]
struct SentTo {
    id: i64,
    account_index: String,
}

#[derive(Debug, FromQueryResult)]
struct Owner {
    line_ref: String,
    batch_id: i64,
}

/// Which of these references exist, with the batch each belongs to.
///
/// # Errors
/// When the database fails.
pub async fn line_owner(
    conn: &impl ConnectionTrait,
    line_refs: &[&str],
) -> Result<Vec<(String, i64)>, DbErr> {
    use entity::batch_line::{Column, Entity};
    let mut found = Vec::new();
    for chunk in line_refs.chunks(500) {
        let rows = Entity::find()
            .select_only()
            .columns([Column::LineRef, Column::BatchId])
            .filter(Column::LineRef.is_in(chunk.iter().copied()))
            .into_model::<Owner>()
            .all(conn)
            .await?;
        found.extend(rows.into_iter().map(|row| (row.line_ref, row.batch_id)));
    }
    Ok(found)
}

/// Lets the matched rows of a return file take effect, or only the row `only`. Paid lines are
/// settled and their money paid; failed and sent back lines end and their money is payable again.
/// Returns how many lines were (settled, failed).
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when a line is no longer in the state that the rows were judged by.
pub async fn apply_to_lines(
    tx: &DatabaseTransaction,
    return_id: i64,
    only: Option<i64>,
) -> Result<(u64, u64), DbErr> {
    let rows = "FROM bank_return_row r WHERE r.return_id = $1 AND (r.id = $2 OR $2 = 0) \
                AND r.disposition = 'matched'";
    let values = || -> [Value; 2] { [return_id.into(), only.unwrap_or(0).into()] };
    let line_ids = |words: &str| {
        format!(
            "id IN (SELECT l.payment_line_id FROM bank_return_row r \
             JOIN batch_line l ON l.id = r.batch_line_id WHERE r.return_id = $1 \
             AND (r.id = $2 OR $2 = 0) AND r.disposition = 'matched' AND r.status IN ({words}))"
        )
    };
    let pay = format!(
        "UPDATE payment_line SET state = 'paid' WHERE state = 'in_batch' AND {}",
        line_ids("'S'")
    );
    let paid = execute(tx, &pay, values()).await?;
    let free = format!(
        "UPDATE payment_line SET state = 'payable' WHERE state IN ('in_batch', 'paid') AND {}",
        line_ids("'F', 'R'")
    );
    let freed = execute(tx, &free, values()).await?;
    let settle = format!(
        "UPDATE batch_line SET outcome = 'settled', bank_serial = r.bank_serial, \
         paid_at = r.paid_at {rows} AND r.status = 'S' AND r.batch_line_id = batch_line.id \
         AND batch_line.outcome = 'pending'"
    );
    let settled = execute(tx, &settle, values()).await?;
    // A line that was paid keeps its serial number and time: they tell a return from a failure.
    let fail = format!(
        "UPDATE batch_line SET live = FALSE, outcome = 'failed', \
         reason_code = r.reason_code, reason_text = r.reason_text, \
         bank_serial = CASE WHEN batch_line.bank_serial = '' THEN r.bank_serial \
                       ELSE batch_line.bank_serial END, \
         paid_at = CASE WHEN r.status = 'R' THEN \
                   COALESCE(batch_line.paid_at, r.paid_at, $3) END \
         {rows} AND r.status IN ('F', 'R') AND r.batch_line_id = batch_line.id \
         AND batch_line.outcome IN ('pending', 'settled')"
    );
    let now = loaded_at(tx, return_id).await?;
    let with_time: Vec<Value> = values().into_iter().chain([now.into()]).collect();
    let failed = execute(tx, &fail, with_time).await?;
    let matched = number(tx, &format!("SELECT COUNT(*) AS number {rows}"), values()).await?;
    let consistent = paid == settled && freed == failed;
    if consistent && i64::try_from(settled + failed) == Ok(matched) {
        Ok((settled, failed))
    } else {
        Err(DbErr::RecordNotUpdated)
    }
}

/// What matched rows of a return file say about lines, summed over those of one instant.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    /// What the bank says.
    pub word: BankWord,
    /// Whether the lines were paid before.
    pub was_paid: bool,
    /// When the bank paid, or sent the money back.
    pub paid_at: Option<DateTime<Utc>>,
    /// Sum of the lines.
    pub amount: Fen,
}

#[derive(Debug, FromQueryResult)]
struct AnswerRow {
    status: String,
    outcome: String,
    paid_at: Option<DateTime<Utc>>,
    fen: i64,
}

/// What the matched rows of a return file, or `only` one of them, are going to do to lines.
///
/// # Errors
/// When the database fails.
pub async fn answers(
    tx: &DatabaseTransaction,
    return_id: i64,
    only: Option<i64>,
) -> Result<Vec<Answer>, DbErr> {
    let sql = "SELECT r.status, l.outcome, r.paid_at, CAST(SUM(l.amount_fen) AS BIGINT) AS fen \
               FROM bank_return_row r JOIN batch_line l ON l.id = r.batch_line_id \
               WHERE r.return_id = $1 AND (r.id = $2 OR $2 = 0) AND r.disposition = 'matched' \
               GROUP BY r.status, l.outcome, r.paid_at ORDER BY r.status DESC, r.paid_at";
    let rows: Vec<AnswerRow> = query(tx, sql, [return_id.into(), only.unwrap_or(0).into()]).await?;
    let read = |row: AnswerRow| {
        let word = BankWord::from_code(&row.status)
            .ok_or_else(|| DbErr::Custom(format!("unknown word of a bank {}", row.status)))?;
        let was_paid = row.outcome == "settled";
        Ok(Answer { word, was_paid, paid_at: row.paid_at, amount: Fen::new(row.fen) })
    };
    rows.into_iter().map(read).collect()
}

async fn loaded_at(tx: &DatabaseTransaction, return_id: i64) -> Result<DateTime<Utc>, DbErr> {
    let file = entity::bank_return::Entity::find_by_id(return_id).one(tx).await?;
    file.map(|file| file.loaded_at).ok_or_else(|| DbErr::RecordNotFound("bank return".to_owned()))
}

/// Confirms a return file.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it is confirmed already.
pub async fn confirm(
    tx: &DatabaseTransaction,
    return_id: i64,
    holder_id: i64,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::bank_return::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::ConfirmedBy, Expr::value(holder_id))
        .col_expr(Column::ConfirmedAt, Expr::value(at))
        .filter(Column::Id.eq(return_id))
        .filter(Column::ConfirmedBy.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// Notes how a row in suspense was resolved.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it is resolved already.
pub async fn resolve(
    tx: &DatabaseTransaction,
    row_id: i64,
    resolution: &str,
    holder_id: i64,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::bank_return_row::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::Resolution, Expr::value(resolution))
        .col_expr(Column::ResolvedBy, Expr::value(holder_id))
        .col_expr(Column::ResolvedAt, Expr::value(at))
        .filter(Column::Id.eq(row_id))
        .filter(Column::ResolvedBy.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// How many rows of a batch's confirmed or unconfirmed returns are in suspense and unresolved.
///
/// # Errors
/// When the database fails.
pub async fn open_questions(conn: &impl ConnectionTrait, batch_id: i64) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(*) AS number FROM bank_return_row r \
               JOIN bank_return f ON f.id = r.return_id \
               WHERE f.batch_id = $1 AND r.disposition = $2 AND r.resolved_by IS NULL";
    number(conn, sql, [batch_id.into(), Disposition::Suspense.code().into()]).await
}

/// How many return files of a batch wait to be confirmed.
///
/// # Errors
/// When the database fails.
pub async fn unconfirmed(conn: &impl ConnectionTrait, batch_id: i64) -> Result<u64, DbErr> {
    entity::bank_return::Entity::find()
        .filter(entity::bank_return::Column::BatchId.eq(batch_id))
        .filter(entity::bank_return::Column::ConfirmedBy.is_null())
        .count(conn)
        .await
}

/// The equation of a sent batch: sent = settled + failed + pending.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Paid: lines.
    pub settled_lines: i64,
    /// Paid: amount.
    pub settled: Fen,
    /// Failed or sent back: lines.
    pub failed_lines: i64,
    /// Failed or sent back: amount.
    pub failed: Fen,
    /// No answer yet: lines.
    pub pending_lines: i64,
    /// No answer yet: amount.
    pub pending: Fen,
}

#[derive(Debug, FromQueryResult)]
struct Sum {
    outcome: String,
    lines: i64,
    fen: i64,
}

/// What became of the lines of the current revision.
///
/// # Errors
/// When the database fails.
pub async fn sums(conn: &impl ConnectionTrait, batch: &Batch) -> Result<Sums, DbErr> {
    let sql = "SELECT outcome, COUNT(*) AS lines, CAST(SUM(amount_fen) AS BIGINT) AS fen \
               FROM batch_line WHERE batch_id = $1 AND revision = $2 GROUP BY outcome";
    let mut sums = Sums::default();
    for row in query::<Sum>(conn, sql, [batch.id.into(), batch.revision.into()]).await? {
        let amount = Fen::new(row.fen);
        match row.outcome.as_str() {
            "settled" => (sums.settled_lines, sums.settled) = (row.lines, amount),
            "failed" => (sums.failed_lines, sums.failed) = (row.lines, amount),
            "pending" => (sums.pending_lines, sums.pending) = (row.lines, amount),
            _ => {}
        }
    }
    Ok(sums)
}
