//! Standing in: in writing, for days, never for a duty that stands next to one's own
//! (domain.md 7.2, 6). Both natural persons stay with every step that is done so.

use chrono::NaiveDate;
use serde_json::json;

use super::view::waiting_roles;
use super::{Submitted, joint, recusal};
use crate::app::App;
use crate::domain::authority::{Act, Role};
use crate::domain::duty::kind_of;
use crate::domain::lifecycle::adjacent;
use crate::domain::registry::Code;
use crate::service::{Actor, Behalf, Error, invalid, log, notification};
use crate::store::account::{self, AccountInFull};
use crate::store::case::{self as cases, CaseRow};
use crate::store::db::{Connection, Tx};
use crate::store::delegation::{self as store, DelegationRow, NewDelegation};

/// Field of a form that names the delegation under which an act is done.
pub const IN_NAME_OF: &str = "in_name_of";
/// Longest delegation, in days.
const MOST_DAYS: i64 = 366;
/// Longest handing over of one file, in days.
const HAND_OVER_DAYS: u64 = 60;
/// Most characters of a text.
const MOST_CHARACTERS: usize = 200;

/// A delegation that the reader acts under today, and the actor that it makes of the reader.
#[derive(Debug, Clone)]
pub struct Mandate {
    /// Identity of the delegation.
    pub id: i64,
    /// In whose name: name and role.
    pub whose: String,
    /// The reader in that capacity.
    pub acting: Actor,
}

impl Mandate {
    /// Whether it covers a file.
    pub(super) fn covers(&self, case_id: i64) -> bool {
        let only = self.acting.behalf.as_ref().and_then(|behalf| behalf.case_id);
        only.is_none_or(|only| only == case_id)
    }
}

/// What the reader may do today in the name of others. Nobody passes on what was delegated, and
/// an account that was disabled delegates nothing.
pub(crate) async fn held(
    app: &App,
    conn: &impl Connection,
    actor: &Actor,
) -> Result<Vec<Mandate>, Error> {
    let mut mandates = Vec::new();
    if actor.behalf.is_some() || !actor.role.may(Act::WorkCases) {
        return Ok(mandates);
    }
    for row in store::in_force(conn, actor.account_id, app.clock.today()).await? {
        let giver = account::by_id(conn, row.giver_id).await?;
        if let Some(giver) = giver.filter(|giver| giver.account.disabled_at.is_none()) {
            mandates.push(mandate(actor, &row, &giver)?);
        }
    }
    Ok(mandates)
}

fn mandate(actor: &Actor, row: &DelegationRow, giver: &AccountInFull) -> Result<Mandate, Error> {
    let own = Actor::new(giver, &actor.address)?;
    let behalf = Behalf {
        account_id: own.account_id,
        holder_id: own.holder_id,
        login: own.login.clone(),
        name: own.name.clone(),
        case_id: row.case_id,
    };
    Ok(Mandate {
        id: row.id,
        whose: format!("{}（{}）", own.name, own.role.label()),
        acting: Actor {
            account_id: actor.account_id,
            holder_id: actor.holder_id,
            login: actor.login.clone(),
            name: actor.name.clone(),
            stepped_up_until: actor.stepped_up_until,
            behalf: Some(behalf),
            ..own
        },
    })
}

/// Who acts: the actor, or the actor in the name of somebody, as the form says.
pub(super) async fn acting(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    sent: &Submitted,
) -> Result<(Actor, Option<Mandate>), Error> {
    let named = sent.text(IN_NAME_OF);
    if named.is_empty() {
        return Ok((actor.clone(), None));
    }
    let id: Option<i64> = named.parse().ok();
    let mandates = held(app, tx, actor).await?;
    let found = mandates.into_iter().find(|mandate| Some(mandate.id) == id);
    let over = || Error::Refused("委托已经结束或尚未开始，不能再代为办理".to_owned());
    let mandate = found.ok_or_else(over)?;
    Ok((mandate.acting.clone(), Some(mandate)))
}

/// A delegation as somebody typed it.
#[derive(Debug, Clone, Default)]
pub struct NewMandate {
    /// Sign-in name of whoever is to act.
    pub taker: String,
    /// First day, as typed.
    pub from: String,
    /// Last day, as typed.
    pub through: String,
    /// Number of the written order.
    pub document_no: String,
    /// Why.
    pub reason: String,
}

/// Lets somebody act in the actor's name from a day through a day.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] for each wrong field.
pub async fn delegate(app: &App, actor: &Actor, new: &NewMandate) -> Result<(), Error> {
    actor.must(Act::WorkCases)?;
    let today = app.clock.today();
    let mut wrong = Vec::new();
    let mut day = |field: &str, text: &str| {
        let day: Option<NaiveDate> = text.trim().parse().ok();
        if day.is_none() {
            wrong.push(invalid(field, "请填写日期，如2026-06-30"));
        }
        day.unwrap_or(today)
    };
    let (starts_on, ends_on) = (day("from", &new.from), day("through", &new.through));
    if starts_on < today {
        wrong.push(invalid("from", "委托不能从过去开始"));
    }
    if ends_on < starts_on || (ends_on - starts_on).num_days() > MOST_DAYS {
        wrong.push(invalid("through", "末日不能早于首日，且最长一年"));
    }
    if new.document_no.trim().is_empty() {
        wrong.push(invalid("document_no", "请填写书面委托的文号"));
    }
    let tx = app.db.begin().await?;
    let taker = match taker(&tx, actor, new.taker.trim()).await? {
        Ok(taker) => Some(taker),
        Err(why) => {
            wrong.push(invalid("taker", why));
            None
        }
    };
    let Some(taker) = taker.filter(|_| wrong.is_empty()) else {
        return Err(Error::Invalid(wrong));
    };
    let terms = Terms {
        case: None,
        starts_on,
        ends_on,
        document_no: &clipped(&new.document_no),
        reason: &clipped(&new.reason),
    };
    record(app, &tx, actor, &taker, &terms).await?;
    Ok(tx.commit().await?)
}

/// The actor hands a file that waits over to somebody who may act on it: because a declared relation
/// keeps the actor from it, which is then the reason, or for the reason that is given.
///
/// # Errors
/// [`Error::Refused`] when the file does not wait for the actor; [`Error::Invalid`] for `taker` and
/// `reason`; [`Error::NotFound`] outside the scope.
pub async fn hand_over(
    app: &App,
    actor: &Actor,
    case_no: &str,
    (taker_login, reason): (&str, &str),
) -> Result<(), Error> {
    actor.must(Act::WorkCases)?;
    let tx = app.db.begin().await?;
    let row = cases::by_no(&tx, &actor.scope, case_no).await?;
    let row = row.ok_or(Error::NotFound("这个办件"))?;
    let today = app.clock.today();
    let why = recusal::ground(&tx, today, actor.holder_id, &row).await?;
    let joint = joint::lies_there(app, &tx, &row).await?;
    if why.is_none() && !waiting_roles(&row.kind, &row.state, joint).contains(&actor.role) {
        return Err(Error::Refused("本件现在不由您办理，不需要转办".to_owned()));
    }
    let (ground, reason) = match why {
        Some(why) => ("回避", why),
        None if reason.trim().is_empty() => {
            return Err(Error::Invalid(vec![invalid("reason", "请写明转办原因")]));
        }
        None => ("转办", clipped(reason)),
    };
    let field = |text: String| Error::Invalid(vec![invalid("taker", text)]);
    let taker = taker(&tx, actor, taker_login.trim()).await?.map_err(field)?;
    if recusal::ground(&tx, today, taker.holder.id, &row).await?.is_some() {
        return Err(field("对方也申报了需要回避的关系，请另选一人".to_owned()));
    }
    let ends_on = today.checked_add_days(chrono::Days::new(HAND_OVER_DAYS)).unwrap_or(today);
    let document_no = format!("{ground}：{case_no}");
    let terms = Terms {
        case: Some(&row),
        starts_on: today,
        ends_on,
        document_no: &document_no,
        reason: &reason,
    };
    record(app, &tx, actor, &taker, &terms).await?;
    Ok(tx.commit().await?)
}

struct Terms<'a> {
    case: Option<&'a CaseRow>,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    document_no: &'a str,
    reason: &'a str,
}

async fn record(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    taker: &AccountInFull,
    terms: &Terms<'_>,
) -> Result<(), Error> {
    let new = NewDelegation {
        giver_id: actor.account_id,
        taker_id: taker.account.id,
        case_id: terms.case.map(|row| row.id),
        starts_on: terms.starts_on,
        ends_on: terms.ends_on,
        document_no: terms.document_no,
        reason: terms.reason,
        recorded_at: app.clock.now(),
    };
    let id = store::record(tx, &new).await?;
    let whose = format!("{}（{}）", actor.name, actor.role.label());
    let title = match terms.case {
        Some(row) => format!("{whose}转交您办理 {}：{}", row.case_no, terms.reason),
        None => format!("{whose}委托您代办，{} 至 {}", terms.starts_on, terms.ends_on),
    };
    notification::delegated(app, tx, taker.account.id, (id, new.case_id), &title).await?;
    let detail = json!({
        "taker": taker.account.login,
        "from": terms.starts_on.to_string(),
        "through": terms.ends_on.to_string(),
        "document_no": terms.document_no,
        "case": terms.case.map(|row| row.case_no.clone()),
    });
    log(app, tx, actor, "delegation.given", ("delegation", &id.to_string()), &detail).await
}

fn clipped(text: &str) -> String {
    text.trim().chars().take(MOST_CHARACTERS).collect()
}

/// Whether an account may act in the actor's name, or why not.
async fn taker(
    tx: &Tx,
    actor: &Actor,
    login: &str,
) -> Result<Result<AccountInFull, String>, Error> {
    let no = |text: &str| Ok(Err(text.to_owned()));
    let found = account::by_login(tx, login).await?;
    let Some(full) = found.filter(|full| full.account.disabled_at.is_none()) else {
        return no("没有这个在用的账号，请核对登录名");
    };
    if full.holder.id == actor.holder_id {
        return no("不能委托给自己，包括自己的另一个账号");
    }
    let Some(role) = Role::from_code(&full.account.role) else {
        return no("这个账号的角色不能受托");
    };
    let same_office = full.organisation.id == actor.organisation_id;
    let elsewhere = role == actor.role && !role.is_of_enterprise();
    if kind_of(role) != kind_of(actor.role) || !(same_office || elsewhere) {
        return no("只能委托给本单位的人员，或其他同类单位同一岗位的人员");
    }
    for other in account::active_of_holder(tx, full.holder.id).await? {
        let held = Role::from_code(&other.role);
        if let Some(held) = held.filter(|held| adjacent(*held, actor.role)) {
            return Ok(Err(format!("对方承担相邻环节（{}），不能受托，请另选一人", held.label())));
        }
    }
    Ok(Ok(full))
}

/// Ends a delegation that the actor gave or was given.
///
/// # Errors
/// [`Error::NotFound`] for one of others; [`Error::Stale`] when it has ended.
pub async fn end(app: &App, actor: &Actor, id: i64) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    let rows = store::of_account(&tx, actor.account_id).await?;
    let row = rows.into_iter().find(|row| row.id == id).ok_or(Error::NotFound("这项委托"))?;
    store::end(&tx, row.id, actor.account_id, app.clock.now()).await?;
    let object = id.to_string();
    log(app, &tx, actor, "delegation.ended", ("delegation", &object), &json!({})).await?;
    Ok(tx.commit().await?)
}

/// A delegation as pages show it.
#[derive(Debug, Clone)]
pub struct MandateLine {
    /// Identity.
    pub id: i64,
    /// Whether the reader gave it.
    pub given: bool,
    /// The other one.
    pub other: String,
    /// First and last day.
    pub days: (NaiveDate, NaiveDate),
    /// Number of the written order.
    pub document_no: String,
    /// Why.
    pub reason: String,
    /// How it stands.
    pub state: &'static str,
    /// Whether it can be ended.
    pub may_end: bool,
}

/// What the actor gave and was given, the latest first.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn mandates(app: &App, actor: &Actor) -> Result<Vec<MandateLine>, Error> {
    actor.must(Act::WorkCases)?;
    let (read, today) = (app.db.read(), app.clock.today());
    let mut lines = Vec::new();
    for row in store::of_account(read, actor.account_id).await? {
        let given = row.giver_id == actor.account_id;
        let other = if given { row.taker_id } else { row.giver_id };
        let full = account::by_id(read, other).await?;
        let name = |full: AccountInFull| {
            let role = Role::from_code(&full.account.role).map_or("", Code::label);
            format!("{} · {} · {role}", full.holder.name, full.organisation.name)
        };
        let state = match &row {
            row if row.ended_at.is_some() => "已结束",
            row if row.ends_on < today => "已到期",
            row if row.starts_on > today => "未开始",
            _ => "有效",
        };
        lines.push(MandateLine {
            id: row.id,
            given,
            other: full.map_or_else(String::new, name),
            days: (row.starts_on, row.ends_on),
            document_no: row.document_no,
            reason: row.reason,
            may_end: matches!(state, "有效" | "未开始"),
            state,
        });
    }
    Ok(lines)
}
