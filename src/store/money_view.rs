//! Where the money of award years stands, as the overview of finance shows it. Reads only.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};

use super::batch_view::MAIN_SHARE;
use super::db::query;

/// Which money: of one payer, or of all when the payer is empty.
#[derive(Debug, Clone, Copy)]
pub struct OfYear<'a> {
    /// Year the money is for.
    pub award_year: i64,
    /// Division that pays; empty for all.
    pub payer: &'a str,
}

impl OfYear<'_> {
    fn values(&self) -> [Value; 2] {
        [self.award_year.into(), self.payer.into()]
    }
}

/// Payment lines that are alike.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct LineGroup {
    /// Source of the money.
    pub source: String,
    /// Division that pays.
    pub payer_division: String,
    /// City-level unit of the enterprise that most of it was earned at; may be empty.
    pub city_unit: String,
    /// `pending`, `payable`, `held`, `failed` (payable again after a bank did not pay it),
    /// `in_batch`, `in_transit` or `paid`.
    pub standing: String,
    /// How many.
    pub lines: i64,
    /// Fen.
    pub amount_fen: i64,
}

/// The live payment lines of a year by source, payer, city and standing.
///
/// # Errors
/// When the database fails.
pub async fn line_groups(
    conn: &impl ConnectionTrait,
    of: OfYear<'_>,
) -> Result<Vec<LineGroup>, DbErr> {
    let sql = format!(
        "SELECT source, payer_division, city_unit, standing, COUNT(*) AS lines, \
            CAST(SUM(amount_fen) AS BIGINT) AS amount_fen \
         FROM (SELECT pl.source, pl.payer_division, pl.amount_fen, \
            COALESCE((SELECT s.city_unit FROM entitlement_share s WHERE s.id = {MAIN_SHARE}), '') \
                AS city_unit, \
            CASE WHEN pl.state = 'payable' AND EXISTS (SELECT 1 FROM payment_hold h \
                    WHERE h.person_id = pl.person_id AND h.programme = pl.programme \
                      AND h.award_year = pl.award_year \
                      AND h.payer_division = pl.payer_division AND h.released_at IS NULL) \
                    THEN 'held' \
                 WHEN pl.state = 'payable' AND EXISTS (SELECT 1 FROM batch_line t \
                    WHERE t.payment_line_id = pl.id AND t.outcome = 'failed') THEN 'failed' \
                 WHEN pl.state = 'in_batch' AND EXISTS (SELECT 1 FROM batch_line t \
                    JOIN batch b ON b.id = t.batch_id WHERE t.payment_line_id = pl.id AND t.live \
                      AND b.state IN ('sent', 'part_returned', 'settled', 'closed')) \
                    THEN 'in_transit' \
                 ELSE pl.state END AS standing \
            FROM payment_line pl \
            WHERE pl.award_year = $1 AND ($2 = '' OR pl.payer_division = $2) \
              AND pl.state <> 'void') g \
         GROUP BY source, payer_division, city_unit, standing \
         ORDER BY source, payer_division, city_unit, standing"
    );
    query(conn, &sql, of.values()).await
}

/// Money of recoveries of a year.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct RecoveryGroup {
    /// Source of the money.
    pub source: String,
    /// Division that paid it.
    pub payer_division: String,
    /// City-level unit of the enterprise that most of it was earned at; may be empty.
    pub city_unit: String,
    /// Fen.
    pub amount_fen: i64,
}

/// What came back, or was set off, of the recoveries of a year, by source, payer and city.
///
/// # Errors
/// When the database fails.
pub async fn recovered_groups(
    conn: &impl ConnectionTrait,
    of: OfYear<'_>,
) -> Result<Vec<RecoveryGroup>, DbErr> {
    let sql = format!(
        "SELECT pl.source, pl.payer_division, COALESCE(s.city_unit, '') AS city_unit, \
            CAST(SUM(e.amount_fen) AS BIGINT) AS amount_fen \
         FROM recovery_entry e JOIN recovery pl ON pl.id = e.recovery_id \
         LEFT JOIN entitlement_share s ON s.id = {MAIN_SHARE} \
         WHERE pl.award_year = $1 AND ($2 = '' OR pl.payer_division = $2) \
           AND e.accepted AND e.kind IN ('repaid', 'set_off') \
         GROUP BY pl.source, pl.payer_division, COALESCE(s.city_unit, '')"
    );
    query(conn, &sql, of.values()).await
}

/// What is left of the decided recoveries of a year, by source, payer and city.
///
/// # Errors
/// When the database fails.
pub async fn receivable_groups(
    conn: &impl ConnectionTrait,
    of: OfYear<'_>,
) -> Result<Vec<RecoveryGroup>, DbErr> {
    let sql = format!(
        "SELECT pl.source, pl.payer_division, COALESCE(s.city_unit, '') AS city_unit, \
            CAST(SUM(pl.amount_fen - COALESCE((SELECT SUM(e.amount_fen) FROM recovery_entry e \
                WHERE e.recovery_id = pl.id AND e.accepted), 0)) AS BIGINT) AS amount_fen \
         FROM recovery pl LEFT JOIN entitlement_share s ON s.id = {MAIN_SHARE} \
         WHERE pl.award_year = $1 AND ($2 = '' OR pl.payer_division = $2) \
           AND pl.state = 'claimed' \
         GROUP BY pl.source, pl.payer_division, COALESCE(s.city_unit, '')"
    );
    query(conn, &sql, of.values()).await
}

/// A payment that a bank did not pay, or sent back.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Unpaid {
    /// Source of the money.
    pub source: String,
    /// City-level unit of the enterprise that most of it was earned at; may be empty.
    pub city_unit: String,
    /// Year whose budget was to pay it.
    pub budget_year: i64,
    /// When that was confirmed.
    pub since: Option<DateTime<Utc>>,
    /// Fen.
    pub amount_fen: i64,
}

/// The payments of a year that banks did not pay, or sent back.
///
/// # Errors
/// When the database fails.
pub async fn unpaid(conn: &impl ConnectionTrait, of: OfYear<'_>) -> Result<Vec<Unpaid>, DbErr> {
    let sql = format!(
        "SELECT pl.source, COALESCE(s.city_unit, '') AS city_unit, b.budget_year, t.amount_fen, \
            (SELECT MAX(r.confirmed_at) FROM bank_return_row w \
             JOIN bank_return r ON r.id = w.return_id \
             WHERE w.line_ref = t.line_ref AND w.status <> 'S') AS since \
         FROM batch_line t JOIN batch b ON b.id = t.batch_id \
         JOIN payment_line pl ON pl.id = t.payment_line_id \
         LEFT JOIN entitlement_share s ON s.id = {MAIN_SHARE} \
         WHERE t.outcome = 'failed' AND pl.award_year = $1 \
           AND ($2 = '' OR pl.payer_division = $2) ORDER BY t.id"
    );
    query(conn, &sql, of.values()).await
}

/// Money that a bank did not pay, or sent back, and that waits to be paid.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct WaitingLine {
    /// Number of the person.
    pub person_no: String,
    /// Name as the batch froze it, or of the person who keeps it back.
    pub name: String,
    /// Year the money is for.
    pub award_year: i64,
    /// Division that pays.
    pub payer_division: String,
    /// Batch that tried to pay it; empty for what is held.
    pub batch_no: String,
    /// Year whose budget that batch used; `None` for what is held.
    pub budget_year: Option<i64>,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// Fen.
    pub amount_fen: i64,
}

/// The lines that wait to be paid again, with the last attempt at each.
///
/// # Errors
/// When the database fails.
pub async fn failed_lines(
    conn: &impl ConnectionTrait,
    payer: &str,
) -> Result<Vec<WaitingLine>, DbErr> {
    let sql = "SELECT p.person_no, t.payee_name AS name, l.award_year, l.payer_division, b.batch_no, \
            b.budget_year, t.reason_text AS reason, l.amount_fen, \
            (SELECT MAX(r.confirmed_at) FROM bank_return_row w \
             JOIN bank_return r ON r.id = w.return_id \
             WHERE w.line_ref = t.line_ref AND w.status <> 'S') AS since \
        FROM batch_line t JOIN payment_line l ON l.id = t.payment_line_id \
        JOIN batch b ON b.id = t.batch_id JOIN person p ON p.id = l.person_id \
        WHERE t.outcome = 'failed' AND l.state = 'payable' \
          AND ($1 = '' OR l.payer_division = $1) \
          AND NOT EXISTS (SELECT 1 FROM batch_line u WHERE u.payment_line_id = t.payment_line_id \
                AND u.outcome = 'failed' AND u.id > t.id) \
        ORDER BY t.id";
    query(conn, sql, [payer.into()]).await
}

/// What is kept back, one row a hold.
///
/// # Errors
/// When the database fails.
pub async fn held_lines(
    conn: &impl ConnectionTrait,
    payer: &str,
) -> Result<Vec<WaitingLine>, DbErr> {
    let sql = "SELECT p.person_no, \
            COALESCE((SELECT n.name FROM person_name n WHERE n.person_id = p.id \
                AND n.superseded_at IS NULL ORDER BY n.valid_from DESC, n.id DESC LIMIT 1), '') AS name, \
            h.award_year, h.payer_division, '' AS batch_no, \
            CAST(NULL AS BIGINT) AS budget_year, h.reason, h.held_at AS since, \
            COALESCE((SELECT CAST(SUM(l.amount_fen) AS BIGINT) FROM payment_line l \
                WHERE l.person_id = h.person_id AND l.programme = h.programme \
                  AND l.award_year = h.award_year AND l.payer_division = h.payer_division \
                  AND l.state IN ('pending', 'payable', 'in_batch')), 0) AS amount_fen \
        FROM payment_hold h JOIN person p ON p.id = h.person_id \
        WHERE h.released_at IS NULL AND ($1 = '' OR h.payer_division = $1) ORDER BY h.id";
    query(conn, sql, [payer.into()]).await
}

/// A batch that has lines which no bank has answered.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct OpenBatch {
    /// Official number.
    pub batch_no: String,
    /// State of the batch.
    pub state: String,
    /// Source of the money.
    pub source: String,
    /// Division that pays.
    pub payer_division: String,
    /// Lines without an answer.
    pub lines: i64,
    /// Fen of these lines.
    pub amount_fen: i64,
}

/// The batches that hold money of a budget year, or have it at a bank, with what is not answered.
///
/// # Errors
/// When the database fails.
pub async fn open_batches(
    conn: &impl ConnectionTrait,
    (budget_year, payer): (i64, &str),
) -> Result<Vec<OpenBatch>, DbErr> {
    let sql = "SELECT b.batch_no, b.state, b.source, b.payer_division, COUNT(*) AS lines, \
            CAST(SUM(t.amount_fen) AS BIGINT) AS amount_fen \
        FROM batch b JOIN batch_line t ON t.batch_id = b.id \
        WHERE b.budget_year = $1 AND ($2 = '' OR b.payer_division = $2) \
          AND t.live AND t.outcome <> 'settled' \
        GROUP BY b.id, b.batch_no, b.state, b.source, b.payer_division ORDER BY b.id";
    query(conn, sql, [budget_year.into(), payer.into()]).await
}

/// What is certified and not yet with a bank, by budget line: fen that the money of the line is
/// reserved for.
///
/// # Errors
/// When the database fails.
pub async fn reserved(conn: &impl ConnectionTrait, payer: &str) -> Result<Vec<ReservedSum>, DbErr> {
    let sql = "SELECT programme, source, payer_division, \
            CAST(SUM(amount_fen) AS BIGINT) AS amount_fen \
        FROM payment_line WHERE state = 'payable' AND ($1 = '' OR payer_division = $1) \
        GROUP BY programme, source, payer_division";
    query(conn, sql, [payer.into()]).await
}

/// Where the money of a programme's award year from one source at one payer stands.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct YearOfPayer {
    /// Source of the money.
    pub source: String,
    /// Division that pays.
    pub payer_division: String,
    /// Not certified, fen.
    pub pending_fen: i64,
    /// Certified and in no batch, fen.
    pub payable_fen: i64,
    /// In batches or at a bank, fen.
    pub in_batch_fen: i64,
    /// Paid, fen.
    pub paid_fen: i64,
    /// Of what was paid, back at the treasury or set off, fen.
    pub back_fen: i64,
}

/// Where the money of an award year of a programme stands, by source and payer.
///
/// # Errors
/// When the database fails.
pub async fn year_of_payers(
    conn: &impl ConnectionTrait,
    (programme, award_year): (&str, i64),
) -> Result<Vec<YearOfPayer>, DbErr> {
    let of = |state: &str| {
        format!(
            "CAST(SUM(CASE WHEN m.state = '{state}' THEN m.amount_fen ELSE 0 END) AS BIGINT) \
             AS {state}_fen"
        )
    };
    let sums = ["pending", "payable", "in_batch", "paid", "back"].map(of).join(", ");
    let sql = format!(
        "SELECT m.source, m.payer_division, {sums} FROM ( \
            SELECT source, payer_division, state, amount_fen FROM payment_line \
             WHERE programme = $1 AND award_year = $2 AND state <> 'void' \
            UNION ALL SELECT r.source, r.payer_division, 'back', b.amount_fen \
             FROM recovery_entry b JOIN recovery r ON r.id = b.recovery_id \
             WHERE r.programme = $1 AND r.award_year = $2 AND b.accepted \
               AND b.kind IN ('repaid', 'set_off')) m \
         GROUP BY m.source, m.payer_division ORDER BY m.source, m.payer_division"
    );
    query(conn, &sql, [programme.into(), award_year.into()]).await
}

/// Lines of a payer that a batch could take, alike in programme, year and source.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct PayableGroup {
    /// Programme.
    pub programme: String,
    /// Year the money is for.
    pub award_year: i64,
    /// Source of the money.
    pub source: String,
    /// How many.
    pub lines: i64,
    /// Fen.
    pub amount_fen: i64,
    /// Of them, held back by somebody.
    pub held: i64,
}

/// What a payer's batches could take now, by programme, year and source.
///
/// # Errors
/// When the database fails.
pub async fn payable_groups(
    conn: &impl ConnectionTrait,
    payer: &str,
) -> Result<Vec<PayableGroup>, DbErr> {
    let sql = "SELECT pl.programme, pl.award_year, pl.source, COUNT(*) AS lines, \
            CAST(SUM(pl.amount_fen) AS BIGINT) AS amount_fen, \
            CAST(SUM(CASE WHEN EXISTS (SELECT 1 FROM payment_hold h \
                WHERE h.person_id = pl.person_id AND h.programme = pl.programme \
                  AND h.award_year = pl.award_year AND h.payer_division = pl.payer_division \
                  AND h.released_at IS NULL) THEN 1 ELSE 0 END) AS BIGINT) AS held \
        FROM payment_line pl WHERE pl.state = 'payable' AND pl.payer_division = $1 \
        GROUP BY pl.programme, pl.award_year, pl.source \
        ORDER BY pl.programme, pl.award_year, pl.source";
    query(conn, sql, [payer.into()]).await
}

/// A sum that money is reserved for.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ReservedSum {
    /// Programme.
    pub programme: String,
    /// Source of the money.
    pub source: String,
    /// Division that pays.
    pub payer_division: String,
    /// Fen.
    pub amount_fen: i64,
}

/// Confirmed places on the roster today that are alike.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct PlaceGroup {
    /// Enterprise.
    pub enterprise_id: i64,
    /// First day on the roster.
    pub valid_from: NaiveDate,
    /// Day after the last; `None` while it lasts.
    pub valid_to: Option<NaiveDate>,
    /// Persons.
    pub persons: i64,
}

/// The confirmed places on the roster that hold on a day, by enterprise and period.
///
/// # Errors
/// When the database fails.
pub async fn places(conn: &impl ConnectionTrait, day: NaiveDate) -> Result<Vec<PlaceGroup>, DbErr> {
    let sql = "SELECT enterprise_id, valid_from, valid_to, COUNT(*) AS persons \
        FROM roster_entry WHERE superseded_at IS NULL AND status = 'confirmed' \
          AND valid_from <= $1 AND (valid_to IS NULL OR valid_to > $1) \
        GROUP BY enterprise_id, valid_from, valid_to";
    query(conn, sql, [day.into()]).await
}

/// The award years that were decided, newest first.
///
/// # Errors
/// When the database fails.
pub async fn decided_years(
    conn: &impl ConnectionTrait,
    programme: &str,
) -> Result<Vec<i64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Year {
        award_year: i64,
    }
    let sql = "SELECT DISTINCT award_year FROM compute_run \
        WHERE programme = $1 AND state = 'completed' ORDER BY award_year DESC";
    let rows: Vec<Year> = query(conn, sql, [programme.into()]).await?;
    Ok(rows.into_iter().map(|row| row.award_year).collect())
}
