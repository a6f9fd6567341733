//! One's own password.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::make::invalid;
use crate::app::App;
use crate::domain;
use crate::service::session::{self as sign_in, Opened};
use crate::service::{Actor, Error, log, password};
use crate::store::{account, audit_log, session};

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
    let mut wrong = check_new(form.new, form.again, &actor.login);
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
    let hash = password::hash(form.new).await?;
    let tx = app.db.begin().await?;
    let locked = account::lock(&tx, actor.account_id).await?;
    if locked.is_none_or(|now| now.account.password_hash != full.account.password_hash) {
        return Err(Error::Stale("密码刚刚已被更改，请用新密码重新登录".to_owned()));
    }
    session::attempt_succeeded(&tx, attempt).await?;
    account::set_password(&tx, actor.account_id, &hash, false).await?;
    session::revoke_of_account(&tx, actor.account_id, None, app.clock.machine_now()).await?;
    let token = sign_in::begin(app, &tx, actor, &actor.address, form.user_agent).await?;
    let object = ("account", actor.login.as_str());
    log(app, &tx, actor, "account.password_changed", object, &json!({})).await?;
    tx.commit().await?;
    Ok(Opened { token, must_change_password: false })
}

/// Makes sure that it is the actor who sits there: by the own password, typed now.
///
/// # Errors
/// [`Error::Invalid`] (`password`) when it is another one; [`Error::Refused`] when it was wrong too
/// often.
pub(in crate::service) async fn must_be_present(
    app: &App,
    actor: &Actor,
    typed: &str,
) -> Result<(), Error> {
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

/// What is wrong with a new password typed twice.
pub(in crate::service) fn check_new(new: &str, again: &str, login: &str) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    if let Err(text) = domain::password::check(new, login.trim()) {
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
