//! Return files and money in suspense, as the pages read them.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::statement;

/// A loaded return file.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Return {
    /// Identity, for its rows.
    pub id: i64,
    /// Official number.
    pub return_no: String,
    /// Name of the file.
    pub file_name: String,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// The bank's own number of it; empty when unknown.
    pub bank_no: String,
    /// Who loaded it: natural person.
    pub loaded_by: i64,
    /// That person's name.
    pub loader: String,
    /// When.
    pub loaded_at: DateTime<Utc>,
    /// Name of who confirmed it.
    pub confirmer: Option<String>,
    /// When.
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// The return files of a batch, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn returns(conn: &impl ConnectionTrait, batch_id: i64) -> Result<Vec<Return>, DbErr> {
    let sql =
        "SELECT r.id, r.return_no, r.file_name, r.sha256, r.bank_no, r.loaded_by, l.name AS loader,
                      r.loaded_at, c.name AS confirmer, r.confirmed_at
               FROM bank_return r
               JOIN account_holder l ON l.id = r.loaded_by
               LEFT JOIN account_holder c ON c.id = r.confirmed_by
               WHERE r.batch_id = $1 ORDER BY r.id";
    Return::find_by_statement(statement(conn, sql, vec![batch_id.into()])).all(conn).await
}

/// A row of a return file beside the payment it speaks of.
#[derive(Debug, Clone, FromQueryResult)]
pub struct ReturnedRow {
    /// Identity of the row.
    pub id: i64,
    /// Return file.
    pub return_id: i64,
    /// Row of the file, counted as the file counts.
    pub row_no: i64,
    /// What the bank calls the payment.
    pub line_ref: String,
    /// `S`, `F` or `R`.
    pub status: String,
    /// Fen.
    pub paid_fen: i64,
    /// What the bank said.
    pub reason_text: String,
    /// `matched`, `repeated` or `suspense`.
    pub disposition: String,
    /// Why it is in suspense.
    pub query: String,
    /// What somebody found out about it; empty while nobody did.
    pub resolution: String,
    /// Position of the payment in the batch.
    pub seq: Option<i64>,
    /// Payee of the payment.
    pub payee_name: Option<String>,
}

/// A page of the rows of a batch's return files that are not plain successes: failed, repeated
/// and unexplained ones, by file and row.
///
/// # Errors
/// When the database fails.
pub async fn notable_return_rows(
    conn: &impl ConnectionTrait,
    batch_id: i64,
    limit: i64,
) -> Result<Vec<ReturnedRow>, DbErr> {
    let sql = "SELECT w.id, w.return_id, w.row_no, w.line_ref, w.status, w.paid_fen,
                      w.reason_text, w.disposition, w.query, w.query_class, w.resolution,l.seq, l.payee_name
               FROM bank_return_row w
               JOIN bank_return r ON r.id = w.return_id
               LEFT JOIN batch_line l ON l.id = w.batch_line_id
               WHERE r.batch_id = $1 AND (w.status <> 'S' OR w.disposition <> 'matched')
               ORDER BY w.return_id, w.row_no LIMIT $2";
    let values = vec![batch_id.into(), limit.into()];
    ReturnedRow::find_by_statement(statement(conn, sql, values)).all(conn).await
}

/// How the rows of a return file were taken: counts and sums.
#[derive(Debug, Clone, FromQueryResult)]
pub struct ReturnSum {
    /// Return file.
    pub return_id: i64,
    /// `matched`, `repeated` or `suspense`.
    pub disposition: String,
    /// `S`, `F` or `R`.
    pub status: String,
    /// Whether somebody found out what they are about.
    pub is_resolved: bool,
    /// How many rows.
    pub rows: i64,
    /// Fen that the file says were paid.
    pub paid_fen: i64,
}

/// The sums of all return files of a batch.
///
/// # Errors
/// When the database fails.
pub async fn return_sums(
    conn: &impl ConnectionTrait,
    batch_id: i64,
) -> Result<Vec<ReturnSum>, DbErr> {
    let sql = "SELECT w.return_id, w.disposition, w.status,
                      w.resolved_at IS NOT NULL AS is_resolved, COUNT(*) AS rows,
                      CAST(SUM(w.paid_fen) AS BIGINT) AS paid_fen
               FROM bank_return_row w JOIN bank_return r ON r.id = w.return_id
               WHERE r.batch_id = $1
               GROUP BY w.return_id, w.disposition, w.status, w.resolved_at IS NOT NULL
               ORDER BY w.return_id, w.disposition, w.status";
    ReturnSum::find_by_statement(statement(conn, sql, vec![batch_id.into()])).all(conn).await
}

/// A return row that nobody could match, or that somebody since explained.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Suspense {
    /// Identity of the row.
    pub id: i64,
    /// Batch whose return file it came in.
    pub batch_no: String,
    /// Official number of the return file.
    pub return_no: String,
    /// Row of the file, counted as the file counts.
    pub row_no: i64,
    /// When the file was loaded.
    pub loaded_at: DateTime<Utc>,
    /// Natural person who loaded it.
    pub loaded_by: i64,
    /// When it was confirmed.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// What the bank calls the payment.
    pub line_ref: String,
    /// `S`, `F` or `R`.
    pub status: String,
    /// Fen.
    pub paid_fen: i64,
    /// What the bank said.
    pub reason_text: String,
    /// Why it was not matched.
    pub query: String,
    /// Class of what has to be found out; empty for old rows.
    pub query_class: String,
    /// What was decided; empty while open.
    pub resolution: String,
    /// Who decided.
    pub resolver: Option<String>,
    /// When.
    pub resolved_at: Option<DateTime<Utc>>,
    /// Payee of the payment that the bank names, where there is one.
    pub payee_name: Option<String>,
    /// Last four digits of that payment's account.
    pub last_four: Option<String>,
}

/// A page of unexplained return rows, open ones first; how many there are; the sum of the open.
///
/// # Errors
/// When the database fails.
pub async fn suspense(
    conn: &impl ConnectionTrait,
    (payer, class): (Option<&str>, &str),
    offset: i64,
    limit: i64,
) -> Result<(Vec<Suspense>, SuspenseTotal), DbErr> {
    // An empty text stands for every payer or class, so that one statement serves all.
    let payer = payer.unwrap_or_default();
    let from = "FROM bank_return_row w
         JOIN bank_return r ON r.id = w.return_id
         JOIN batch b ON b.id = r.batch_id
         LEFT JOIN batch_line l ON l.line_ref = w.line_ref AND l.batch_id = b.id
         LEFT JOIN account_holder h ON h.id = w.resolved_by
         WHERE (w.disposition = 'suspense' OR w.resolved_at IS NOT NULL)
           AND ($1 = '' OR b.payer_division = $1)
           AND ($2 = '' OR w.query_class = $2)";
    let total = format!(
        "SELECT COUNT(*) AS rows,
                COALESCE(SUM(CASE WHEN w.resolved_at IS NULL THEN 1 ELSE 0 END), 0) AS open,
                CAST(COALESCE(SUM(CASE WHEN w.resolved_at IS NULL THEN w.paid_fen ELSE 0 END), 0)
                     AS BIGINT) AS open_fen {from}"
    );
    let page = format!(
        "SELECT w.id, b.batch_no, r.return_no, w.row_no, r.loaded_at, r.loaded_by, r.confirmed_at,
                w.line_ref, w.status, w.paid_fen, w.reason_text, w.query, w.query_class, w.resolution,
                h.name AS resolver, w.resolved_at, l.payee_name, l.last_four
         {from}
         ORDER BY CASE WHEN w.resolved_at IS NULL THEN 0 ELSE 1 END, w.id DESC
         LIMIT $3 OFFSET $4"
    );
    let values = vec![payer.into(), class.into()];
    let total = SuspenseTotal::find_by_statement(statement(conn, &total, values))
        .one(conn)
        .await?
        .unwrap_or_default();
    let values = vec![payer.into(), class.into(), limit.into(), offset.into()];
    let rows = Suspense::find_by_statement(statement(conn, &page, values)).all(conn).await?;
    Ok((rows, total))
}

/// Rows in suspense of one class.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct SuspenseClass {
    /// Code of the class; empty for old rows.
    pub query_class: String,
    /// Those nobody explained yet.
    pub open: i64,
    /// Fen of those.
    pub open_fen: i64,
    /// Those that were explained.
    pub explained: i64,
}

/// The rows that were not matched by class.
///
/// # Errors
/// When the database fails.
pub async fn suspense_classes(
    conn: &impl ConnectionTrait,
    payer: Option<&str>,
) -> Result<Vec<SuspenseClass>, DbErr> {
    let sql = "SELECT w.query_class,
                COALESCE(SUM(CASE WHEN w.resolved_at IS NULL THEN 1 ELSE 0 END), 0) AS open,
                CAST(COALESCE(SUM(CASE WHEN w.resolved_at IS NULL THEN w.paid_fen ELSE 0 END), 0)
                     AS BIGINT) AS open_fen,
                COALESCE(SUM(CASE WHEN w.resolved_at IS NULL THEN 0 ELSE 1 END), 0) AS explained
         FROM bank_return_row w
         JOIN bank_return r ON r.id = w.return_id
         JOIN batch b ON b.id = r.batch_id
         WHERE (w.disposition = 'suspense' OR w.resolved_at IS NOT NULL)
           AND ($1 = '' OR b.payer_division = $1)
         GROUP BY w.query_class ORDER BY w.query_class";
    let payer = payer.unwrap_or_default();
    SuspenseClass::find_by_statement(statement(conn, sql, vec![payer.into()])).all(conn).await
}

/// How many return rows were not matched.
#[derive(Debug, Clone, Copy, Default, FromQueryResult)]
pub struct SuspenseTotal {
    /// All of them.
    pub rows: i64,
    /// Those nobody explained yet.
    pub open: i64,
    /// Fen of those.
    pub open_fen: i64,
}
