//! Signatures that an officer asks for before deciding a file (会签, 加签). Signing is advice: the
//! officer decides alone once enough agreed. While a request is open, acts that carry the file on
//! wait; whatever turns it away stays possible and ends the request, so that no file is stuck.

mod panel;
mod signatures;

pub use panel::{Candidate, Panel, RequestLine, SignerLine, panel};
pub(super) use signatures::Signatures;

use std::collections::BTreeMap;

use serde_json::json;

use super::mandate::{self, IN_NAME_OF};
use super::view::{found, waiting_roles};
use super::{Submitted, joint, recusal};
use crate::app::App;
use crate::domain::authority::{Act, Role};
use crate::domain::cosign::{DAYS, Demand, Ending, MOST_SIGNERS, Standing, level, may_ask, needed};
use crate::domain::identity::disclosure;
use crate::domain::lifecycle::CaseKind;
use crate::domain::notification::NotificationKind;
use crate::domain::registry::Code;
use crate::service::{Actor, Error, freeze, invalid, log, notification};
use crate::store::account::{self, AccountInFull};
use crate::store::case::cosign::{self as store, RequestRow, Signer};
use crate::store::case::{self as cases, CaseRow};
use crate::store::db::Tx;

/// Most characters of a question, an opinion or a reason.
pub const MOST_CHARACTERS: usize = 500;

/// A request as somebody typed it.
#[derive(Debug, Clone, Default)]
pub struct NewRequest {
    /// Accounts that are asked, by identity.
    pub signers: Vec<String>,
    /// Code of how many must agree.
    pub demand: String,
    /// The number, where the demand asks for one.
    pub needed: String,
    /// What is asked, or why.
    pub question: String,
    /// Delegation under which it is asked; empty in one's own name.
    pub in_name_of: String,
    /// How many steps the file had when the asker looked at it.
    pub seen_steps: i64,
}

/// Who asks, closes or answers, on which file: locked, seen in the capacity in which they act.
struct Party {
    tx: Tx,
    row: CaseRow,
    acting: Actor,
}

impl Party {
    async fn load(
        app: &App,
        actor: &Actor,
        case_no: &str,
        in_name_of: &str,
    ) -> Result<Self, Error> {
        actor.must(Act::WorkCases)?;
        let tx = app.db.begin().await?;
        let row = found(app, &tx, actor, case_no).await?;
        let row = cases::lock(&tx, row.id).await?;
        let fields = BTreeMap::from([(IN_NAME_OF.to_owned(), in_name_of.to_owned())]);
        let sent = Submitted { fields, ..Submitted::default() };
        let (acting, mandate) = mandate::acting(app, &tx, actor, &sent).await?;
        let outside = mandate.is_some_and(|mandate| !mandate.covers(row.id))
            || cases::by_no(&tx, &acting.scope, case_no).await?.is_none();
        if outside {
            return Err(Error::NotFound("这个办件"));
        }
        if level(acting.role).is_none() {
            return Err(Error::Refused("会签由办理本件的人社或工信部门办理".to_owned()));
        }
        Ok(Self { tx, row, acting })
    }

    async fn open(&self) -> Result<Option<RequestRow>, Error> {
        Ok(store::open_among(&self.tx, &[self.row.id]).await?.remove(&self.row.id))
    }
}

/// Why somebody in this capacity asks for no signatures on a file; `None` when they may: an office
/// for which the file waits.
async fn ask_fault(
    app: &App,
    tx: &Tx,
    acting: &Actor,
    row: &CaseRow,
) -> Result<Option<String>, Error> {
    let told = |text: &str| Ok(Some(text.to_owned()));
    if level(acting.role).is_none() {
        return told("会签由办理本件的人社或工信部门发起");
    }
    let joint = joint::lies_there(app, tx, row).await?;
    if !waiting_roles(&row.kind, &row.state, joint).contains(&acting.role) {
        return told("本件现在不由您办理，不能发起会签");
    }
    let why = recusal::ground(tx, app.clock.today(), acting.holder_id, row).await?;
    Ok(why.map(|why| format!("{why}，须回避，由其他人发起会签")))
}

/// Why somebody cannot be asked to sign a file; `None` when they can. That they see the file is
/// asked besides.
async fn signer_fault(
    app: &App,
    tx: &Tx,
    (acting, row): (&Actor, &CaseRow),
    signer: &AccountInFull,
) -> Result<Option<&'static str>, Error> {
    let role = Role::from_code(&signer.account.role);
    if signer.account.disabled_at.is_some() || !role.is_some_and(|to| may_ask(acting.role, to)) {
        return Ok(Some("只能请本单位或同级、上级人社、工信部门的在用账号会签"));
    }
    let holder = signer.holder.id;
    let behalf = acting.behalf.as_ref().map(|behalf| behalf.holder_id);
    if holder == acting.holder_id || Some(holder) == behalf {
        return Ok(Some("不能请自己会签，包括自己的另一个账号"));
    }
    let filed = account::by_id(tx, row.opened_by).await?;
    if filed.is_some_and(|by| by.organisation.enterprise_id.is_some() && by.holder.id == holder) {
        return Ok(Some("不能请本件的申报人会签"));
    }
    let today = app.clock.today();
    let kept = recusal::ground(tx, today, holder, row).await?.is_some();
    Ok(kept.then_some("对本件已申报须回避的关系，不能会签"))
}

/// A text that stays with the file: not longer than it may be, and without a full number.
fn check<'a>(field: &str, label: &str, text: &'a str) -> Result<&'a str, (String, String)> {
    let text = text.trim();
    if text.chars().count() > MOST_CHARACTERS {
        return Err(invalid(field, format!("{label}最多 {MOST_CHARACTERS} 个字")));
    }
    match disclosure(text) {
        Some(found) => {
            let text = format!("{label}不能含有{}，请改写为编号、姓名或后四位", found.label());
            Err(invalid(field, text))
        }
        None => Ok(text),
    }
}

fn required<'a>(field: &str, label: &str, text: &'a str) -> Result<&'a str, (String, String)> {
    let text = check(field, label, text)?;
    if text.is_empty() { Err(invalid(field, format!("请填写{label}"))) } else { Ok(text) }
}

/// The accounts that were chosen, each of whom may be asked and sees the file.
async fn chosen(
    app: &App,
    party: &Party,
    signers: &[String],
) -> Result<Result<Vec<AccountInFull>, String>, Error> {
    let mut ids: Vec<i64> = signers.iter().filter_map(|text| text.trim().parse().ok()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() || ids.len() > MOST_SIGNERS as usize {
        return Ok(Err(format!("请选择 1 至 {MOST_SIGNERS} 位会签人")));
    }
    let mut all: Vec<AccountInFull> = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(full) = account::by_id(&party.tx, id).await? else {
            return Ok(Err("所选的会签人已不存在，请重新选择".to_owned()));
        };
        let file = (&party.acting, &party.row);
        let fault = signer_fault(app, &party.tx, file, &full).await?;
        let scope = Actor::new(&full, "")?.scope;
        let sees = cases::by_no(&party.tx, &scope, &party.row.case_no).await?.is_some();
        let fault = fault.or((!sees).then_some("不能查看本件，不能会签"));
        if let Some(fault) = fault {
            return Ok(Err(format!("{}：{fault}", full.holder.name)));
        }
        if all.iter().any(|known| known.holder.id == full.holder.id) {
            return Ok(Err(format!("{}只能选一个账号", full.holder.name)));
        }
        all.push(full);
    }
    Ok(Ok(all))
}

/// Asks others to sign a file before its officer decides. Each is told and finds it among what waits.
///
/// # Errors
/// [`Error::Invalid`] for `signers`, `demand`, `needed` or `question`; [`Error::Refused`] for those
/// whose turn it is not and while another request is open; [`Error::Stale`] when the file moved;
/// [`Error::NotFound`] outside the scope.
pub async fn ask(app: &App, actor: &Actor, case_no: &str, new: &NewRequest) -> Result<(), Error> {
    let party = Party::load(app, actor, case_no, &new.in_name_of).await?;
    let Party { tx, row, acting } = &party;
    if let Some(why) = ask_fault(app, tx, acting, row).await? {
        return Err(Error::Refused(why));
    }
    if party.open().await?.is_some() {
        return Err(Error::Refused("本件已有一项会签正在进行，请先等它结束".to_owned()));
    }
    if new.seen_steps != row.steps {
        return Err(Error::Stale("本件刚刚已由他人办理，请核对最新情况后再发起会签".to_owned()));
    }
    let mut wrong = Vec::new();
    let signers = chosen(app, &party, &new.signers).await?.unwrap_or_else(|why| {
        wrong.push(invalid("signers", why));
        Vec::new()
    });
    let count = u32::try_from(signers.len()).unwrap_or(u32::MAX);
    let demand = Demand::from_code(&new.demand);
    if demand.is_none() {
        wrong.push(invalid("demand", "请选择需要几人同意"));
    }
    // Without signers there is no number that could be too large.
    let needed = demand
        .filter(|_| !signers.is_empty())
        .map(|demand| needed(demand, count, new.needed.trim().parse().ok()));
    if let Some(Err(fault)) = needed {
        wrong.push(invalid("needed", fault.to_string()));
    }
    let question = required("question", "会签事由", &new.question).unwrap_or_else(|fault| {
        wrong.push(fault);
        ""
    });
    let Some(Ok(needed)) = needed.filter(|_| wrong.is_empty()) else {
        return Err(Error::Invalid(wrong));
    };
    record(app, &party, (question, needed.get()), &signers).await?;
    Ok(party.tx.commit().await?)
}

async fn record(
    app: &App,
    Party { tx, row, acting }: &Party,
    (question, needed): (&str, u32),
    signers: &[AccountInFull],
) -> Result<(), Error> {
    let kind = CaseKind::from_code(&row.kind).ok_or(Error::NotFound("这个办件"))?;
    let calendar = freeze::calendar_of(tx, kind).await?;
    let behalf = acting.behalf.as_ref();
    let new = store::NewRequest {
        case_id: row.id,
        step_no: row.steps,
        state: &row.state,
        question,
        needed,
        due_on: calendar.add_working_days(app.clock.today(), DAYS).ok(),
        by: (acting.account_id, acting.holder_id),
        behalf: behalf.map(|behalf| (behalf.account_id, behalf.holder_id)),
        organisation_id: acting.organisation_id,
        at: app.clock.now(),
    };
    let signer = |full: &AccountInFull| (full.account.id, full.holder.id, full.organisation.id);
    let asked: Vec<store::NewSigner> = signers.iter().map(signer).collect();
    let id = store::ask(tx, &new, &asked).await?;
    // What a signer is told of is the day by which to answer, not that of the file.
    let theirs = CaseRow { due_on: new.due_on, ..row.clone() };
    for full in signers {
        let told = (NotificationKind::CosignAsked, id.to_string());
        notification::cosign(app, tx, full.account.id, (told.0, &told.1), &theirs).await?;
    }
    let logins: Vec<&str> = signers.iter().map(|full| full.account.login.as_str()).collect();
    let mut detail = json!({ "signers": logins, "needed": needed });
    if let Some(behalf) = behalf {
        detail["in_name_of"] = behalf.login.as_str().into();
    }
    log(app, tx, acting, "cosign.asked", ("case", &row.case_no), &detail).await
}

/// The answers to a request, among the signers of several.
fn answers_to(request: &RequestRow, signers: &[Signer]) -> Vec<bool> {
    let own = signers.iter().filter(|(signer, _)| signer.request_id == request.id);
    own.filter_map(|(_, answer)| answer.as_ref().map(|answer| answer.agrees)).collect()
}

/// How a request stands after answers.
fn standing_of(request: &RequestRow, answers: &[bool]) -> Standing {
    let count = |number: i64| u32::try_from(number).unwrap_or(0);
    crate::domain::cosign::standing(count(request.signers), count(request.needed), answers)
}

/// Answers a request, once and for oneself: a signature is not delegated. Enough agreed, and the
/// request ends; the asker is told when it is decided.
///
/// # Errors
/// [`Error::Invalid`] for `agrees` or a missing `opinion`; [`Error::Refused`] for those who are not
/// asked, answered before or must withdraw; [`Error::NotFound`] outside the scope.
pub async fn answer(
    app: &App,
    actor: &Actor,
    case_no: &str,
    (agrees, opinion): (&str, &str),
) -> Result<Standing, Error> {
    let party = Party::load(app, actor, case_no, "").await?;
    let Party { tx, row, acting } = &party;
    let no = |text: &str| Err(Error::Refused(text.to_owned()));
    let Some(request) = party.open().await? else {
        return no("本件现在没有等待答复的会签，可能已由他人撤销或随办件流转失效");
    };
    let signers = store::signers(tx, &[request.id]).await?;
    let own = signers.iter().find(|(signer, _)| signer.account_id == acting.account_id);
    let own_id = match own {
        None => return no("本件的会签没有请您答复"),
        Some((_, Some(_))) => return no("您已答复过这项会签，答复不能更改"),
        Some((signer, None)) => signer.id,
    };
    if let Some(why) = recusal::ground(tx, app.clock.today(), acting.holder_id, row).await? {
        return Err(Error::Refused(format!("{why}，须回避，不能会签")));
    }
    let agrees = match agrees {
        "yes" => true,
        "no" => false,
        _ => return Err(Error::Invalid(vec![invalid("agrees", "请选择同意或不同意")])),
    };
    let opinion = if agrees {
        check("opinion", "意见", opinion)
    } else {
        required("opinion", "不同意的意见", opinion)
    };
    let opinion = opinion.map_err(|fault| Error::Invalid(vec![fault]))?;
    store::answer(tx, own_id, (agrees, opinion), app.clock.now()).await?;
    let mut answers = answers_to(&request, &signers);
    let before = standing_of(&request, &answers);
    answers.push(agrees);
    let after = standing_of(&request, &answers);
    settle(app, &party, &request, (before, after)).await?;
    let word = if agrees { "agree" } else { "disagree" };
    let met = after == Standing::Met;
    let detail = json!({ "answer": word, "met": met });
    log(app, tx, acting, "cosign.answered", ("case", case_no), &detail).await?;
    party.tx.commit().await?;
    Ok(after)
}

/// Ends a request that is met, and tells the asker as soon as one is decided.
async fn settle(
    app: &App,
    Party { tx, row, acting }: &Party,
    request: &RequestRow,
    (before, after): (Standing, Standing),
) -> Result<(), Error> {
    if after == Standing::Met {
        let end = (Ending::Met.code(), Some(acting.account_id), "");
        store::end(tx, &[request.id], end, app.clock.now()).await?;
    }
    if before == after || matches!(after, Standing::Open { .. }) {
        return Ok(());
    }
    let occasion = request.id.to_string();
    for account_id in [Some(request.asked_by), request.for_account_id].into_iter().flatten() {
        let told = (NotificationKind::CosignDone, occasion.as_str());
        notification::cosign(app, tx, account_id, told, row).await?;
    }
    Ok(())
}

/// Whether somebody may end a request before it is met: who asked, in whose name it was asked, who
/// stands in for either; and, once the asker's account is disabled, the same office in the same role.
async fn may_close(tx: &Tx, acting: &Actor, request: &RequestRow) -> Result<bool, Error> {
    let asked = [Some(request.asked_holder), request.for_holder_id];
    let behalf = acting.behalf.as_ref().map(|behalf| behalf.holder_id);
    if [Some(acting.holder_id), behalf].iter().any(|who| who.is_some() && asked.contains(who)) {
        return Ok(true);
    }
    let asker = account::by_id(tx, request.for_account_id.unwrap_or(request.asked_by)).await?;
    Ok(asker.is_some_and(|asker| {
        asker.account.disabled_at.is_some()
            && asker.organisation.id == acting.organisation_id
            && asker.account.role == acting.role.code()
    }))
}

/// Ends the open request of a file before it is met, with a reason: taken back, or closed once it
/// cannot be met. The officer then decides as before.
///
/// # Errors
/// [`Error::Invalid`] for `reason`; [`Error::Refused`] when there is none, and for others than the
/// asker; [`Error::NotFound`] outside the scope.
pub async fn close(
    app: &App,
    actor: &Actor,
    case_no: &str,
    (reason, in_name_of): (&str, &str),
) -> Result<(), Error> {
    let party = Party::load(app, actor, case_no, in_name_of).await?;
    let Party { tx, acting, .. } = &party;
    let Some(request) = party.open().await? else {
        return Err(Error::Refused("本件现在没有进行中的会签".to_owned()));
    };
    if !may_close(tx, acting, &request).await? {
        return Err(Error::Refused("会签只能由发起人结束".to_owned()));
    }
    let reason = required("reason", "结束会签的原因", reason);
    let reason = reason.map_err(|fault| Error::Invalid(vec![fault]))?;
    let signers = store::signers(tx, &[request.id]).await?;
    let ending = match standing_of(&request, &answers_to(&request, &signers)) {
        Standing::Impossible => Ending::Closed,
        _ => Ending::Cancelled,
    };
    let end = (ending.code(), Some(acting.account_id), reason);
    store::end(tx, &[request.id], end, app.clock.now()).await?;
    let detail = json!({ "ending": ending.code() });
    log(app, tx, acting, "cosign.closed", ("case", case_no), &detail).await?;
    Ok(party.tx.commit().await?)
}
