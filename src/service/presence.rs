//! Whether it is certain who sits there, just now: by a fresh code of the second factor, or by the
//! password of whoever has none (OWASP ASVS 5.0 7.5.3). It lasts five minutes and belongs to one session.

use serde_json::json;

use super::second_factor::{self, Proof, wrong_code};
use super::{Actor, Error, invalid, log, password, session as sign_in};
use crate::app::App;
use crate::domain::second_factor::STEP_UP;
use crate::file::hash::sha256_hex;
use crate::store::db::Tx;
use crate::store::second_factor as factors;
use crate::store::{account, session};
use crate::vault::random_token;

/// How an account proves that its owner sits there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By a code of the second factor.
    Code,
    /// By the password: there is no second factor.
    Password,
}

/// How the actor proves it.
///
/// # Errors
/// When the database fails.
pub async fn way(app: &App, actor: &Actor) -> Result<Way, Error> {
    let factor = factors::in_use(app.db.read(), actor.account_id).await?;
    Ok(if factor.is_some() { Way::Code } else { Way::Password })
}

/// Whether it was proved within the last minutes.
pub fn is_fresh(app: &App, actor: &Actor) -> bool {
    let now = app.clock.machine_now();
    // A clock that is set back does not prolong it.
    actor.stepped_up_until.is_some_and(|until| now < until && until <= now + STEP_UP)
}

/// Refuses unless it was proved within the last minutes.
///
/// # Errors
/// [`Error::Refused`].
pub(super) fn must_be_fresh(app: &App, actor: &Actor) -> Result<(), Error> {
    if is_fresh(app, actor) {
        return Ok(());
    }
    Err(Error::Refused("请先确认是您本人在操作，再办理这项业务".to_owned()))
}

/// The same of whoever has a second factor; others are asked for their password where the form is.
///
/// # Errors
/// As [`must_be_fresh`].
pub(super) async fn must_be_fresh_if_enrolled(app: &App, actor: &Actor) -> Result<(), Error> {
    match way(app, actor).await? {
        Way::Code => must_be_fresh(app, actor),
        Way::Password => Ok(()),
    }
}

/// Proves it by what was typed. The session gets another token, which is returned.
///
/// # Errors
/// [`Error::Invalid`] (`step_up_code`, `step_up_password`) when it is wrong; [`Error::Refused`] after too
/// many.
pub async fn step_up(
    app: &App,
    actor: &Actor,
    session_id: i64,
    typed: &str,
) -> Result<String, Error> {
    let attempt = sign_in::reserve(app, &actor.login, &actor.address).await?;
    let full = account::by_id(app.db.read(), actor.account_id).await?;
    let full = full.ok_or(Error::NotFound("这个账号"))?;
    let factor = factors::in_use(app.db.read(), actor.account_id).await?;
    let is_right = match &factor {
        Some(factor) => {
            let tx = app.db.begin().await?;
            let proof = second_factor::prove(app, &tx, factor, typed).await?;
            if let Proof::Recovery(left) = proof {
                second_factor::note_recovery(app, &tx, actor, (factor.id, left)).await?;
            }
            tx.commit().await?;
            proof != Proof::Wrong
        }
        None => password::verify(typed, Some(&full.account.password_hash)).await?,
    };
    if !is_right {
        sign_in::note_refused(app, Some(&full), &actor.login, &actor.address).await?;
        let (field, text) = match factor {
            Some(_) => ("step_up_code", wrong_code()),
            None => ("step_up_password", "登录密码不正确，请重新输入".to_owned()),
        };
        return Err(Error::Invalid(vec![invalid(field, text)]));
    }
    let tx = app.db.begin().await?;
    session::attempt_succeeded(&tx, attempt).await?;
    let token = renew(app, &tx, session_id).await?;
    let by = if factor.is_some() { "动态验证码" } else { "登录密码" };
    let object = ("account", actor.login.as_str());
    log(app, &tx, actor, "session.stepped_up", object, &json!({ "by": by })).await?;
    tx.commit().await?;
    Ok(token)
}

/// Gives a session another token and notes that it is certain who sits there.
pub(super) async fn renew(app: &App, tx: &Tx, session_id: i64) -> Result<String, Error> {
    let token = random_token::<32>()?;
    let until = app.clock.machine_now() + STEP_UP;
    session::step_up(tx, session_id, &sha256_hex(token.as_bytes()), until).await?;
    Ok(token)
}
