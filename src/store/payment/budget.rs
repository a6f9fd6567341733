//! What a payer may spend from a source in a year.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Value};

use super::number;
use crate::domain::money::Fen;
use crate::store::number::allocate;

/// A budget line: one source, one payer, one year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetLine {
    /// Funding source.
    pub source: String,
    /// Who pays.
    pub payer_division: String,
    /// Calendar year.
    pub budget_year: i64,
}

impl BudgetLine {
    fn values(&self) -> [Value; 3] {
        [self.source.as_str().into(), self.payer_division.as_str().into(), self.budget_year.into()]
    }
}

/// Makes everyone who spends from or changes this budget line wait until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock_budget(tx: &DatabaseTransaction, line: &BudgetLine) -> Result<(), DbErr> {
    let BudgetLine { source, payer_division, budget_year } = line;
    allocate(tx, &format!("budget/{source}/{payer_division}/{budget_year}"), 1).await?;
    Ok(())
}

/// Everything allotted to the line.
///
/// # Errors
/// When the database fails.
pub async fn allotted(conn: &impl ConnectionTrait, line: &BudgetLine) -> Result<Fen, DbErr> {
    let sql = "SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) AS number \
               FROM budget_allocation \
               WHERE source = $1 AND payer_division = $2 AND budget_year = $3";
    Ok(Fen::new(number(conn, sql, line.values()).await?))
}

/// What batches hold or have paid from the line: failed, returned and released lines are free.
///
/// # Errors
/// When the database fails.
pub async fn committed(conn: &impl ConnectionTrait, line: &BudgetLine) -> Result<Fen, DbErr> {
    let sql = "SELECT CAST(COALESCE(SUM(l.amount_fen), 0) AS BIGINT) AS number \
               FROM batch_line l JOIN batch b ON b.id = l.batch_id \
               WHERE b.source = $1 AND b.payer_division = $2 AND b.budget_year = $3 AND l.live";
    Ok(Fen::new(number(conn, sql, line.values()).await?))
}
