//! Money set aside, or taken back, by a document.

use chrono::Datelike;
use serde_json::json;

use super::forecast::reserved_of;
use super::{
    BudgetFilter, BudgetKey, document_fault, figures, programmes, read_amount, rows, sources,
    too_large, wrong,
};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::ledger::Event;
use crate::domain::money::Fen;
use crate::service::ledger::{self, Movement};
use crate::service::{Actor, Error, invalid, log};

/// The first year that any stipend is paid in.
const FIRST_BUDGET_YEAR: i32 = 2025;

/// Money set aside by a document, as typed.
#[derive(Debug, Clone)]
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
}

/// Records money set aside, or taken back, by a document. An allocation is never changed; a wrong
/// one is taken back by another. What batches already hold cannot be taken back.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::MakeBatch`], [`Error::Invalid`] for a wrong field (names as
/// in [`AllocationForm`], the year `year`, the payer `payer`).
pub async fn record_allocation(
    app: &App,
    actor: &Actor,
    form: &AllocationForm<'_>,
) -> Result<(), Error> {
    actor.must(Act::MakeBatch)?;
    let (key, amount) = read_form(app, actor, form).await?;
    let tx = app.db.begin().await?;
    rows::lock(&tx, &key).await?;
    let document_no = form.document_no.trim();
    let earlier = rows::allocations(&tx, &BudgetFilter::from(&key)).await?;
    let twice = earlier.iter().any(|allocation| {
        allocation.document_no == document_no && allocation.amount_fen == amount.get()
    });
    if twice {
        return Err(wrong("document_no", "该文号的这笔金额已经登记过，不能重复登记"));
    }
    let figures = figures(&tx, &key).await?;
    let left = figures.available.checked_add(amount).ok_or_else(too_large)?;
    figures.allocated.checked_add(amount).ok_or_else(too_large)?;
    let takes_back = amount < Fen::ZERO;
    let reserved = if takes_back { reserved_of(app, &tx, &key).await? } else { Fen::ZERO };
    if takes_back && left < reserved && left >= Fen::ZERO {
        let text = format!(
            "余额中有 {} 元已核定待付，不能冲减；可冲减 {} 元",
            reserved.grouped(),
            figures.available.checked_sub(reserved).ok_or_else(too_large)?.max(Fen::ZERO).grouped()
        );
        return Err(wrong("amount", text));
    }
    if takes_back && left < Fen::ZERO {
        let text = format!(
            "冲减后指标将小于已占用和已付的金额：可冲减的余额为 {} 元",
            figures.available.max(Fen::ZERO).grouped()
        );
        return Err(wrong("amount", text));
    }
    let new = rows::NewAllocation {
        key: &key,
        amount_fen: amount.get(),
        document_no,
        recorded_by: actor.account_id,
        recorded_at: app.clock.now(),
    };
    rows::add(&tx, &new).await?;
    let movement = Movement::of(Event::Allotted, amount);
    ledger::book(app, &tx, actor.account_id, (&key, ("budget", document_no)), &[movement]).await?;
    let detail = json!({
        "programme": key.programme,
        "source": key.source,
        "payer_division": key.payer_division,
        "budget_year": key.budget_year,
        "amount": amount,
        "available": left,
    });
    log(app, &tx, actor, "budget.allocated", ("budget", document_no), &detail).await?;
    tx.commit().await?;
    Ok(())
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
