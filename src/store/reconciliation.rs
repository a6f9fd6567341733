//! What finance reconciles (domain.md 5.5), as statements that find only what does not agree.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};

/// Rows behind one check; more are counted by nobody.
pub const MOST_ROWS: usize = 200;

/// What is reconciled; empty texts and a zero leave it open.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extent<'a> {
    /// Division that pays.
    pub payer_division: &'a str,
    /// Year that the money is for.
    pub award_year: i64,
    /// One batch.
    pub batch_no: &'a str,
    /// The budget year that runs.
    pub this_year: i64,
}

/// Something that does not agree.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Difference {
    /// Number of the line, batch, person or claim.
    pub object: String,
    /// Fen or rows, by one side.
    pub expected: i64,
    /// By the other.
    pub found: i64,
}

/// Batches under way and done, `t`, in an extent.
const BATCHES: &str = "t.state NOT IN ('draft', 'cancelled') \
    AND ($1 = '' OR t.payer_division = $1) AND ($2 = 0 OR t.award_year = $2) \
    AND ($3 = '' OR t.batch_no = $3) AND $4 > 0";
/// The lines `b` of a batch as it stands.
const LINES: &str = "b.batch_id = t.id AND b.revision = t.revision AND b.outcome <> 'released'";
const SENT: &str = "t.state IN ('sent', 'part_returned', 'settled', 'closed')";
/// What the bank says it paid, by line.
const BANK: &str = "(SELECT batch_line_id, MAX(paid_fen) AS paid FROM bank_return_row \
    WHERE disposition = 'matched' AND status = 'S' GROUP BY batch_line_id) r ON r.batch_line_id = b.id";
/// Money `x` of a payer, year and, where one is meant, of the people of a batch.
const MONEY: &str = "($1 = '' OR x.payer_division = $1) AND ($2 = 0 OR x.award_year = $2) \
    AND ($3 = '' OR EXISTS (SELECT 1 FROM batch_line b JOIN batch t ON t.id = b.batch_id \
        JOIN payment_line y ON y.id = b.payment_line_id \
        WHERE t.batch_no = $3 AND b.live AND y.person_id = x.person_id \
          AND y.award_year = x.award_year AND y.source = x.source)) AND $4 > 0";

/// Lines in batches that no notice announced or nobody released, batch lines of another amount than
/// their payment line, and years of which more is paid than the last notice announced.
///
/// # Errors
/// When the database fails.
pub async fn unannounced(
    conn: &impl ConnectionTrait,
    extent: &Extent<'_>,
) -> Result<Vec<Difference>, DbErr> {
    let done = |acts: &str| {
        format!(
            "EXISTS (SELECT 1 FROM case_step s JOIN yearly_file f ON f.case_id = s.case_id \
             WHERE f.person_id = x.person_id AND f.programme = x.programme \
               AND f.award_year = x.award_year AND s.act IN ({acts}))"
        )
    };
    let (announced, released) = (done("'publish'"), done("'release', 'supplement', 'unhold'"));
    let sql = format!(
        "SELECT x.line_no AS object, CAST(0 AS BIGINT) AS expected, x.amount_fen AS found \
         FROM payment_line x WHERE x.state IN ('in_batch', 'paid') AND {MONEY} \
           AND NOT ((x.subject_no = '' AND {announced} AND {released}) \
             OR EXISTS (SELECT 1 FROM case_step s JOIN case_file f ON f.id = s.case_id \
               WHERE f.case_no = x.subject_no AND s.act = 'approve')) \
         UNION ALL \
         SELECT b.line_ref, x.amount_fen, b.amount_fen FROM batch_line b \
         JOIN payment_line x ON x.id = b.payment_line_id \
         WHERE b.live AND b.amount_fen <> x.amount_fen AND {MONEY} \
         UNION ALL \
         SELECT MIN(x.line_no), n.amount_fen, CAST(SUM(x.amount_fen) AS BIGINT) \
         FROM payment_line x JOIN yearly_file f ON f.person_id = x.person_id \
           AND f.programme = x.programme AND f.award_year = x.award_year \
         JOIN public_notice_entry n ON n.case_id = f.case_id AND n.id = \
           (SELECT MAX(e.id) FROM public_notice_entry e WHERE e.case_id = f.case_id) \
         WHERE x.subject_no = '' AND x.kind = 'stipend' AND x.state IN ('in_batch', 'paid') \
           AND {MONEY} \
         GROUP BY n.id, n.amount_fen HAVING SUM(x.amount_fen) > n.amount_fen"
    );
    differences(conn, extent, &sql).await
}

/// Batches whose lines are another sum or another number than the batch says.
///
/// # Errors
/// When the database fails.
pub async fn totals(
    conn: &impl ConnectionTrait,
    extent: &Extent<'_>,
) -> Result<Vec<Difference>, DbErr> {
    let sql = format!(
        "SELECT t.batch_no AS object, t.total_fen AS expected, \
           CAST(COALESCE(SUM(b.amount_fen), 0) AS BIGINT) AS found \
         FROM batch t LEFT JOIN batch_line b ON {LINES} WHERE {BATCHES} \
         GROUP BY t.id, t.batch_no, t.total_fen, t.line_count \
         HAVING COALESCE(SUM(b.amount_fen), 0) <> t.total_fen OR COUNT(b.id) <> t.line_count"
    );
    differences(conn, extent, &sql).await
}

/// Sent batches whose voucher is not what the bank paid, what failed and what is open.
///
/// # Errors
/// When the database fails.
pub async fn voucher(
    conn: &impl ConnectionTrait,
    extent: &Extent<'_>,
) -> Result<Vec<Difference>, DbErr> {
    let net = "SUM(b.amount_fen - b.tax_fen)";
    let answered = "SUM(CASE b.outcome WHEN 'settled' THEN COALESCE(r.paid, 0) \
                    ELSE b.amount_fen - b.tax_fen END)";
    by_batch(conn, extent, (net, answered), "1 = 1").await
}

/// Sent batches of which a line is neither paid, failed nor open; both sides are rows.
///
/// # Errors
/// When the database fails.
pub async fn answers(
    conn: &impl ConnectionTrait,
    extent: &Extent<'_>,
) -> Result<Vec<Difference>, DbErr> {
    let known = "COUNT(CASE WHEN b.outcome IN ('settled', 'failed', 'pending') THEN 1 END)";
    by_batch(conn, extent, ("MAX(t.line_count)", known), "1 = 1").await
}

/// Batches whose withheld tax is not the difference between what is due and what the bank paid.
///
/// # Errors
/// When the database fails.
pub async fn tax(
    conn: &impl ConnectionTrait,
    extent: &Extent<'_>,
) -> Result<Vec<Difference>, DbErr> {
    let kept = "SUM(b.amount_fen - COALESCE(r.paid, 0))";
    by_batch(conn, extent, ("SUM(b.tax_fen)", kept), "b.outcome = 'settled'").await
}

async fn by_batch(
    conn: &impl ConnectionTrait,
    extent: &Extent<'_>,
    (expected, found): (&str, &str),
    which: &str,
) -> Result<Vec<Difference>, DbErr> {
    let sql = format!(
        "SELECT t.batch_no AS object, CAST({expected} AS BIGINT) AS expected, \
           CAST({found} AS BIGINT) AS found \
         FROM batch t JOIN batch_line b ON {LINES} LEFT JOIN {BANK} \
         WHERE {SENT} AND {BATCHES} AND {which} \
         GROUP BY t.batch_no HAVING {expected} <> {found}"
    );
    differences(conn, extent, &sql).await
}

/// Persons and years of whom one source's lines, less what is to come back, are not what is due.
///
/// # Errors
/// When the database fails.
pub async fn persons(
    conn: &impl ConnectionTrait,
    extent: &Extent<'_>,
) -> Result<Vec<Difference>, DbErr> {
    let sql = format!(
        "SELECT p.person_no AS object, CAST(SUM(x.due) AS BIGINT) AS expected, \
           CAST(SUM(x.have) AS BIGINT) AS found FROM ( \
             SELECT e.person_id, e.programme, e.award_year, s.source, s.payer_division, \
               s.amount_fen AS due, 0 AS have \
             FROM entitlement e JOIN entitlement_share s ON s.entitlement_id = e.id \
             WHERE e.superseded_at IS NULL AND NOT EXISTS (SELECT 1 FROM person_merge g \
               WHERE g.merged_id = e.person_id AND g.undone_at IS NULL) \
             UNION ALL \
             SELECT person_id, programme, award_year, source, payer_division, 0, amount_fen \
             FROM payment_line WHERE state <> 'void' \
             UNION ALL \
             SELECT c.person_id, c.programme, c.award_year, c.source, c.payer_division, 0, \
               COALESCE((SELECT CAST(SUM(d.amount_fen) AS BIGINT) FROM recovery_entry d \
                 WHERE d.recovery_id = c.id AND d.kind = 'dropped' AND d.accepted), 0) - c.amount_fen \
             FROM recovery c WHERE c.state <> 'cancelled') x \
         LEFT JOIN person_merge m ON m.merged_id = x.person_id AND m.undone_at IS NULL \
         JOIN person p ON p.id = COALESCE(m.leading_id, x.person_id) \
         WHERE {MONEY} \
         GROUP BY p.person_no, x.programme, x.award_year, x.source, x.payer_division \
         HAVING SUM(x.due) <> SUM(x.have)"
    );
    differences(conn, extent, &sql).await
}

/// Budget years of which the books hold another receivable than what is left of the claims.
///
/// # Errors
/// When the database fails.
pub async fn claims(
    conn: &impl ConnectionTrait,
    extent: &Extent<'_>,
) -> Result<Vec<Difference>, DbErr> {
    let sql = "SELECT x.payer_division || ' ' || x.source || ' ' || CAST(x.year AS TEXT) AS object, \
       CAST(SUM(x.owed) AS BIGINT) AS expected, CAST(SUM(x.booked) AS BIGINT) AS found FROM ( \
         SELECT 0 AS person_id, award_year, source, payer_division, claim_year AS year, \
           amount_fen AS owed, 0 AS booked FROM recovery WHERE claim_year IS NOT NULL \
         UNION ALL \
         SELECT 0, c.award_year, c.source, c.payer_division, c.claim_year, -d.amount_fen, 0 \
         FROM recovery_entry d JOIN recovery c ON c.id = d.recovery_id WHERE d.accepted \
         UNION ALL \
         SELECT 0, award_year, source, payer_division, budget_year, 0, \
           CASE WHEN to_account = 'receivable' THEN amount_fen ELSE -amount_fen END \
         FROM ledger_entry WHERE 'receivable' IN (from_account, to_account)) x \
     WHERE ($1 = '' OR x.payer_division = $1) AND ($2 = 0 OR x.award_year = $2) \
       AND $3 = '' AND $4 > 0 \
     GROUP BY x.payer_division, x.source, x.year HAVING SUM(x.owed) <> SUM(x.booked)";
    differences(conn, extent, sql).await
}

/// Batches of a budget year that is over with money at the bank.
///
/// # Errors
/// When the database fails.
pub async fn in_transit(
    conn: &impl ConnectionTrait,
    extent: &Extent<'_>,
) -> Result<Vec<Difference>, DbErr> {
    let sql = format!(
        "SELECT t.batch_no AS object, CAST(0 AS BIGINT) AS expected, \
           CAST(SUM(b.amount_fen) AS BIGINT) AS found \
         FROM batch t JOIN batch_line b ON {LINES} \
         WHERE {SENT} AND {BATCHES} AND b.outcome = 'pending' AND t.budget_year < $4 \
         GROUP BY t.batch_no"
    );
    differences(conn, extent, &sql).await
}

/// The batches of an extent with their totals.
///
/// # Errors
/// When the database fails.
pub async fn batches(
    conn: &impl ConnectionTrait,
    extent: &Extent<'_>,
) -> Result<Vec<(String, i64)>, DbErr> {
    let sql = format!(
        "SELECT t.batch_no AS object, t.total_fen AS expected, t.total_fen AS found \
         FROM batch t WHERE {BATCHES}"
    );
    let rows = query(conn, extent, &format!("{sql} ORDER BY object")).await?;
    Ok(rows.into_iter().map(|row| (row.object, row.expected)).collect())
}

async fn differences(
    conn: &impl ConnectionTrait,
    extent: &Extent<'_>,
    sql: &str,
) -> Result<Vec<Difference>, DbErr> {
    let sql = format!("SELECT * FROM ({sql}) found ORDER BY object LIMIT {MOST_ROWS}");
    query(conn, extent, &sql).await
}

async fn query(
    conn: &impl ConnectionTrait,
    extent: &Extent<'_>,
    sql: &str,
) -> Result<Vec<Difference>, DbErr> {
    let values = [
        extent.payer_division.into(),
        extent.award_year.into(),
        extent.batch_no.into(),
        extent.this_year.into(),
    ];
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    Difference::find_by_statement(statement).all(conn).await
}
