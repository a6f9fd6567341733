//! One's own password.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::make::invalid;
use crate::app::App;
use crate::domain::password::REMEMBERED;
use crate::service::presence::{self, Way};
use crate::service::session::{self as sign_in, Opened, Presence};
use crate::service::{Actor, Error, log, password};
use crate::store::account::{self, AccountInFull};
use crate::store::second_factor as factors;
use crate::store::{audit_log, session};

/// A change of password as typed.
#[derive(Debug, Clone, Copy)]
pub struct PasswordForm<'a> {
    /// Current password.
    pub current: &'a str,
    /// New password.
    pub new: &'a str,
    /// The new one again.
    pub again: &'a str,
    /// What the browser calls itself.
    pub user_agent: &'a str,
}

/// Changes the actor's password, ends all sessions and opens a new one for the browser at hand.
///
/// # Errors
/// [`Error::Invalid`] for each field that is wrong; [`Error::Refused`] when the current password
/// was wrong too often.
pub async fn change_password(
    app: &App,
    actor: &Actor,
    form: &PasswordForm<'_>,
) -> Result<Opened, Error> {
    let words = [actor.organisation.as_str(), actor.name.as_str()];
    let mut wrong = check_new(app, (form.new, form.again), &actor.login, &words);
    if form.new == form.current {
        wrong.push(("password".into(), "新密码不能与当前密码相同".into()));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let attempt = sign_in::reserve(app, &actor.login, &actor.address).await?;
    let full = account::by_id(app.db.read(), actor.account_id).await?;
    let full = full.ok_or(Error::NotFound("这个账号"))?;
    if !password::verify(form.current, Some(&full.account.password_hash)).await? {
        sign_in::note_refused(app, Some(&full), &actor.login, &actor.address).await?;
        return invalid("current", "当前密码不正确，请重新输入".to_owned());
    }
    if was_used(app, &full, form.new).await? {
        let text = format!("不能使用最近 {REMEMBERED} 次用过的密码，请换一个");
        return invalid("password", text);
    }
    let hash = password::hash(form.new).await?;
    let tx = app.db.begin().await?;
    let locked = account::lock(&tx, actor.account_id).await?;
    if locked.is_none_or(|now| now.account.password_hash != full.account.password_hash) {
        return Err(Error::Stale("密码刚刚已被更改，请用新密码重新登录".to_owned()));
    }
    session::attempt_succeeded(&tx, attempt).await?;
    account::set_password(&tx, actor.account_id, &hash, false).await?;
    let now = app.clock.machine_now();
    account::note_password(&tx, actor.account_id, &full.account.password_hash, now).await?;
    session::revoke_of_account(&tx, actor.account_id, None, now).await?;
    let presence = match factors::in_use(&tx, actor.account_id).await? {
        Some(_) => Presence::NotProved,
        None => Presence::Proved,
    };
    let from = (actor.address.as_str(), form.user_agent);
    let token = sign_in::begin(app, &tx, actor, from, presence).await?;
    let object = ("account", actor.login.as_str());
    log(app, &tx, actor, "account.password_changed", object, &json!({})).await?;
    tx.commit().await?;
    Ok(Opened { token })
}

/// Whether a password is one of the last ones of an account, where that counts.
async fn was_used(app: &App, full: &AccountInFull, new: &str) -> Result<bool, Error> {
    if !app.access.passwords.remembers() {
        return Ok(false);
    }
    for hash in account::earlier_passwords(app.db.read(), full.account.id, REMEMBERED).await? {
        if password::verify(new, Some(&hash)).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes sure that it is the actor who sits there: by a code of the second factor, given to the
/// session a moment ago, or by the own password, typed now, where there is none.
///
/// # Errors
/// [`Error::Invalid`] (`password`) when it is another one; [`Error::Refused`] when it was wrong too
/// often, or no code was given.
pub(in crate::service) async fn must_be_present(
    app: &App,
    actor: &Actor,
    typed: &str,
) -> Result<(), Error> {
    if presence::way(app, actor).await? == Way::Code {
        return presence::must_be_fresh(app, actor);
    }
    let attempt = sign_in::reserve(app, &actor.login, &actor.address).await?;
    let full = account::by_id(app.db.read(), actor.account_id).await?;
    let full = full.ok_or(Error::NotFound("这个账号"))?;
    if !password::verify(typed, Some(&full.account.password_hash)).await? {
        sign_in::note_refused(app, Some(&full), &actor.login, &actor.address).await?;
        return invalid("password", "登录密码不正确，请重新输入".to_owned());
    }
    let tx = app.db.begin().await?;
    session::attempt_succeeded(&tx, attempt).await?;
    tx.commit().await?;
    Ok(())
}

/// What is wrong with a new password typed twice; `words` are names that stand near.
pub(in crate::service) fn check_new(
    app: &App,
    (new, again): (&str, &str),
    login: &str,
    words: &[&str],
) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    if let Err(text) = app.access.passwords.check(new, login.trim(), words) {
        wrong.push(("password".to_owned(), text));
    }
    if new != again {
        wrong.push(("password_again".to_owned(), "两次输入的新密码不一致".to_owned()));
    }
    wrong
}

/// When the actor last changed their password, `None` if never.
///
/// # Errors
/// When the database fails.
pub async fn password_changed_at(app: &App, actor: &Actor) -> Result<Option<DateTime<Utc>>, Error> {
    let object = ("account", actor.login.as_str());
    let last = audit_log::last(app.db.read(), "account.password_changed", object).await?;
    Ok(last.map(|event| event.at))
}
