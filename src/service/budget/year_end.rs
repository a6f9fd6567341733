//! What is left of a budget year after its end: it goes on into the next, or is taken back
//! (domain.md 5.5 item 9).

use chrono::Datelike;

use super::request::{Proposal, propose};
use super::{BudgetKey, document_fault, read_amount};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::ledger::{BudgetAct, BudgetCodes};
use crate::domain::money::Fen;
use crate::service::{Actor, Error, invalid};

/// The rest of a budget line, as typed.
#[derive(Debug, Clone)]
pub struct YearEndForm<'a> {
    /// Programme.
    pub programme: &'a str,
    /// Source of the money.
    pub source: &'a str,
    /// The year that is over, as typed.
    pub budget_year: &'a str,
    /// What becomes of it.
    pub how: Option<BudgetAct>,
    /// Yuan as typed, thousands separators allowed.
    pub amount: &'a str,
    /// Number of the document that says so.
    pub document_no: &'a str,
}

/// Proposes to carry money of a year that is over into the next, or to give it back, by a document;
/// another person accepts it ([`super::decide_request`]). Only free money moves: what is at a bank
/// stays until the bank has answered. Returns the official number.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::MakeBatch`], [`Error::Invalid`] for a wrong field (names as
/// in [`YearEndForm`], the year `year`).
pub async fn propose_year_end(
    app: &App,
    actor: &Actor,
    form: &YearEndForm<'_>,
) -> Result<String, Error> {
    actor.must(Act::MakeBatch)?;
    let (key, act, amount) = read_form(app, actor, form)?;
    let document_no = form.document_no.trim();
    let codes = BudgetCodes::default();
    propose(app, actor, &Proposal { act, key, amount, document_no, codes }).await
}

/// Checks the typed fields; all faults are reported at once.
fn read_form(
    app: &App,
    actor: &Actor,
    form: &YearEndForm<'_>,
) -> Result<(BudgetKey, BudgetAct, Fen), Error> {
    let mut faults = Vec::new();
    let mut fault = |field, text: String| faults.push(invalid(field, text));
    let this_year = app.clock.today().year();
    let budget_year: i32 = form.budget_year.trim().parse().unwrap_or(0);
    if budget_year == 0 || budget_year >= this_year {
        fault("year", format!("只能处理已经结束的预算年度（{} 年及以前）", this_year - 1));
    }
    let how = form.how.filter(|act| *act != BudgetAct::Allot);
    if how.is_none() {
        fault("how", "请选择结转下年或收回".to_owned());
    }
    let amount = read_amount(form.amount).unwrap_or_else(|text| {
        fault("amount", text);
        Fen::ZERO
    });
    if amount < Fen::ZERO {
        fault("amount", "金额应大于 0".to_owned());
    }
    if let Some(text) = document_fault(form.document_no.trim()) {
        fault("document_no", text);
    }
    let (Some(how), true) = (how, faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    let key = BudgetKey {
        programme: form.programme.to_owned(),
        source: form.source.to_owned(),
        payer_division: actor.division.clone(),
        budget_year: i64::from(budget_year),
    };
    Ok((key, how, amount))
}
