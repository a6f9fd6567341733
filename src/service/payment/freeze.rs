//! Freezing: lines, payees, count, sum and hash are fixed.

use chrono::Datelike;
use serde_json::json;

use crate::app::App;
use crate::domain::ledger::Event;
use crate::domain::money::Fen;
use crate::domain::payment::{Action, State};
use crate::domain::registry::Code;
use crate::domain::tax::TaxTreatment;
use crate::domain::yearly::Cause;
use crate::file::hash::sha256_hex;
use crate::service::{Actor, Error, tax};
use crate::store::payment::{self as store, Batch, NewBatchLine};
use crate::store::{account_filing, budget};

use super::preview::{Selection, count, select, shortfall};
use super::step::{Step, content, own_account_text};
use super::{Criteria, Standing};

/// Picks the payable lines of a draft and fixes who is paid how much to which account. Two freezes
/// of one budget line wait for each other, so that together they never pass what is allotted.
///
/// # Errors
/// [`Error::Refused`] while the tax is undetermined, when nothing is payable, the budget lacks money (with the exact shortfall),
/// the budget year is over, or the maker recorded one of the accounts; else as every step.
pub async fn freeze(
    app: &App,
    actor: &Actor,
    batch_no: &str,
    version: i64,
) -> Result<Standing, Error> {
    let mut step = Step::begin(app, actor, batch_no, version, Action::Freeze).await?;
    let criteria = Criteria::from(&step.batch);
    if i64::from(app.clock.today().year()) != criteria.budget_year {
        return Err(Error::Refused(format!(
            "{} 年的指标只能在当年冻结，请撤销本批次，用今年的指标重新编制",
            criteria.budget_year
        )));
    }
    budget::lock(&step.tx, &criteria.budget_key()).await?;
    let treatment = tax::settled(&step.tx, (&criteria.programme, criteria.award_year)).await?;
    let selection = select(app, &step.tx, &criteria, true).await?;
    affordable(&selection)?;
    recorded_by_others(&step, &selection).await?;
    treatment.code().clone_into(&mut step.batch.tax_treatment);
    let lines = batch_lines(&step.batch, &selection, treatment);
    store::hold(&step.tx, &step.batch, &lines).await?;

    step.batch.made_by = actor.holder_id;
    let frozen = store::frozen_lines(&step.tx, &step.batch).await?;
    let (hash, lines, total) = {
        let content = content(&step.batch, &frozen);
        let hash = sha256_hex(content.canonical().as_bytes());
        (hash, content.count(), content.total())
    };
    let total = total.filter(|total| Ok(*total) == selection.total().map_err(|_| ()));
    let total = total.ok_or_else(|| Error::Internal("frozen lines do not add up".to_owned()))?;
    step.batch.line_count = lines;
    step.batch.total_fen = total.get();
    step.batch.content_hash = hash;
    step.batch.frozen_at = Some(step.at);
    step.moves(Event::Frozen, total, None);
    step.files_follow(Cause::Batch).await?;
    let left_out: i64 = selection.excluded.iter().map(|excluded| excluded.persons).sum();
    step.finish(
        State::Frozen,
        "",
        json!({ "left_out": left_out, "tax_treatment": treatment.code() }),
    )
    .await
}

fn affordable(selection: &Selection) -> Result<(), Error> {
    if selection.chosen.is_empty() {
        let why: Vec<String> = selection
            .excluded
            .iter()
            .map(|left| format!("{} {} 人", left.reason.label(), left.persons))
            .collect();
        let why = if why.is_empty() {
            "没有待付资金".to_owned()
        } else {
            format!("待付资金均未编入（{}）", why.join("，"))
        };
        return Err(Error::Refused(format!("没有可以冻结的资金：{why}")));
    }
    let total = selection.total()?;
    let lacking = shortfall(total, selection.figures.available)?;
    if lacking.get() > 0 {
        return Err(Error::Refused(format!(
            "可用指标不足：需要 {} 元，可用 {} 元，缺 {} 元。系统不会自动压减金额，请先登记新的指标，或减少每批笔数",
            total.grouped(),
            selection.figures.available.grouped(),
            lacking.grouped()
        )));
    }
    Ok(())
}

/// domain.md 7.2 rule 2, case 43.
async fn recorded_by_others(step: &Step<'_>, selection: &Selection) -> Result<(), Error> {
    let mut accounts: Vec<i64> =
        selection.chosen.iter().map(|(_, account)| account.recorded_by).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let holder = step.actor.holder_id;
    let holders = store::holders_of(&step.tx, accounts).await?;
    let touched = account_filing::touched_by(&step.tx, holder).await?;
    let own: Vec<&str> = selection
        .chosen
        .iter()
        .filter(|(_, account)| {
            holders.contains(&(account.recorded_by, holder)) || touched.contains(&account.id)
        })
        .map(|(_, account)| account.fact.account_name.as_str())
        .take(5)
        .collect();
    if own.is_empty() { Ok(()) } else { Err(Error::Refused(own_account_text(&own.join("、")))) }
}

fn batch_lines(batch: &Batch, selection: &Selection, treatment: TaxTreatment) -> Vec<NewBatchLine> {
    let line = |(index, (line, account)): (usize, &(store::PaymentLine, _))| {
        let account: &crate::domain::registry::Stated<crate::domain::registry::BankAccount> =
            account;
        let seq = count(index) + 1;
        NewBatchLine {
            line_ref: format!("{}-{}-{seq:05}", batch.batch_no, batch.revision),
            seq,
            payment_line_id: line.id,
            payee_name: account.fact.account_name.clone(),
            bank_account_id: account.id,
            last_four: account.fact.last_four.clone(),
            amount_fen: line.amount_fen,
            tax_fen: treatment.withheld(Fen::new(line.amount_fen)).get(),
        }
    };
    selection.chosen.iter().enumerate().map(line).collect()
}
