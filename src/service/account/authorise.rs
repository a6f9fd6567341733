//! What the security administrator decides: whether that holds which the system administrator asked
//! for. One natural person never does both, nor decides about themselves; the database refuses it
//! as well.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use super::change::{clear_lock, enable_locked, keep_one, lock_in_order};
use super::colleagues::keep_a_seal;
use super::make::refuse_clash;
use super::role_of;
use crate::app::App;
use crate::domain::authorisation::{LONGEST_REASON, Outcome, RequestKind, must_not_decide};
use crate::domain::authority::{Act, Role};
use crate::domain::notification::NotificationKind;
use crate::domain::registry::Code;
use crate::service::notification::{self, Plain};
use crate::service::{Actor, Error, invalid, log, presence, second_factor};
use crate::store::account::{self, AccountInFull};
use crate::store::account_request::{self as store, Decision, Request};
use crate::store::db::{Connection, Tx};
use crate::store::{account_list, machine, session};
use crate::vault::place;

/// Requests shown that wait.
const MOST_WAITING: u64 = 500;
/// Requests shown that were decided.
const MOST_DECIDED: u64 = 20;

/// A request as the security administrator reads it.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Identity.
    pub id: i64,
    /// What is asked for.
    pub kind: RequestKind,
    /// Sign-in name of the account.
    pub login: String,
    /// Name of its person.
    pub name: String,
    /// Staff number of the person.
    pub staff_no: String,
    /// Other accounts of the same natural person.
    pub same_person: Vec<String>,
    /// Role and organisation that the account has.
    pub now: (Role, String),
    /// Role and organisation that it shall have.
    pub wanted: (Role, String),
    /// Number, rights and last day of the token, for that kind.
    pub token: Option<(String, String, NaiveDate)>,
    /// Who asks: name and sign-in name.
    pub asked_by: (String, String),
    /// When.
    pub asked_at: DateTime<Utc>,
    /// Why the actor must not authorise it.
    pub why_not: Option<&'static str>,
    /// What became of it, when and why; `None` while it waits.
    pub decided: Option<(Outcome, DateTime<Utc>, String)>,
}

/// The requests that wait, the oldest first, and the last ones decided, the latest first.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but security administrators.
pub async fn proposals(app: &App, actor: &Actor) -> Result<(Vec<Proposal>, Vec<Proposal>), Error> {
    actor.must(Act::AuthoriseAccounts)?;
    let read = app.db.read();
    let mut lists = [Vec::new(), Vec::new()];
    let found = [store::open(read, MOST_WAITING).await?, store::decided(read, MOST_DECIDED).await?];
    for (list, requests) in lists.iter_mut().zip(found) {
        for request in requests {
            list.push(proposal(read, actor, request).await?);
        }
    }
    let [waiting, decided] = lists;
    Ok((waiting, decided))
}

/// One request.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but security administrators; [`Error::NotFound`].
pub async fn one_proposal(app: &App, actor: &Actor, id: i64) -> Result<Proposal, Error> {
    actor.must(Act::AuthoriseAccounts)?;
    let found = store::by_id(app.db.read(), id).await?.ok_or(Error::NotFound("这项申请"))?;
    proposal(app.db.read(), actor, found).await
}

async fn proposal(
    conn: &impl Connection,
    actor: &Actor,
    request: Request,
) -> Result<Proposal, Error> {
    let kind = kind_of(&request)?;
    let gone = || Error::NotFound("这个账号");
    let full = account::by_id(conn, request.account_id).await?.ok_or_else(gone)?;
    let asker = account::by_id(conn, request.requested_by).await?.ok_or_else(gone)?;
    let office = account_list::organisation(conn, request.organisation_id).await?;
    let same = account_list::of_holders(conn, &[full.holder.id]).await?;
    let tokens = machine::by_ids(conn, request.token_id.as_slice()).await?;
    let outcome = request.outcome.as_deref().and_then(Outcome::from_code);
    let others = same.into_iter().filter(|other| other.id != full.account.id);
    Ok(Proposal {
        id: request.id,
        kind,
        same_person: others.map(|other| other.login).collect(),
        now: (role_of(&full.account)?, full.organisation.name),
        wanted: (role_wanted(&request)?, office.map_or_else(String::new, |office| office.name)),
        token: tokens.into_iter().next().map(|t| (t.token_no, t.scopes, t.valid_through)),
        asked_by: (asker.holder.name, asker.account.login),
        asked_at: request.requested_at,
        why_not: must_not_decide(actor.holder_id, request.requested_holder, full.holder.id),
        decided: outcome.zip(request.decided_at).map(|(out, at)| (out, at, request.reason)),
        login: full.account.login,
        name: full.holder.name,
        staff_no: full.holder.staff_no,
    })
}

fn kind_of(request: &Request) -> Result<RequestKind, Error> {
    let unknown = || Error::Internal(format!("unknown kind of request {}", request.id));
    RequestKind::from_code(&request.kind).ok_or_else(unknown)
}

fn role_wanted(request: &Request) -> Result<Role, Error> {
    let unknown = || Error::Internal(format!("unknown role of request {}", request.id));
    Role::from_code(&request.role).ok_or_else(unknown)
}

/// What was authorised.
#[derive(Debug, Clone)]
pub struct Authorised {
    /// What.
    pub kind: RequestKind,
    /// Sign-in name of the account.
    pub login: String,
    /// Second half of the password or token; it is told once and kept nowhere.
    pub second_half: Option<String>,
}

/// Lets that hold which was asked for.
///
/// # Errors
/// [`Error::Refused`] when the actor asked for it or it is about the actor, and when duties clash
/// meanwhile; [`Error::Stale`] when it was decided before.
pub async fn authorise(app: &App, actor: &Actor, id: i64) -> Result<Authorised, Error> {
    actor.must(Act::AuthoriseAccounts)?;
    presence::must_be_fresh_if_enrolled(app, actor).await?;
    let tx = app.db.begin().await?;
    let (request, full) = open_request(&tx, actor, id).await?;
    let kind = kind_of(&request)?;
    let sealed = request.half_cipher.as_deref();
    let half = sealed.map(|sealed| app.vault.open_text(place::REQUEST_HALF, sealed)).transpose()?;
    let decision = decision(app, actor, Outcome::Authorised, "");
    store::decide(&tx, id, &decision).await?;
    let mut object = ("account", full.account.login.clone());
    let action = match kind {
        RequestKind::Account => {
            let role = role_of(&full.account)?;
            refuse_two(&tx, &full, role).await?;
            if let Some(hash) = &request.password_hash {
                account::set_password(&tx, full.account.id, hash, true).await?;
            }
            account::enable(&tx, full.account.id, app.clock.machine_now()).await?;
            "account.authorised"
        }
        RequestKind::Duty => {
            change_duty(app, &tx, &request, &full).await?;
            "account.duty_changed"
        }
        RequestKind::Password => {
            reset_password(app, &tx, &request, &full).await?;
            "account.password_reset"
        }
        RequestKind::Standing => {
            enable_locked(app, &tx, &full).await?;
            "account.enabled"
        }
        RequestKind::SecondFactor => {
            reset_factor(app, &tx, &request, &full).await?;
            "account.factor_reset"
        }
        RequestKind::Token => {
            object = ("token", authorise_token(app, &tx, &request).await?);
            "token.authorised"
        }
    };
    let asker = account::by_id(&tx, request.requested_by).await?;
    let detail = json!({
        "asked_by": asker.map(|asker| asker.account.login),
        "role": role_wanted(&request)?.label(),
        "name": full.holder.name,
    });
    log(app, &tx, actor, action, (object.0, &object.1), &detail).await?;
    tx.commit().await?;
    let second_half = half.map(|half| half.as_str().to_owned());
    Ok(Authorised { kind, login: full.account.login, second_half })
}

/// Turns down what was asked for: it never holds.
///
/// # Errors
/// [`Error::Invalid`] (`reason`) without a reason; otherwise as [`authorise`].
pub async fn refuse(app: &App, actor: &Actor, id: i64, reason: &str) -> Result<(), Error> {
    actor.must(Act::AuthoriseAccounts)?;
    let reason = reason.trim();
    if !(4..=LONGEST_REASON).contains(&reason.chars().count()) {
        let text = format!("请写明退回原因，4 至 {LONGEST_REASON} 个字");
        return Err(Error::Invalid(vec![invalid("reason", text)]));
    }
    let tx = app.db.begin().await?;
    let (request, full) = open_request(&tx, actor, id).await?;
    store::decide(&tx, id, &decision(app, actor, Outcome::Refused, reason)).await?;
    let tokens = machine::by_ids(&tx, request.token_id.as_slice()).await?;
    for token in tokens.iter().filter(|token| token.revoked_at.is_none()) {
        machine::revoke(&tx, token.id, actor.account_id, app.clock.now()).await?;
    }
    let detail = json!({ "request": kind_of(&request)?.label(), "reason": reason });
    let object = ("account", full.account.login.as_str());
    log(app, &tx, actor, "account.request_refused", object, &detail).await?;
    Ok(tx.commit().await?)
}

/// A request that waits and its account, both locked, for somebody who may decide it.
async fn open_request(tx: &Tx, actor: &Actor, id: i64) -> Result<(Request, AccountInFull), Error> {
    actor.must(Act::AuthoriseAccounts)?;
    let missing = || Error::NotFound("这项申请");
    let request = store::by_id(tx, id).await?.ok_or_else(missing)?;
    let full = lock_in_order(tx, request.account_id).await?;
    let request = store::lock(tx, id).await?.ok_or_else(missing)?;
    if request.decided_at.is_some() {
        return Err(Error::Stale("这项申请已由他人办结，请刷新后再看".to_owned()));
    }
    match must_not_decide(actor.holder_id, request.requested_holder, full.holder.id) {
        Some(why) => Err(Error::Refused(why.to_owned())),
        None => Ok((request, full)),
    }
}

fn decision<'a>(app: &App, actor: &Actor, outcome: Outcome, reason: &'a str) -> Decision<'a> {
    let at = app.clock.now();
    let (by, holder) = (actor.account_id, actor.holder_id);
    Decision { by, holder, outcome: outcome.code(), reason, at }
}

/// Duties may clash by now that did not when it was asked for.
async fn refuse_two(tx: &Tx, full: &AccountInFull, wanted: Role) -> Result<(), Error> {
    account::lock_holder(tx, full.holder.id).await?;
    refuse_clash(tx, full.holder.id, &full.holder.name, wanted, Some(full.account.id))
        .await
        .map_err(|error| Error::Refused(error.to_string()))
}

async fn change_duty(
    app: &App,
    tx: &Tx,
    request: &Request,
    full: &AccountInFull,
) -> Result<(), Error> {
    keep_a_seal(tx, full).await?;
    keep_one(tx, full).await?;
    let role = role_wanted(request)?;
    refuse_two(tx, full, role).await?;
    account::set_duty(tx, full.account.id, role.code(), request.organisation_id).await?;
    session::revoke_of_account(tx, full.account.id, None, app.clock.machine_now()).await?;
    Ok(())
}

async fn reset_password(
    app: &App,
    tx: &Tx,
    request: &Request,
    full: &AccountInFull,
) -> Result<(), Error> {
    let lost = || Error::Internal(format!("request {} has no password", request.id));
    let hash = request.password_hash.as_deref().ok_or_else(lost)?;
    let (id, now) = (full.account.id, app.clock.machine_now());
    account::set_password(tx, id, hash, true).await?;
    session::revoke_of_account(tx, id, None, now).await?;
    clear_lock(app, tx, full, "reset").await?;
    let title = "您的登录密码已重置，其他登录已全部退出。如非您本人提出，请立即告知安全管理员。";
    tell_owner(app, tx, full, (request.id, "done"), title).await
}

async fn reset_factor(
    app: &App,
    tx: &Tx,
    request: &Request,
    full: &AccountInFull,
) -> Result<(), Error> {
    if !second_factor::take_away(app, tx, full).await? {
        return Err(Error::Refused("该账号已没有两步验证，请退回这项申请".to_owned()));
    }
    let id = full.account.id;
    session::revoke_of_account(tx, id, None, app.clock.machine_now()).await?;
    let title = "您的两步验证已重置，登录已全部退出，请尽快重新启用。\
                 如非您本人提出，请立即告知安全管理员。";
    let occasion = format!("factor_reset:{}:done", request.id);
    second_factor::tell_owner(app, tx, id, &occasion, title).await
}

/// Tells the owner of an account what happens to the password.
pub(super) async fn tell_owner(
    app: &App,
    tx: &Tx,
    full: &AccountInFull,
    (request, step): (i64, &str),
    title: &str,
) -> Result<(), Error> {
    let told = Plain {
        account_id: full.account.id,
        kind: NotificationKind::PasswordReset,
        occasion: &format!("password:{request}:{step}"),
        title,
        subject: "登录密码",
        page: "/account",
    };
    notification::plain(app, tx, &told).await
}

/// Returns the number of the token.
async fn authorise_token(app: &App, tx: &Tx, request: &Request) -> Result<String, Error> {
    let lost = || Error::NotFound("这个令牌");
    let token = request.token_id.ok_or_else(lost)?;
    let found = machine::by_ids(tx, &[token]).await?.into_iter().next().ok_or_else(lost)?;
    if found.revoked_at.is_some() {
        return Err(Error::Refused("该令牌已被吊销，请退回这项申请".to_owned()));
    }
    machine::authorise(tx, token, app.clock.now()).await?;
    Ok(found.token_no)
}
