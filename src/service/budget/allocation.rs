//! Money set aside, or taken back, by a document.

use chrono::Datelike;

use super::request::{Proposal, propose};
use super::{BudgetKey, document_fault, programmes, read_amount, sources};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::ledger::{BudgetAct, BudgetCodes};
use crate::domain::money::Fen;
use crate::service::{Actor, Error, invalid};

/// The first year that any stipend is paid in.
const FIRST_BUDGET_YEAR: i32 = 2025;

/// Money set aside by a document, as typed.
#[derive(Debug, Clone, Default)]
pub struct AllocationForm<'a> {
    /// Programme that the money is for.
    pub programme: &'a str,
    /// Source of the money.
    pub source: &'a str,
    /// Division that pays.
    pub payer_division: &'a str,
    /// Calendar year, as typed.
    pub budget_year: &'a str,
    /// Yuan as typed, thousands separators allowed; negative takes money back.
    pub amount: &'a str,
    /// Number of the document.
    pub document_no: &'a str,
    /// Code of the budget unit; may be empty, as the two after it.
    pub agency_code: &'a str,
    /// Code of the expenditure by function.
    pub function_code: &'a str,
    /// Code of the project.
    pub project_code: &'a str,
}

/// Longest code of the treasury, in characters.
const MAX_CODE: usize = 30;

/// Proposes to set money aside, or to take it back, by a document; another person accepts it
/// ([`super::decide_request`]). An allocation is never changed; a wrong one is taken back by another.
/// What batches already hold cannot be taken back. Returns the official number.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::MakeBatch`], [`Error::Invalid`] for a wrong field (names as
/// in [`AllocationForm`], the year `year`, the payer `payer`).
pub async fn propose_allocation(
    app: &App,
    actor: &Actor,
    form: &AllocationForm<'_>,
) -> Result<String, Error> {
    actor.must(Act::MakeBatch)?;
    let (key, amount) = read_form(app, actor, form).await?;
    let document_no = form.document_no.trim();
    let code = |typed: &str| typed.trim().to_owned();
    let codes = BudgetCodes {
        agency: code(form.agency_code),
        function: code(form.function_code),
        project: code(form.project_code),
    };
    propose(app, actor, &Proposal { act: BudgetAct::Allot, key, amount, document_no, codes }).await
}

/// Checks the typed fields; all faults are reported at once.
async fn read_form(
    app: &App,
    actor: &Actor,
    form: &AllocationForm<'_>,
) -> Result<(BudgetKey, Fen), Error> {
    let mut faults = Vec::new();
    let mut fault = |field, text: String| faults.push(invalid(field, text));
    let years = FIRST_BUDGET_YEAR..=app.clock.today().year() + 1;
    let budget_year = form.budget_year.trim().parse().unwrap_or(0);
    if !years.contains(&budget_year) {
        fault("year", format!("预算年度应为 {} 至 {} 年", years.start(), years.end()));
    }
    if !programmes(app).await?.contains_key(form.programme) {
        fault("programme", "请选择项目".to_owned());
    }
    if !sources(app, actor).await?.iter().any(|source| source == form.source) {
        fault("source", "请选择资金来源".to_owned());
    }
    if form.payer_division != actor.division {
        fault("payer", "只能登记本级财政的指标，请选择付款单位".to_owned());
    }
    let amount = read_amount(form.amount).unwrap_or_else(|text| {
        fault("amount", text);
        Fen::ZERO
    });
    let document_no = form.document_no.trim();
    if let Some(text) = document_fault(document_no) {
        fault("document_no", text);
    }
    for (field, typed) in [
        ("agency_code", form.agency_code),
        ("function_code", form.function_code),
        ("project_code", form.project_code),
    ] {
        let typed = typed.trim();
        let is_code = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if typed.chars().count() > MAX_CODE || !typed.chars().all(is_code) {
            faults.push(invalid(field, format!("编码为不超过 {MAX_CODE} 位的数字、字母或连字符")));
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let key = BudgetKey {
        programme: form.programme.to_owned(),
        source: form.source.to_owned(),
        payer_division: form.payer_division.to_owned(),
        budget_year: i64::from(budget_year),
    };
    Ok((key, amount))
}
