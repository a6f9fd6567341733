//! Signing in and out. Tokens live in cookies only; the tables hold their hashes.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{Actor, Error, log, password, second_factor};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::authority::{Act, Role};
use crate::domain::lockout::{PER_ADDRESS, PER_LOGIN};
use crate::domain::second_factor::STEP_UP;
use crate::domain::session::Times;
use crate::file::hash::sha256_hex;
use crate::store::account::{self, AccountInFull};
use crate::store::audit;
use crate::store::db::{Connection, Tx};
use crate::store::second_factor as factors;
use crate::store::session::{self, NewSession};
use crate::vault::random_token;

/// A session ends after this time whatever happens (ASVS 5.0 7.3.2).
const LONGEST_HOURS: i64 = 10;
/// Use is written down at most once in this time.
const NOTE_EVERY_SECONDS: i64 = 60;
/// The most that [`idle_minutes`] gives.
pub(super) const LONGEST_IDLE_MINUTES: i64 = 30;
const WRONG: &str = "账号或密码不正确，请核对后重新输入。";

/// Minutes without a request after which a session is over: fewer for those who move money or
/// give rights (ASVS 5.0 7.3.1).
const fn idle_minutes(role: Role) -> i64 {
    if is_sensitive(role) { 15 } else { LONGEST_IDLE_MINUTES }
}

/// How many sessions an account may have; one more ends the one unused for longest.
const fn most_sessions(role: Role) -> usize {
    if is_sensitive(role) { 1 } else { 3 }
}

const fn is_sensitive(role: Role) -> bool {
    matches!(
        role,
        Role::FinanceMaker | Role::FinanceChecker | Role::FinanceApprover | Role::Auditor
    ) || role.is_administrator()
}

/// Whether a session of an account with this role is over at `now`.
pub(super) fn is_over(session: &session::Session, role: Role, now: DateTime<Utc>) -> bool {
    let times = Times { last_seen_at: session.last_seen_at, expires_at: session.expires_at };
    times.are_over(TimeDelta::minutes(idle_minutes(role)), now)
}

/// What somebody signed in has to do before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// Set an own password in place of the initial one.
    OwnPassword,
    /// Set another password: this one is too old.
    OtherPassword,
    /// Enrol a second factor.
    SecondFactor,
}

/// Who a token belongs to.
#[derive(Debug, Clone)]
pub struct Recognised {
    /// Who acts.
    pub actor: Actor,
    /// The session.
    pub session_id: i64,
    /// Secret from which the tokens of its forms are made.
    pub form_secret: String,
    /// What comes before anything else.
    pub first: Option<First>,
    /// Whether its use should be written down now.
    pub is_due: bool,
}

/// Whoever holds this token, `None` when the session is over, ended, or its account disabled.
///
/// # Errors
/// When the database fails.
pub async fn recognise(app: &App, token: &str, address: &str) -> Result<Option<Recognised>, Error> {
    let conn = app.db.read();
    let Some(found) = session::by_token_hash(conn, &sha256_hex(token.as_bytes())).await? else {
        return Ok(None);
    };
    let now = app.clock.machine_now();
    if found.revoked_at.is_some() {
        return Ok(None);
    }
    let Some(full) = account::by_id(conn, found.account_id).await? else { return Ok(None) };
    let actor = Actor::new(&full, address)?;
    let actor = Actor { stepped_up_until: found.stepped_up_until, ..actor };
    let may_not = full.account.disabled_at.is_some() || actor.role.is_system();
    if may_not || is_over(&found, actor.role, now) {
        return Ok(None);
    }
    Ok(Some(Recognised {
        first: comes_first(app, &full, actor.role).await?,
        actor,
        session_id: found.id,
        form_secret: found.csrf_token,
        is_due: now - found.last_seen_at >= TimeDelta::seconds(NOTE_EVERY_SECONDS),
    }))
}

/// What somebody has to do before anything else.
async fn comes_first(app: &App, full: &AccountInFull, role: Role) -> Result<Option<First>, Error> {
    let account = &full.account;
    if account.must_change_password {
        return Ok(Some(First::OwnPassword));
    }
    let set_at = account.password_set_at.unwrap_or(account.created_at);
    let (rules, now) = (&app.access, app.clock.machine_now());
    if rules.passwords.is_expired(set_at, rules.password_days, now) {
        return Ok(Some(First::OtherPassword));
    }
    let lacks = second_factor::must_enrol(app, role)
        && factors::in_use(app.db.read(), account.id).await?.is_none();
    Ok(lacks.then_some(First::SecondFactor))
}

/// Writes down that a session is in use.
///
/// # Errors
/// When the database refuses.
pub async fn touch(app: &App, session_id: i64) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    session::touch(&tx, session_id, app.clock.machine_now()).await?;
    Ok(tx.commit().await?)
}

/// What somebody at the sign-in page sends.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// Sign-in name as typed.
    pub login: &'a str,
    /// Password as typed.
    pub password: &'a str,
    /// Network address.
    pub address: &'a str,
    /// What the browser calls itself.
    pub user_agent: &'a str,
}

/// A session just opened.
#[derive(Debug)]
pub struct Opened {
    /// Token for the cookie; nowhere else.
    pub token: String,
}

/// What a right password leads to.
#[derive(Debug)]
pub enum Entry {
    /// Into the program.
    Opened(Opened),
    /// To the second page, with a note that waits for the code.
    CodeNeeded(String),
}

/// Signs somebody in: always a new session with a new token; first a code, where there is a second
/// factor.
///
/// # Errors
/// [`Error::Refused`] with the same words for an unknown name and a wrong password; or when the
/// name or the address failed too often, or the account is disabled.
pub async fn sign_in(app: &App, attempt: &Attempt<'_>) -> Result<Entry, Error> {
    let login = attempt.login.trim().to_lowercase();
    let attempt_id = reserve(app, &login, attempt.address).await?;
    let full = account::by_login(app.db.read(), &login).await?;
    let stored = full.as_ref().map(|full| full.account.password_hash.as_str());
    let right = password::verify(attempt.password, stored).await?;
    match full {
        Some(full) if right => {
            if factors::in_use(app.db.read(), full.account.id).await?.is_none() {
                return open(app, &full, attempt, (Some(attempt_id), None))
                    .await
                    .map(Entry::Opened);
            }
            // No success yet: wrong codes go on counting where wrong passwords stopped.
            let tx = app.db.begin().await?;
            session::forget_attempt(&tx, attempt_id).await?;
            tx.commit().await?;
            Ok(Entry::CodeNeeded(second_factor::pending(app, &full)?))
        }
        full => {
            note_refused(app, full.as_ref(), &login, attempt.address).await?;
            Err(Error::Refused(WRONG.to_owned()))
        }
    }
}

/// Counts the attempt as failed before the password is looked at, unless the name or the address
/// is locked out. Returns the attempt.
pub(super) async fn reserve(app: &App, login: &str, address: &str) -> Result<i64, Error> {
    let key = login_key(app, login);
    let tx = app.db.begin().await?;
    if let Some(full) = account::by_login(&tx, login).await? {
        // Attempts for one account stand in line: none sees an old count.
        account::lock(&tx, full.account.id).await?;
    }
    let id = admit(app, &tx, &key, address, "可联系安全管理员解锁。").await?;
    tx.commit().await?;
    Ok(id)
}

/// Counts an attempt under a keyed hash as failed, unless the hash or the address is locked out;
/// `help` says what somebody locked out can do. Whoever it may be is locked by the caller.
pub(super) async fn admit(
    app: &App,
    tx: &Tx,
    key: &str,
    address: &str,
    help: &str,
) -> Result<i64, Error> {
    let now = app.clock.machine_now();
    let of_login = session::failures_of_login(tx, key, PER_LOGIN.failures).await?;
    if let Some(until) = PER_LOGIN.closed_until(&of_login, now) {
        let until = china_time(until).format("%H:%M");
        let why = format!("连续输错次数过多，该账号已锁定至 {until}。{help}");
        return Err(Error::Refused(why));
    }
    let of_address = session::failures_of_address(tx, address, PER_ADDRESS.failures).await?;
    if let Some(until) = PER_ADDRESS.closed_until(&of_address, now) {
        let until = china_time(until).format("%H:%M");
        return Err(Error::Refused(format!("该网络地址输错次数过多，{until} 后才能再试。")));
    }
    Ok(session::record_attempt(tx, key, address, now).await?)
}

/// The keyed hash under which attempts of a sign-in name are counted.
pub(super) fn login_key(app: &App, login: &str) -> String {
    app.vault.index("sign-in", login)
}

/// Tells a chain that somebody was refused: the account's own, or the administration's when the
/// name does not exist. What was typed as name could be a password, so it is not written down.
pub(super) async fn note_refused(
    app: &App,
    full: Option<&AccountInFull>,
    login: &str,
    address: &str,
) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    let count = session::failures_of_login(&tx, &login_key(app, login), PER_LOGIN.failures).await?;
    let closed = PER_LOGIN.closed_until(&count, app.clock.machine_now()).is_some();
    let action = if closed { "session.locked" } else { "session.refused" };
    let detail = json!({ "failures": count.len() });
    match full {
        Some(full) => {
            let actor = Actor::new(full, address)?;
            log(app, &tx, &actor, action, ("account", &actor.login), &detail).await?;
        }
        None => {
            let Some(office) = account::administration(&tx).await? else { return Ok(()) };
            let event = audit::Event {
                organisation_id: office.id,
                at: app.clock.now(),
                login: "",
                role: "",
                address,
                action,
                object_kind: "account",
                object_no: "",
                detail: &detail,
            };
            audit::append(&tx, &event).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// Opens a session for an account whose password was just verified against `full`, and whose second
/// factor, where it has one, is the one of which a code was taken.
pub(super) async fn open(
    app: &App,
    full: &AccountInFull,
    attempt: &Attempt<'_>,
    (attempt_id, factor_id): (Option<i64>, Option<i64>),
) -> Result<Opened, Error> {
    let tx = app.db.begin().await?;
    let current = account::lock(&tx, full.account.id).await?;
    let current = current.ok_or_else(|| Error::Refused(WRONG.to_owned()))?;
    if current.account.password_hash != full.account.password_hash {
        return Err(Error::Refused(WRONG.to_owned()));
    }
    if current.account.disabled_at.is_some() {
        return Err(Error::Refused("该账号已停用，请联系本单位账号管理员。".to_owned()));
    }
    let factor = factors::in_use(&tx, full.account.id).await?;
    if factor.map(|factor| factor.id) != factor_id {
        return Err(Error::Refused("登录方式刚刚已变更，请重新登录".to_owned()));
    }
    let actor = Actor::new(&current, attempt.address)?;
    if actor.role.is_system() {
        return Err(Error::Refused(WRONG.to_owned()));
    }
    if let Some(id) = attempt_id {
        session::attempt_succeeded(&tx, id).await?;
    }
    let from = (attempt.address, attempt.user_agent);
    let token = begin(app, &tx, &actor, from, Presence::Proved).await?;
    let object = ("account", actor.login.as_str());
    log(app, &tx, &actor, "session.opened", object, &json!({})).await?;
    tx.commit().await?;
    Ok(Opened { token })
}

/// Whether all that an account can prove itself with was just asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Proved,
    NotProved,
}

/// Writes a new session, ending those beyond the number allowed, of which the owner is told. Returns
/// its token.
pub(super) async fn begin(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (address, user_agent): (&str, &str),
    presence: Presence,
) -> Result<String, Error> {
    let now = app.clock.machine_now();
    let live = live(app, tx, actor).await?;
    for old in live.iter().skip(most_sessions(actor.role) - 1) {
        session::revoke(tx, old.id, now).await?;
        let title = format!(
            "您的账号在 {address} 登录，{} 在 {} 的登录因超过同时登录数已自动退出。\
             如非您本人登录，请立即修改密码。",
            china_time(old.created_at).format("%m-%d %H:%M"),
            old.address
        );
        let occasion = format!("displaced:{}", old.id);
        second_factor::tell_owner(app, tx, actor.account_id, &occasion, &title).await?;
    }
    let token = random_token::<32>()?;
    let new = NewSession {
        token_hash: &sha256_hex(token.as_bytes()),
        account_id: actor.account_id,
        csrf_token: &random_token::<32>()?,
        address,
        user_agent,
        at: now,
        expires_at: now + TimeDelta::hours(LONGEST_HOURS),
        stepped_up_until: (presence == Presence::Proved).then_some(now + STEP_UP),
    };
    session::open(tx, &new).await?;
    Ok(token)
}

async fn live(
    app: &App,
    conn: &impl Connection,
    actor: &Actor,
) -> Result<Vec<session::Session>, Error> {
    let now = app.clock.machine_now();
    let seen_since = now - TimeDelta::minutes(idle_minutes(actor.role));
    let mut live = session::live_of_account(conn, actor.account_id, seen_since, now).await?;
    live.retain(|row| !is_over(row, actor.role, now));
    Ok(live)
}

/// Ends the session of the request.
///
/// # Errors
/// When the database refuses. A session that has ended already is no error.
pub async fn sign_out(app: &App, actor: &Actor, session_id: i64) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    match session::revoke(&tx, session_id, app.clock.machine_now()).await.map_err(Error::from) {
        Ok(()) => {
            log(app, &tx, actor, "session.closed", ("account", &actor.login), &json!({})).await?
        }
        Err(Error::Stale(_)) => return Ok(()),
        Err(error) => return Err(error),
    }
    Ok(tx.commit().await?)
}

/// One of somebody's own sessions.
#[derive(Debug, Clone)]
pub struct OwnSession {
    /// Identity.
    pub id: i64,
    /// Network address at sign-in.
    pub address: String,
    /// What the browser called itself.
    pub user_agent: String,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_seen_at: DateTime<Utc>,
}

/// Somebody's own sessions that are not over, the latest used first.
///
/// # Errors
/// When the database fails.
pub async fn own(app: &App, actor: &Actor) -> Result<Vec<OwnSession>, Error> {
    let live = live(app, app.db.read(), actor).await?;
    let row = |row: session::Session| OwnSession {
        id: row.id,
        address: row.address,
        user_agent: row.user_agent,
        opened_at: row.created_at,
        last_seen_at: row.last_seen_at,
    };
    Ok(live.into_iter().map(row).collect())
}

/// Ends one of somebody's own sessions.
///
/// # Errors
/// [`Error::NotFound`] when it is not one of theirs or is over.
pub async fn end_own(app: &App, actor: &Actor, session_id: i64) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    if !live(app, &tx, actor).await?.iter().any(|row| row.id == session_id) {
        return Err(Error::NotFound("这个登录"));
    }
    session::revoke(&tx, session_id, app.clock.machine_now()).await?;
    log(app, &tx, actor, "session.ended", ("account", &actor.login), &json!({})).await?;
    Ok(tx.commit().await?)
}

/// Ends somebody's own sessions but the one of the request. Returns how many ended.
///
/// # Errors
/// When the database refuses.
pub async fn end_others(app: &App, actor: &Actor, session_id: i64) -> Result<u64, Error> {
    let tx = app.db.begin().await?;
    let now = app.clock.machine_now();
    let ended = session::revoke_of_account(&tx, actor.account_id, Some(session_id), now).await?;
    let detail = json!({ "ended": ended });
    log(app, &tx, actor, "session.ended", ("account", &actor.login), &detail).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Tells the actor's chain that an act was refused for want of a right.
///
/// # Errors
/// When the log cannot be written.
pub async fn note_denied(app: &App, actor: &Actor, act: Act) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    let object = ("act", format!("{act:?}"));
    log(app, &tx, actor, "access.refused", (object.0, &object.1), &json!({})).await?;
    Ok(tx.commit().await?)
}
