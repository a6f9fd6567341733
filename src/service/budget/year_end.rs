//! What is left of a budget year after its end: it goes on into the next, or is taken back
//! (domain.md 5.5 item 9).

use chrono::Datelike;
use serde_json::json;

use super::{BudgetKey, document_fault, figures, read_amount, rows};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::ledger::Event;
use crate::domain::money::Fen;
use crate::service::ledger::{self, Movement};
use crate::service::{Actor, Error, invalid, log};

/// What becomes of the rest of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YearEnd {
    /// It is the next year's.
    CarryOver,
    /// Who allotted it has it back.
    Lapse,
}

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
    pub how: Option<YearEnd>,
    /// Yuan as typed, thousands separators allowed.
    pub amount: &'a str,
    /// Number of the document that says so.
    pub document_no: &'a str,
}

/// Carries money of a year that is over into the next, or gives it back, by a document. Only free
/// money moves: what is at a bank stays until the bank has answered.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::MakeBatch`], [`Error::Invalid`] for a wrong field (names as
/// in [`YearEndForm`], the year `year`).
pub async fn close_year(app: &App, actor: &Actor, form: &YearEndForm<'_>) -> Result<(), Error> {
    actor.must(Act::MakeBatch)?;
    let (key, how, amount) = read_form(app, actor, form)?;
    let tx = app.db.begin().await?;
    rows::lock(&tx, &key).await?;
    let left = figures(&tx, &key).await?.available;
    if amount > left {
        let text = format!("{} 年度可处理的余额为 {} 元", key.budget_year, left.grouped());
        return Err(super::wrong("amount", text));
    }
    let document_no = form.document_no.trim();
    let about = ("budget", document_no);
    let event = match how {
        YearEnd::CarryOver => Event::CarriedOver,
        YearEnd::Lapse => Event::Lapsed,
    };
    ledger::book(app, &tx, actor.account_id, (&key, about), &[Movement::of(event, amount)]).await?;
    if how == YearEnd::CarryOver {
        let next = BudgetKey { budget_year: key.budget_year + 1, ..key.clone() };
        rows::lock(&tx, &next).await?;
        let into = Fen::ZERO.checked_sub(amount).ok_or_else(super::too_large)?;
        ledger::book(app, &tx, actor.account_id, (&next, about), &[Movement::of(event, into)])
            .await?;
    }
    let detail = json!({
        "programme": key.programme,
        "source": key.source,
        "payer_division": key.payer_division,
        "budget_year": key.budget_year,
        "carried_over": how == YearEnd::CarryOver,
        "amount": amount,
    });
    log(app, &tx, actor, "budget.year_closed", ("budget", document_no), &detail).await?;
    Ok(tx.commit().await?)
}

/// Checks the typed fields; all faults are reported at once.
fn read_form(
    app: &App,
    actor: &Actor,
    form: &YearEndForm<'_>,
) -> Result<(BudgetKey, YearEnd, Fen), Error> {
    let mut faults = Vec::new();
    let mut fault = |field, text: String| faults.push(invalid(field, text));
    let this_year = app.clock.today().year();
    let budget_year: i32 = form.budget_year.trim().parse().unwrap_or(0);
    if budget_year == 0 || budget_year >= this_year {
        fault("year", format!("只能处理已经结束的预算年度（{} 年及以前）", this_year - 1));
    }
    if form.how.is_none() {
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
    let (Some(how), true) = (form.how, faults.is_empty()) else {
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
