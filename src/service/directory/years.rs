//! What years came to, as far as an account may see it.

use crate::domain::adjustment::LedgerState;
use crate::domain::determine::Reason;
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::yearly::Money;
use crate::service::Error;
use crate::store::directory::{PersonFile, YearRow};

/// What is said in the place of a reason where only a part of a year may be seen.
pub(in crate::service) const OWN_PART: &str = "仅显示本企业任职期间的部分";

/// What a year came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YearLine {
    /// Award year.
    pub year: i32,
    /// Months that counted; `None` when only a part of the year may be seen.
    pub months: Option<i64>,
    /// Before other awards.
    pub gross: Fen,
    /// What other awards took away.
    pub offset: Fen,
    /// What is due.
    pub net: Fen,
    /// Paid of it; `None` when only a part of the year may be seen.
    pub paid: Option<Fen>,
    /// Where the money stands.
    pub state: LedgerState,
    /// Why nothing is due, or why not all is shown; may be empty.
    pub reason: String,
    /// Version of the decision, counted from 1.
    pub version: i64,
}

/// A year of a person for a reader who sees everything, or only what belongs to the enterprise
/// `own`. An enterprise is not told of years in which the person was not with it, nor what others
/// owe for the same year.
pub(super) fn year_line(
    row: &YearRow,
    money: Money,
    own: Option<i64>,
    file: &PersonFile,
) -> Result<Option<YearLine>, Error> {
    let year = i32::try_from(row.award_year)
        .map_err(|_| Error::Internal(format!("award year {}", row.award_year)))?;
    let state = LedgerState::of(row.status == "eligible", row.net, money);
    let whole = YearLine {
        year,
        months: Some(row.counted_months),
        gross: row.gross,
        offset: row.offset,
        net: row.net,
        paid: Some(money.paid),
        state,
        reason: reason_text(&row.reasons),
        version: row.version_no,
    };
    let Some(own) = own else { return Ok(Some(whole)) };
    if !was_there(file, year) {
        return Ok(None);
    }
    if row.shares.iter().all(|share| share.enterprise_id == own) {
        return Ok(Some(whole));
    }
    let mine = row.shares.iter().filter(|share| share.enterprise_id == own);
    let part = Fen::checked_sum(mine.map(|share| share.amount))
        .ok_or_else(|| Error::Internal("shares beyond any amount".to_owned()))?;
    Ok(Some(YearLine {
        months: None,
        gross: part,
        offset: Fen::ZERO,
        net: part,
        paid: None,
        reason: OWN_PART.to_owned(),
        ..whole
    }))
}

/// Whether the shown facts of a person touch a year.
fn was_there(file: &PersonFile, year: i32) -> bool {
    let Some(period) = Period::year(year) else { return false };
    let entries = file.roster.iter().filter(|s| s.is_live()).map(|stated| stated.period);
    let jobs = file.employments.iter().filter(|s| s.is_live()).map(|stated| stated.period);
    entries.chain(jobs).any(|time| time.overlaps(&period))
}

/// Stored reasons in Chinese; empty when there is none.
fn reason_text(stored: &str) -> String {
    let reasons: Vec<Reason> = serde_json::from_str(stored).unwrap_or_default();
    reasons.into_iter().map(Reason::label).collect::<Vec<_>>().join("、")
}
