//! The table of payments that is printed and signed beside the approval form.

use super::super::{Actor, Error};
use super::{Summary, rows, summary, visible_batch};
use crate::app::App;
use crate::domain::money::Fen;

/// Payments on one printed sheet.
pub const SHEET: i64 = 500;

/// A sheet of the printed table.
#[derive(Debug, Clone)]
pub struct Details {
    /// What the approval form says of the whole batch.
    pub summary: Summary,
    /// The payments of this sheet, by position.
    pub lines: Vec<rows::Line>,
    /// Gross sum of the sheet.
    pub amount: Fen,
    /// Withheld of it.
    pub tax: Fen,
    /// What the bank pays of it.
    pub net: Fen,
}

/// Sheet `sheet` (counted from 0) of the payments of a batch whose content is fixed: names and the
/// last four digits of accounts, never a whole number.
///
/// # Errors
/// Those of [`summary()`](super::summary()); [`Error::NotFound`] beyond the last sheet.
pub async fn details(
    app: &App,
    actor: &Actor,
    batch_no: &str,
    sheet: i64,
) -> Result<Details, Error> {
    let batch = visible_batch(app, actor, batch_no).await?;
    let summary = summary::of(app, &batch).await?;
    let page = rows::Pick::Page { offset: sheet.saturating_mul(SHEET), limit: SHEET };
    let lines = rows::lines(app.db.read(), &batch, page).await?;
    if lines.is_empty() {
        return Err(Error::NotFound("这一页明细"));
    }
    let sum = |part: fn(&rows::Line) -> i64| {
        Fen::checked_sum(lines.iter().map(|line| Fen::new(part(line))))
            .ok_or_else(|| Error::Internal("a sheet of payments overflows".to_owned()))
    };
    Ok(Details {
        amount: sum(|line| line.amount_fen)?,
        tax: sum(|line| line.tax_fen)?,
        net: sum(|line| line.amount_fen - line.tax_fen)?,
        summary,
        lines,
    })
}
