//! A form that is sent twice has its effect once.
//!
//! A submission is taken on before its effect and settled after it. The second one is led to where
//! the first led. When the program stops in between, the second one is told to look first: it is
//! never simply done again.

use chrono::TimeDelta;

use super::{Actor, Error};
use crate::app::App;
use crate::file::hash::sha256_hex;
use crate::store::db::is_unique_violation;
use crate::store::idempotency as rows;

/// How long a submission is remembered: longer than any page stays open.
const KEPT: TimeDelta = TimeDelta::days(30);

/// One submission of one form by one account.
#[derive(Debug, Clone)]
pub struct Submission {
    key_hash: String,
    fingerprint: String,
}

/// How a submission stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is new and now taken on: have the effect, then [`settle`] or [`release`].
    New,
    /// It had its effect, which led here.
    Earlier(String),
}

impl Submission {
    /// The submission of a form that was rendered with `key` and filled with `content`. The same
    /// key with other content is another submission: somebody went back and changed the form.
    pub fn new(actor: &Actor, key: &str, content: &str) -> Self {
        let fingerprint = sha256_hex(content.as_bytes());
        let account = actor.account_id;
        let key_hash = sha256_hex(format!("{account}\n{key}\n{fingerprint}").as_bytes());
        Self { key_hash, fingerprint }
    }
}

fn under_way() -> Error {
    Error::Stale("这份表单刚刚已提交，正在办理。请先查看是否已办好，再决定是否重新填写".to_owned())
}

/// Takes the submission on, or says where the earlier one led.
///
/// # Errors
/// [`Error::Stale`] while the earlier one is under way or was interrupted.
pub async fn take(app: &App, actor: &Actor, submission: &Submission) -> Result<Taken, Error> {
    match rows::find(app.db.read(), &submission.key_hash).await? {
        Some(location) if location.is_empty() => return Err(under_way()),
        Some(location) => return Ok(Taken::Earlier(location)),
        None => {}
    }
    let tx = app.db.begin().await?;
    let Submission { key_hash, fingerprint } = submission;
    let claimed = rows::claim(&tx, key_hash, actor.account_id, fingerprint, app.clock.now()).await;
    match claimed {
        Ok(()) => {
            tx.commit().await?;
            Ok(Taken::New)
        }
        Err(error) if is_unique_violation(&error) => Err(under_way()),
        Err(error) => Err(error.into()),
    }
}

/// Notes where the effect led, an address of this site.
///
/// # Errors
/// When the database fails; the effect stands.
pub async fn settle(app: &App, submission: &Submission, location: &str) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    rows::settle(&tx, &submission.key_hash, location).await?;
    Ok(tx.commit().await?)
}

/// Gives the submission up: it had no effect and may be sent again.
///
/// # Errors
/// When the database fails.
pub async fn release(app: &App, submission: &Submission) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    rows::release(&tx, &submission.key_hash).await?;
    Ok(tx.commit().await?)
}

/// Forgets submissions that no browser sends again; gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(app: &App) -> Result<u64, Error> {
    let tx = app.db.begin().await?;
    let gone = rows::forget(&tx, app.clock.now() - KEPT).await?;
    tx.commit().await?;
    Ok(gone)
}
