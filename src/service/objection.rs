//! Objections as those see them who raised them, by their receipt; and who they are, opened for
//! those who handle one, once at a time and never without a trace.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::json;

use super::case::{Desk, Submitted, act_by_person, identity_fault};
use super::{Actor, Error, invalid, log, reveal, visitor};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::authority::Act;
use crate::domain::lifecycle::{
    CaseKind, Evidence, Hand, Lifecycle, Objection, ObjectionAct as A, ObjectionState as S,
};
use crate::domain::registry::Code;
use crate::store::case::{self as cases, CaseRow, StepRow};
use crate::store::notice as store;
use crate::vault::{kind, place};

/// Hexadecimal digits of a receipt after the number of the objection (48 bits).
const RECEIPT_DIGITS: usize = 12;
const UNKNOWN: &str = "没有这个回执号，请核对后重新填写";

/// The receipt of an objection: its number, and a mark that nobody can guess from the number.
pub fn receipt(app: &App, case_no: &str) -> String {
    let mark = app.vault.mark(kind::RECEIPT, case_no);
    format!("{case_no}-{}", mark.get(..RECEIPT_DIGITS).unwrap_or(&mark))
}

/// An objection as the one who raised it sees it.
#[derive(Debug, Clone)]
pub struct OwnObjection {
    /// Official number.
    pub no: String,
    /// The line of the notice that it is about.
    pub about: String,
    /// What was said.
    pub content: String,
    /// State.
    pub state: &'static str,
    /// Until when the office has to act, or the review can be asked for.
    pub due_on: Option<NaiveDate>,
    /// Day and act, oldest first.
    pub history: Vec<(NaiveDate, &'static str)>,
    /// Answers: to what, and the text.
    pub answers: Vec<(&'static str, String)>,
    /// Whether it can be taken back.
    pub may_withdraw: bool,
    /// Whether the province can be asked to look again.
    pub may_request_review: bool,
}

/// The objection of a receipt.
///
/// # Errors
/// [`Error::Invalid`] for an unknown receipt; [`Error::Refused`] after too many of them.
pub async fn by_receipt(app: &App, address: &str, receipt: &str) -> Result<OwnObjection, Error> {
    let row = known(app, address, receipt).await?;
    view(app, &row).await
}

async fn known(app: &App, address: &str, text: &str) -> Result<CaseRow, Error> {
    let unknown = || Error::Invalid(vec![invalid("receipt", UNKNOWN)]);
    let typed: String = text.trim().to_uppercase().chars().filter(|c| !c.is_whitespace()).collect();
    let no = typed.rsplit_once('-').map_or(typed.as_str(), |(no, _)| no);
    if typed.is_empty() {
        return Err(Error::Invalid(vec![invalid("receipt", "请填写回执号")]));
    }
    let attempt = visitor::admit(app, "objection", no, address).await?;
    if !app.vault.are_equal(&typed, &receipt(app, no)) {
        return Err(unknown());
    }
    let province = crate::domain::authority::Scope::Province;
    let found = cases::by_no(app.db.read(), &province, no).await?;
    let row = found.filter(|row| row.kind == CaseKind::Objection.code()).ok_or_else(unknown)?;
    visitor::succeeded(app, attempt).await?;
    Ok(row)
}

async fn view(app: &App, row: &CaseRow) -> Result<OwnObjection, Error> {
    let read = app.db.read();
    let lost = || Error::Internal(format!("objection {} has no subject", row.case_no));
    let said = store::objection(read, row.id).await?.ok_or_else(lost)?;
    let entry = store::entry(read, said.entry_id).await?.ok_or_else(lost)?;
    let steps = cases::steps(read, row.id).await?;
    let state = S::from_code(&row.state).ok_or_else(lost)?;
    let acts = Objection::acts_of(state, Hand::Person);
    let today = app.clock.today();
    let in_time = row.due_on.is_none_or(|last| today <= last);
    let act = |step: &StepRow| A::from_code(&step.act).map(|act| (step.on_day, act.label()));
    let received = china_time(said.received_at).date_naive();
    Ok(OwnObjection {
        no: row.case_no.clone(),
        about: format!(
            "{}：{} {} {}",
            row.about, entry.name_masked, entry.enterprise, entry.detail
        ),
        content: said.content,
        state: state.label(),
        due_on: row.due_on,
        history: std::iter::once((received, "收到异议"))
            .chain(steps.iter().filter_map(act))
            .collect(),
        answers: steps.iter().filter_map(answer).collect(),
        may_withdraw: acts.contains(&A::Withdraw),
        may_request_review: said.named && in_time && acts.contains(&A::RequestReview),
    })
}

/// What the office answered with an act; its files and opinions stay inside.
fn answer(step: &StepRow) -> Option<(&'static str, String)> {
    let act = A::from_code(&step.act)?;
    let told = match act {
        A::Refuse => Evidence::Ground,
        A::Uphold | A::Dismiss | A::ConcludeDismissed | A::ConcludeUpheld => Evidence::Answer,
        _ => return None,
    };
    let evidence: BTreeMap<String, String> = serde_json::from_str(&step.evidence).ok()?;
    Some((act.label(), evidence.get(told.code())?.clone()))
}

/// Takes an objection back.
///
/// # Errors
/// As [`by_receipt`]; [`Error::Refused`] once it is decided.
pub async fn withdraw(app: &App, address: &str, receipt: &str) -> Result<OwnObjection, Error> {
    moved(app, address, receipt, A::Withdraw, BTreeMap::new()).await
}

/// Asks the province, once, to look at a decided objection again.
///
/// # Errors
/// As [`by_receipt`]; [`Error::Invalid`] without a reason; [`Error::Refused`] for an anonymous lead,
/// after the time for it, or a second time.
pub async fn request_review(
    app: &App,
    address: &str,
    receipt: &str,
    ground: &str,
) -> Result<OwnObjection, Error> {
    let row = known(app, address, receipt).await?;
    let said = store::objection(app.db.read(), row.id).await?;
    if !said.is_some_and(|said| said.named) {
        return Err(Error::Refused("匿名线索不能申请复核".to_owned()));
    }
    if ground.trim().chars().count() < 10 {
        let text = "请写明申请复核的理由，不少于10个字";
        return Err(Error::Invalid(vec![invalid("ground", text)]));
    }
    let fields = [(Evidence::Ground.code().to_owned(), ground.trim().to_owned())].into();
    moved(app, address, receipt, A::RequestReview, fields).await
}

async fn moved(
    app: &App,
    address: &str,
    receipt: &str,
    act: A,
    fields: BTreeMap<String, String>,
) -> Result<OwnObjection, Error> {
    let row = known(app, address, receipt).await?;
    let tx = app.db.begin().await?;
    act_by_person::<Objection>(app, &tx, row.id, act, fields).await?;
    tx.commit().await?;
    let row = cases::by_ids(app.db.read(), &[row.id]).await?.pop();
    view(app, &row.ok_or(Error::NotFound("这件异议"))?).await
}

/// Who raised an objection.
#[derive(Debug, Clone)]
pub struct Objector {
    /// Name.
    pub name: String,
    /// Phone or mail.
    pub contact: String,
}

/// Opens who raised an objection, for one look; the log tells who opened it and why.
///
/// # Errors
/// [`Error::NotFound`] outside the scope; [`Error::Invalid`] without a reason; [`Error::Refused`]
/// for whoever does not handle it, and for an anonymous lead.
pub async fn open_objector(
    app: &App,
    actor: &Actor,
    case_no: &str,
    reason: &str,
) -> Result<Objector, Error> {
    actor.must(Act::ReadCases)?;
    let reason = reason.trim();
    let tx = app.db.begin().await?;
    let row = may_open(app, &tx, actor, case_no).await?;
    if reason.chars().count() < 5 {
        let text = "请写明查看提出人身份的事由，不少于5个字";
        return Err(Error::Invalid(vec![invalid("reason", text)]));
    }
    let said = store::objection(&tx, row.id).await?.ok_or(Error::NotFound("这件异议"))?;
    if !said.named {
        return Err(Error::Refused("这是匿名线索，没有身份信息".to_owned()));
    }
    reveal::take_contact(app, &tx, actor, reason).await?;
    let name = app.vault.open_text(place::OBJECTOR, &said.objector_cipher)?;
    let contact = app.vault.open_text(place::OBJECTOR_CONTACT, &said.contact_cipher)?;
    let opened = Objector { name: name.to_string(), contact: contact.to_string() };
    let detail = json!({ "reason": reason });
    log(app, &tx, actor, "objector.opened", ("case", &row.case_no), &detail).await?;
    tx.commit().await?;
    Ok(opened)
}

/// Whether the actor could open who raised an objection; for the page that asks for the reason.
///
/// # Errors
/// As [`open_objector`].
pub async fn may_open_objector(app: &App, actor: &Actor, case_no: &str) -> Result<(), Error> {
    actor.must(Act::ReadCases)?;
    let tx = app.db.begin_read().await?;
    may_open(app, &tx, actor, case_no).await?;
    Ok(tx.rollback().await?)
}

async fn may_open(
    app: &App,
    tx: &crate::store::db::Tx,
    actor: &Actor,
    case_no: &str,
) -> Result<CaseRow, Error> {
    let found = cases::by_no(tx, &actor.scope, case_no).await?;
    let is_one = |row: &CaseRow| row.kind == CaseKind::Objection.code();
    let row = found.filter(is_one).ok_or(Error::NotFound("这件异议"))?;
    let steps = cases::steps(tx, row.id).await?;
    let sent = Submitted::default();
    let desk = Desk { app, tx, actor: Some(actor), row: &row, steps: &steps, sent: &sent };
    match identity_fault(&desk).await? {
        Some(why) => Err(Error::Refused(why)),
        None => Ok(row),
    }
}
