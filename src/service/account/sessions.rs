//! Who is signed in and who is locked out, as the security administrator sees it.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::change::clear_lock;
use super::{closed_until, role_of};
use crate::app::App;
use crate::domain::authority::{Act, Role};
use crate::domain::lockout::PER_LOGIN;
use crate::service::{Actor, Error, log, session as sign_in};
use crate::store::account::{self, AccountInFull};
use crate::store::{account_list, session};

/// Sessions looked at; a province has some hundreds.
const MOST_SESSIONS: u64 = 5_000;
/// Accounts looked at for locks.
const MOST_ACCOUNTS: u64 = 100_000;

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct LiveSession {
    /// Identity.
    pub id: i64,
    /// Sign-in name.
    pub login: String,
    /// Name of the person.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Organisation.
    pub organisation: String,
    /// Network address at sign-in.
    pub address: String,
    /// What the browser called itself.
    pub user_agent: String,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_seen_at: DateTime<Utc>,
}

/// Somebody who typed too many wrong passwords.
#[derive(Debug, Clone)]
pub struct LockedOut {
    /// Identity of the account.
    pub id: i64,
    /// Sign-in name.
    pub login: String,
    /// Name of the person.
    pub name: String,
    /// Organisation.
    pub organisation: String,
    /// First instant at which the next try is allowed.
    pub until: DateTime<Utc>,
}

/// The sessions of everybody that are not over, the latest used first: those whose sign-in name or
/// person's name contains `text`.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but security administrators.
pub async fn live_sessions(
    app: &App,
    actor: &Actor,
    text: &str,
) -> Result<Vec<LiveSession>, Error> {
    actor.must(Act::AuthoriseAccounts)?;
    let (read, now) = (app.db.read(), app.clock.machine_now());
    let seen_since = now - TimeDelta::minutes(sign_in::LONGEST_IDLE_MINUTES);
    let live = session::live(read, seen_since, now, MOST_SESSIONS).await?;
    let ids: BTreeSet<i64> = live.iter().map(|row| row.account_id).collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let accounts = account_list::by_ids(read, &ids).await?;
    let accounts: HashMap<i64, AccountInFull> =
        accounts.into_iter().map(|full| (full.account.id, full)).collect();
    let text = text.trim().to_lowercase();
    let mut found = Vec::new();
    for row in live {
        let Some(full) = accounts.get(&row.account_id) else { continue };
        let role = role_of(&full.account)?;
        let wanted = full.account.login.contains(&text) || full.holder.name.contains(&text);
        if wanted && !sign_in::is_over(&row, role, now) {
            found.push(LiveSession {
                id: row.id,
                login: full.account.login.clone(),
                name: full.holder.name.clone(),
                role,
                organisation: full.organisation.name.clone(),
                address: row.address,
                user_agent: row.user_agent,
                opened_at: row.created_at,
                last_seen_at: row.last_seen_at,
            });
        }
    }
    Ok(found)
}

/// Ends anybody's session at once.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but security administrators; [`Error::NotFound`];
/// [`Error::Stale`] when it has ended already.
pub async fn end_session(app: &App, actor: &Actor, id: i64) -> Result<(), Error> {
    actor.must(Act::AuthoriseAccounts)?;
    let tx = app.db.begin().await?;
    let missing = || Error::NotFound("这个登录");
    let found = session::by_id(&tx, id).await?.ok_or_else(missing)?;
    let full = account::by_id(&tx, found.account_id).await?.ok_or_else(missing)?;
    session::revoke(&tx, id, app.clock.machine_now()).await?;
    let object = ("account", full.account.login.as_str());
    let detail = json!({ "name": full.holder.name });
    log(app, &tx, actor, "session.forced_out", object, &detail).await?;
    Ok(tx.commit().await?)
}

/// The accounts that are locked out now.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but security administrators.
pub async fn locked_out(app: &App, actor: &Actor) -> Result<Vec<LockedOut>, Error> {
    actor.must(Act::AuthoriseAccounts)?;
    let (read, now) = (app.db.read(), app.clock.machine_now());
    let remember = PER_LOGIN.window_minutes + PER_LOGIN.closed_minutes;
    let attempts = session::attempts_since(read, now - TimeDelta::minutes(remember)).await?;
    let closed: HashMap<&str, DateTime<Utc>> = attempts
        .iter()
        .filter_map(|attempt| {
            let until = closed_until(&attempts, &attempt.login_key, now)?;
            Some((attempt.login_key.as_str(), until))
        })
        .collect();
    if closed.is_empty() {
        return Ok(Vec::new());
    }
    let (_, accounts) = account_list::page(read, "", 0, MOST_ACCOUNTS).await?;
    let locked = |full: AccountInFull| {
        let until = closed.get(sign_in::login_key(app, &full.account.login).as_str())?;
        Some(LockedOut {
            id: full.account.id,
            login: full.account.login,
            name: full.holder.name,
            organisation: full.organisation.name,
            until: *until,
        })
    };
    Ok(accounts.into_iter().filter_map(locked).collect())
}

/// Lets somebody try again who was locked out.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but security administrators; [`Error::Refused`] for oneself;
/// [`Error::NotFound`].
pub async fn unlock(app: &App, actor: &Actor, id: i64) -> Result<(), Error> {
    actor.must(Act::AuthoriseAccounts)?;
    let tx = app.db.begin().await?;
    let full = account::lock(&tx, id).await?.ok_or(Error::NotFound("这个账号"))?;
    if full.holder.id == actor.holder_id {
        return Err(Error::Refused("不能解锁自己的账号，请由另一位安全管理员办理".to_owned()));
    }
    clear_lock(app, &tx, &full, "unlock").await?;
    let object = ("account", full.account.login.as_str());
    log(app, &tx, actor, "account.unlocked", object, &json!({})).await?;
    Ok(tx.commit().await?)
}
