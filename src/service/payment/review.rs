//! The second and third person: check, approve, send back, cancel, close.

use serde_json::{Value, json};

use crate::app::App;
use crate::domain::ledger::Event;
use crate::domain::money::Fen;
use crate::domain::payment::{Action, State};
use crate::domain::yearly::Cause;
use crate::service::account::must_be_present;
use crate::service::{Actor, Error};
use crate::store::payment as store;

use super::sample::{Check, findings};
use super::signature::sign;
use super::step::{Step, role_may};
use super::{Standing, required_text};

const MAX_REASON: usize = 500;

/// The checker has looked at the sample and confirms the content whose hash was on the page; when
/// a payment differs from its papers, the batch goes back to its maker with what was found.
///
/// # Errors
/// [`Error::Invalid`] for a payment of the sample that was not looked at; [`Error::Refused`] when the
/// hash is another one or anything differs from what was frozen.
pub async fn check(
    app: &App,
    actor: &Actor,
    batch_no: &str,
    version: i64,
    check: &Check<'_>,
) -> Result<Standing, Error> {
    let mut step = Step::begin(app, actor, batch_no, version, Action::Check).await?;
    let lines = step.verified_for_release().await?;
    if check.hash.trim() != step.batch.content_hash {
        return Err(Error::Refused(
            "您核对的内容校验值与批次现在的不同，请刷新页面，重新核对后再复核".to_owned(),
        ));
    }
    let found = findings(&step, &lines, check.looked).await?;
    let sampled = found.rows.len();
    store::add_samples(&step.tx, found.rows).await?;
    if found.differing.is_empty() {
        step.batch.checked_by = Some(actor.holder_id);
        return step.finish(State::Checked, "", json!({ "sampled": sampled })).await;
    }
    step.action = Action::SendBack;
    back_to_maker(step, &found.differing).await
}

/// What an approver types: the total, in yuan, as printed on the paper, and the own password.
#[derive(Clone, Copy)]
pub struct Approval<'a> {
    /// Total.
    pub total: &'a str,
    /// Password of the account.
    pub password: &'a str,
}

/// The approver releases the money and signs what was frozen.
///
/// # Errors
/// [`Error::Invalid`] (`password`, `total`) when one of them is wrong; [`Error::Refused`] when anything
/// differs from what was frozen.
pub async fn approve(
    app: &App,
    actor: &Actor,
    batch_no: &str,
    version: i64,
    typed: Approval<'_>,
) -> Result<Standing, Error> {
    role_may(actor, Action::Approve)?;
    must_be_present(app, actor, typed.password).await?;
    let mut step = Step::begin(app, actor, batch_no, version, Action::Approve).await?;
    step.verified_for_release().await?;
    let wrong = |text: &str| Error::Invalid(vec![("total".to_owned(), text.to_owned())]);
    let typed = Fen::typed(typed.total).map_err(|_| wrong("请输入合计金额，例如 200000.00"))?;
    if typed.get() != step.batch.total_fen {
        return Err(wrong("输入的金额与批次合计不同，请对照审批表重新核对"));
    }
    step.batch.approved_by = Some(actor.holder_id);
    sign(app, &step.tx, (&step.batch, actor), step.at).await?;
    step.finish(State::Approved, "", Value::Null).await
}

/// Gives the batch back to its maker: its money is payable again, and its next freezing is a new
/// revision with a new hash.
///
/// # Errors
/// [`Error::Invalid`] (`reason`) without a reason; else as every step.
pub async fn send_back(
    app: &App,
    actor: &Actor,
    batch_no: &str,
    version: i64,
    reason: &str,
) -> Result<Standing, Error> {
    let step = Step::begin(app, actor, batch_no, version, Action::SendBack).await?;
    let reason = required_text("reason", "退回原因", reason, MAX_REASON)?;
    back_to_maker(step, &reason).await
}

async fn back_to_maker(mut step: Step<'_>, reason: &str) -> Result<Standing, Error> {
    let withdrawn = json!({
        "withdrawn_hash": step.batch.content_hash,
        "withdrawn_total": Fen::new(step.batch.total_fen),
    });
    store::release(&step.tx, &step.batch).await?;
    step.moves(Event::Withdrawn, Fen::new(step.batch.total_fen), None);
    step.files_follow(Cause::Batch).await?;
    let batch = &mut step.batch;
    batch.revision += 1;
    batch.line_count = 0;
    batch.total_fen = 0;
    batch.content_hash = String::new();
    batch.tax_treatment = String::new();
    batch.checked_by = None;
    batch.approved_by = None;
    batch.frozen_at = None;
    step.finish(State::Draft, reason, withdrawn).await
}

/// Gives a draft or frozen batch up; its money is payable again.
///
/// # Errors
/// [`Error::Invalid`] (`reason`) without a reason; else as every step.
pub async fn cancel(
    app: &App,
    actor: &Actor,
    batch_no: &str,
    version: i64,
    reason: &str,
) -> Result<Standing, Error> {
    let mut step = Step::begin(app, actor, batch_no, version, Action::Cancel).await?;
    let reason = required_text("reason", "撤销原因", reason, MAX_REASON)?;
    store::release(&step.tx, &step.batch).await?;
    step.moves(Event::Withdrawn, Fen::new(step.batch.total_fen), None);
    step.files_follow(Cause::Batch).await?;
    step.finish(State::Cancelled, &reason, Value::Null).await
}

/// Closes a settled batch whose every row of every return file is answered; `receipts` says where the
/// bank's receipts are filed.
///
/// # Errors
/// [`Error::Invalid`] (`receipts`) without it; [`Error::Refused`] naming what is still open, or when the
/// sums do not add up.
pub async fn close(
    app: &App,
    actor: &Actor,
    batch_no: &str,
    version: i64,
    receipts: &str,
) -> Result<Standing, Error> {
    let step = Step::begin(app, actor, batch_no, version, Action::Close).await?;
    let receipts = required_text("receipts", "电子回单的归档编号", receipts, MAX_REASON)?;
    step.verified().await?;
    let unconfirmed = store::unconfirmed(&step.tx, step.batch.id).await?;
    if unconfirmed > 0 {
        return Err(Error::Refused(format!("还有 {unconfirmed} 份回单未经复核确认，不能关闭")));
    }
    let questions = store::open_questions(&step.tx, step.batch.id).await?;
    if questions > 0 {
        return Err(Error::Refused(format!("还有 {questions} 条待查记录未处理，不能关闭")));
    }
    let sums = store::sums(&step.tx, &step.batch).await?;
    let answered = Fen::checked_sum([sums.settled, sums.failed, sums.pending]);
    let holds = answered == Some(Fen::new(step.batch.total_fen)) && sums.pending_lines == 0;
    if !holds {
        return Err(Error::Refused(format!(
            "发出 {} 元与成功 {} 元、失败 {} 元、在途 {} 元不平，不能关闭，请通知审计人员核查",
            Fen::new(step.batch.total_fen).grouped(),
            sums.settled.grouped(),
            sums.failed.grouped(),
            sums.pending.grouped()
        )));
    }
    let detail = json!({ "paid": sums.settled, "failed": sums.failed, "receipts": receipts });
    step.finish(State::Closed, &format!("电子回单归档 {receipts}"), detail).await
}
