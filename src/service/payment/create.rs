//! Drawing up a batch.

use chrono::Datelike;
use serde_json::json;

use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::payment::State;
use crate::file::bank::MAX_PURPOSE;
use crate::service::{Actor, Error, log};
use crate::store::number::allocate;
use crate::store::payment::{self as store, NewBatch, NewStep};

use super::{Criteria, Preview, preview};

const MAX_ACCOUNT: usize = 64;
const MAX_CODE: usize = 18;
/// Batches drawn up at once.
const MAX_BATCHES: i64 = 20;
const MAX_LINES: i64 = 50_000;
const FIRST_YEAR: i64 = 2025;

/// Draws up a draft; returns its number. It holds no money until it is frozen.
///
/// # Errors
/// [`Error::Forbidden`], or [`Error::Invalid`] with every wrong field (named as in [`Criteria`]).
pub async fn create(app: &App, actor: &Actor, criteria: Criteria) -> Result<String, Error> {
    actor.must(Act::MakeBatch)?;
    let criteria = checked(app, actor, criteria)?;
    let tx = app.db.begin().await?;
    let series = format!("batch/{}", criteria.budget_year);
    let number = allocate(&tx, &series, 1).await?;
    let batch_no = format!("B{}-{number:04}", criteria.budget_year);
    let new = NewBatch {
        batch_no: &batch_no,
        programme: &criteria.programme,
        award_year: criteria.award_year,
        budget_year: criteria.budget_year,
        source: &criteria.source,
        payer_division: &criteria.payer_division,
        payer_account: &criteria.payer_account,
        purpose: &criteria.purpose,
        city_unit: &criteria.city_unit,
        enterprise_uscc: &criteria.enterprise_uscc,
        max_lines: criteria.max_lines,
        made_by: actor.holder_id,
        created_at: app.clock.now(),
    };
    let batch = store::create(&tx, &new).await?;
    let step = NewStep {
        batch_id: batch.id,
        revision: batch.revision,
        action: None,
        from: State::Draft,
        to: State::Draft,
        account_id: actor.account_id,
        holder_id: actor.holder_id,
        at: app.clock.now(),
        reason: "",
        content_hash: "",
    };
    store::add_step(&tx, &step).await?;
    let detail = json!({
        "programme": criteria.programme,
        "award_year": criteria.award_year,
        "budget_year": criteria.budget_year,
        "source": criteria.source,
        "payer": criteria.payer_division,
        "purpose": criteria.purpose,
        "city_unit": criteria.city_unit,
        "enterprise": criteria.enterprise_uscc,
    });
    log(app, &tx, actor, "batch.create", ("batch", &batch_no), &detail).await?;
    tx.commit().await?;
    Ok(batch_no)
}

/// Draws up as many drafts as it takes for everything that is payable now, each with at most
/// `max_lines`; returns their numbers. Frozen one after the other, each takes what the ones before
/// left.
///
/// # Errors
/// As [`create`]; [`Error::Invalid`] (`max_lines`) when it would take more than 20.
pub async fn create_all(
    app: &App,
    actor: &Actor,
    criteria: Criteria,
) -> Result<Vec<String>, Error> {
    let found = preview(app, actor, &criteria).await?;
    create_found(app, actor, criteria, &found).await
}

/// [`create_all`] of what a preview found.
pub(in crate::service) async fn create_found(
    app: &App,
    actor: &Actor,
    criteria: Criteria,
    found: &Preview,
) -> Result<Vec<String>, Error> {
    let batches = (found.lines + found.waiting + criteria.max_lines - 1) / criteria.max_lines;
    if batches > MAX_BATCHES {
        let text = format!(
            "按每批 {} 笔需要 {batches} 个批次，一次最多 {MAX_BATCHES} 个，请提高每批笔数",
            criteria.max_lines
        );
        return Err(Error::Invalid(vec![("max_lines".to_owned(), text)]));
    }
    let mut made = Vec::new();
    for _ in 0..batches.max(1) {
        made.push(create(app, actor, criteria.clone()).await?);
    }
    Ok(made)
}

/// The criteria with trimmed texts.
pub(super) fn checked(app: &App, actor: &Actor, mut criteria: Criteria) -> Result<Criteria, Error> {
    let mut wrong: Vec<(String, String)> = Vec::new();
    let mut refuse = |field: &str, text: &str| wrong.push((field.to_owned(), text.to_owned()));
    for (field, text, label) in [
        ("programme", &mut criteria.programme, "请选择奖补项目"),
        ("source", &mut criteria.source, "请选择资金来源"),
        ("payer_division", &mut criteria.payer_division, "请选择付款单位"),
        ("purpose", &mut criteria.purpose, "请填写用途，1 至 20 个字"),
        ("payer_account", &mut criteria.payer_account, "请填写付款账户，1 至 64 个字"),
    ] {
        *text = text.trim().to_owned();
        if text.is_empty() || text.chars().any(char::is_control) {
            refuse(field, label);
        }
    }
    for (field, text) in
        [("city_unit", &mut criteria.city_unit), ("enterprise_uscc", &mut criteria.enterprise_uscc)]
    {
        *text = text.trim().to_owned();
        if text.chars().count() > MAX_CODE || text.chars().any(char::is_control) {
            refuse(field, "请从列表中选择");
        }
    }
    if criteria.purpose.chars().count() > MAX_PURPOSE {
        refuse("purpose", "用途不能超过 20 个字，否则银行会截断");
    }
    if criteria.purpose.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        refuse("purpose", "用途不能以 = + - @ 开头，会被表格软件当作公式");
    }
    if criteria.payer_account.chars().count() > MAX_ACCOUNT {
        refuse("payer_account", "付款账户不能超过 64 个字");
    }
    if !criteria.payer_division.is_empty() && criteria.payer_division != actor.division {
        refuse("payer_division", "只能编制本单位付款的批次");
    }
    let this_year = i64::from(app.clock.today().year());
    if !(FIRST_YEAR..=this_year).contains(&criteria.award_year) {
        refuse("award_year", "奖补年度应为2025年至今年");
    }
    if criteria.budget_year != this_year {
        refuse("budget_year", "预算年度应为今年，往年指标已不能使用");
    }
    if !(1..=MAX_LINES).contains(&criteria.max_lines) {
        refuse("max_lines", "每批笔数应为 1 至 50000");
    }
    if wrong.is_empty() { Ok(criteria) } else { Err(Error::Invalid(wrong)) }
}
