//! What the pages about batches read. Nothing here writes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Statement, Value,
};

use entity::{account, account_holder, batch, batch_step};

mod returned;

use crate::store::db::sum_fen;

pub use entity::batch::Model as Batch;
pub use entity::batch_step::Model as Step;
pub use returned::{
    Return, ReturnSum, ReturnedRow, Suspense, SuspenseClass, SuspenseTotal, notable_return_rows,
    return_sums, returns, suspense, suspense_classes,
};

/// Which batches to list; `None` leaves a column open.
#[derive(Debug, Clone, Default)]
pub struct BatchFilter {
    /// Division that pays.
    pub payer_division: Option<String>,
    /// Award year.
    pub award_year: Option<i64>,
    /// State code.
    pub state: Option<String>,
}

fn filtered(filter: &BatchFilter) -> sea_orm::Select<batch::Entity> {
    use batch::Column;
    let filter = filter.clone();
    batch::Entity::find()
        .apply_if(filter.payer_division, |query, payer| {
            query.filter(Column::PayerDivision.eq(payer))
        })
        .apply_if(filter.award_year, |query, year| query.filter(Column::AwardYear.eq(year)))
        .apply_if(filter.state, |query, state| query.filter(Column::State.eq(state)))
}

/// A page of batches, newest first, and how many there are.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &impl ConnectionTrait,
    filter: &BatchFilter,
    offset: u64,
    limit: u64,
) -> Result<(Vec<Batch>, u64), DbErr> {
    let total = filtered(filter).count(conn).await?;
    let page = filtered(filter)
        .order_by_desc(batch::Column::Id)
        .offset(offset)
        .limit(limit)
        .all(conn)
        .await?;
    Ok((page, total))
}

/// The award years that batches or live payment lines of a payer have, newest first.
///
/// # Errors
/// When the database fails.
pub async fn years(conn: &impl ConnectionTrait, payer: Option<&str>) -> Result<Vec<i64>, DbErr> {
    use entity::payment_line::{Column, Entity};
    let mut years: Vec<i64> = filtered(&BatchFilter {
        payer_division: payer.map(str::to_owned),
        ..BatchFilter::default()
    })
    .select_only()
    .column(batch::Column::AwardYear)
    .distinct()
    .into_tuple()
    .all(conn)
    .await?;
    let more: Vec<i64> = Entity::find()
        .select_only()
        .column(Column::AwardYear)
        .distinct()
        .filter(Column::State.ne("void"))
        .apply_if(payer, |query, payer| query.filter(Column::PayerDivision.eq(payer)))
        .into_tuple()
        .all(conn)
        .await?;
    years.extend(more);
    years.sort_unstable_by(|a, b| b.cmp(a));
    years.dedup();
    Ok(years)
}

/// The batch with this number.
///
/// # Errors
/// When the database fails.
pub async fn by_no(conn: &impl ConnectionTrait, batch_no: &str) -> Result<Option<Batch>, DbErr> {
    batch::Entity::find().filter(batch::Column::BatchNo.eq(batch_no)).one(conn).await
}

/// Up to `limit` batches of a payer whose number begins so, newest first.
///
/// # Errors
/// When the database fails.
pub async fn numbered(
    conn: &impl ConnectionTrait,
    payer: Option<&str>,
    beginning: &str,
    limit: u64,
) -> Result<Vec<Batch>, DbErr> {
    let payer_division = payer.map(str::to_owned);
    filtered(&BatchFilter { payer_division, ..BatchFilter::default() })
        .filter(batch::Column::BatchNo.starts_with(beginning))
        .order_by_desc(batch::Column::Id)
        .limit(limit)
        .all(conn)
        .await
}

/// The account that the payer's last batch was paid from, if there was one.
///
/// # Errors
/// When the database fails.
pub async fn last_payer_account(
    conn: &impl ConnectionTrait,
    payer: &str,
) -> Result<Option<String>, DbErr> {
    batch::Entity::find()
        .select_only()
        .column(batch::Column::PayerAccount)
        .filter(batch::Column::PayerDivision.eq(payer))
        .order_by_desc(batch::Column::Id)
        .into_tuple()
        .one(conn)
        .await
}

/// The programmes whose policies are loaded, with their newest titles, by code.
///
/// # Errors
/// When the database fails.
pub async fn programmes(conn: &impl ConnectionTrait) -> Result<BTreeMap<String, String>, DbErr> {
    use entity::policy_document::{Column, Entity};
    let found: Vec<(String, String)> = Entity::find()
        .select_only()
        .columns([Column::Programme, Column::Title])
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(found.into_iter().collect())
}

/// Names of natural persons by identity.
///
/// # Errors
/// When the database fails.
pub async fn holder_names(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = i64>,
) -> Result<BTreeMap<i64, String>, DbErr> {
    let found: Vec<(i64, String)> = account_holder::Entity::find()
        .select_only()
        .columns([account_holder::Column::Id, account_holder::Column::Name])
        .filter(account_holder::Column::Id.is_in(ids))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(found.into_iter().collect())
}

/// When each of these batches last moved.
///
/// # Errors
/// When the database fails.
pub async fn last_moves(
    conn: &impl ConnectionTrait,
    batches: impl IntoIterator<Item = i64>,
) -> Result<BTreeMap<i64, DateTime<Utc>>, DbErr> {
    let latest: Vec<i64> = batch_step::Entity::find()
        .select_only()
        .expr_as(Expr::col(batch_step::Column::Id).max(), "id")
        .filter(batch_step::Column::BatchId.is_in(batches))
        .group_by(batch_step::Column::BatchId)
        .into_tuple()
        .all(conn)
        .await?;
    let steps =
        batch_step::Entity::find().filter(batch_step::Column::Id.is_in(latest)).all(conn).await?;
    Ok(steps.into_iter().map(|step| (step.batch_id, step.at)).collect())
}

/// All steps of a batch, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn steps(conn: &impl ConnectionTrait, batch_id: i64) -> Result<Vec<Step>, DbErr> {
    batch_step::Entity::find()
        .filter(batch_step::Column::BatchId.eq(batch_id))
        .order_by_asc(batch_step::Column::Id)
        .all(conn)
        .await
}

/// Role codes of accounts by identity.
///
/// # Errors
/// When the database fails.
pub async fn account_roles(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = i64>,
) -> Result<BTreeMap<i64, String>, DbErr> {
    let found: Vec<(i64, String)> = account::Entity::find()
        .select_only()
        .columns([account::Column::Id, account::Column::Role])
        .filter(account::Column::Id.is_in(ids))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(found.into_iter().collect())
}

fn statement(conn: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(conn.get_database_backend(), sql, values)
}

/// A payment of a batch as the page shows it: no account number beyond its last four digits.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Line {
    /// Position in the file.
    pub seq: i64,
    /// Name of the payee as frozen.
    pub payee_name: String,
    /// Official number of the person.
    pub person_no: String,
    /// The enterprise that most of the money was earned at.
    pub enterprise: String,
    /// Bank of the payee.
    pub bank_name: String,
    /// Last four digits of the account.
    pub last_four: String,
    /// Fen.
    pub amount_fen: i64,
    /// Withheld of it, fen.
    pub tax_fen: i64,
    /// `stipend` or `supplement`.
    pub kind: String,
    /// `pending`, `released`, `settled` or `failed`.
    pub outcome: String,
    /// What the bank said.
    pub reason_text: String,
}

/// The share that most of a payment line's money came from: `s` of the line `pl`.
pub(super) const MAIN_SHARE: &str = "(SELECT s2.id FROM entitlement_share s2
    WHERE s2.entitlement_id = pl.entitlement_id AND s2.source = pl.source
      AND s2.payer_division = pl.payer_division
    ORDER BY s2.amount_fen DESC, s2.id LIMIT 1)";

/// Which payments of a batch to read.
#[derive(Debug, Clone, Copy)]
pub enum Pick<'a> {
    /// So many from an offset on.
    Page {
        /// Rows before.
        offset: i64,
        /// Most rows.
        limit: i64,
    },
    /// Those at these positions.
    At(&'a [i64]),
}

/// Payments of the current revision, by position.
///
/// # Errors
/// When the database fails.
pub async fn lines(
    conn: &impl ConnectionTrait,
    batch: &Batch,
    pick: Pick<'_>,
) -> Result<Vec<Line>, DbErr> {
    let narrowed = match pick {
        Pick::Page { offset, limit } => format!("ORDER BY l.seq LIMIT {limit} OFFSET {offset}"),
        Pick::At([]) => return Ok(Vec::new()),
        Pick::At(positions) => {
            let listed: Vec<String> = positions.iter().map(i64::to_string).collect();
            format!("AND l.seq IN ({}) ORDER BY l.seq", listed.join(", "))
        }
    };
    let sql = format!(
        "SELECT l.seq, l.payee_name, p.person_no, a.bank_name, l.last_four, l.amount_fen, l.tax_fen,
                pl.kind,
                l.outcome, l.reason_text,
                COALESCE((SELECT n.name FROM enterprise_name n
                          WHERE n.enterprise_id = s.enterprise_id AND n.superseded_at IS NULL
                          ORDER BY n.valid_from DESC, n.id DESC LIMIT 1), '') AS enterprise
         FROM batch_line l
         JOIN payment_line pl ON pl.id = l.payment_line_id
         JOIN person p ON p.id = pl.person_id
         JOIN bank_account a ON a.id = l.bank_account_id
         LEFT JOIN entitlement_share s ON s.id = {MAIN_SHARE}
         WHERE l.batch_id = $1 AND l.revision = $2 {narrowed}"
    );
    let values = vec![batch.id.into(), batch.revision.into()];
    Line::find_by_statement(statement(conn, &sql, values)).all(conn).await
}

/// A sum over the payments of a batch under one heading.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Sum {
    /// What they have in common: an outcome, or a city-level unit.
    pub heading: String,
    /// How many.
    pub lines: i64,
    /// Fen.
    pub amount_fen: i64,
}

/// The payments of one revision by outcome.
///
/// # Errors
/// When the database fails.
pub async fn by_outcome(conn: &impl ConnectionTrait, batch: &Batch) -> Result<Vec<Sum>, DbErr> {
    let sql = "SELECT outcome AS heading, COUNT(*) AS lines,
                      CAST(SUM(amount_fen) AS BIGINT) AS amount_fen
               FROM batch_line WHERE batch_id = $1 AND revision = $2
               GROUP BY outcome ORDER BY outcome";
    let values = vec![batch.id.into(), batch.revision.into()];
    Sum::find_by_statement(statement(conn, sql, values)).all(conn).await
}

/// What is withheld of the payments of one revision, fen.
///
/// # Errors
/// When the database fails.
pub async fn tax(conn: &impl ConnectionTrait, batch: &Batch) -> Result<i64, DbErr> {
    use entity::batch_line::{Column, Entity};
    let sum = Entity::find()
        .select_only()
        .column_as(sum_fen(Expr::col(Column::TaxFen)), "tax")
        .filter(Column::BatchId.eq(batch.id))
        .filter(Column::Revision.eq(batch.revision));
    Ok(sum.into_tuple().one(conn).await?.unwrap_or(0))
}

/// Identities of the first and of the last payment of one revision; empty without any.
///
/// # Errors
/// When the database fails.
pub async fn ends(conn: &impl ConnectionTrait, batch: &Batch) -> Result<(String, String), DbErr> {
    use entity::batch_line::{Column, Entity};
    let of = Entity::find()
        .select_only()
        .column(Column::LineRef)
        .filter(Column::BatchId.eq(batch.id))
        .filter(Column::Revision.eq(batch.revision));
    let first: Option<String> = of.clone().order_by_asc(Column::Seq).into_tuple().one(conn).await?;
    let last: Option<String> = of.order_by_desc(Column::Seq).into_tuple().one(conn).await?;
    Ok((first.unwrap_or_default(), last.unwrap_or_default()))
}

/// The payments of one revision by city-level unit of the enterprise.
///
/// # Errors
/// When the database fails.
pub async fn by_city_unit(conn: &impl ConnectionTrait, batch: &Batch) -> Result<Vec<Sum>, DbErr> {
    let sql = format!(
        "SELECT COALESCE(s.city_unit, '') AS heading, COUNT(*) AS lines,
                CAST(SUM(l.amount_fen) AS BIGINT) AS amount_fen
         FROM batch_line l
         JOIN payment_line pl ON pl.id = l.payment_line_id
         LEFT JOIN entitlement_share s ON s.id = {MAIN_SHARE}
         WHERE l.batch_id = $1 AND l.revision = $2
         GROUP BY COALESCE(s.city_unit, '') ORDER BY 1"
    );
    let values = vec![batch.id.into(), batch.revision.into()];
    Sum::find_by_statement(statement(conn, &sql, values)).all(conn).await
}

/// A policy text that payments of a batch were decided by.
#[derive(Debug, Clone, FromQueryResult)]
pub struct PolicyText {
    /// Title.
    pub title: String,
    /// The text as it was loaded.
    pub content: String,
}

/// The policy texts that the payments of one revision were decided by, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn policies(
    conn: &impl ConnectionTrait,
    batch: &Batch,
) -> Result<Vec<PolicyText>, DbErr> {
    let sql = "SELECT d.title, d.content FROM policy_document d
               WHERE d.id IN (SELECT e.policy_document_id FROM batch_line l
                              JOIN payment_line pl ON pl.id = l.payment_line_id
                              JOIN entitlement e ON e.id = pl.entitlement_id
                              WHERE l.batch_id = $1 AND l.revision = $2)
               ORDER BY d.id";
    let values = vec![batch.id.into(), batch.revision.into()];
    PolicyText::find_by_statement(statement(conn, sql, values)).all(conn).await
}
