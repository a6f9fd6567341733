//! What is sent twice under one key has its effect once: a form, or the request of a machine
//! (draft-ietf-httpapi-idempotency-key).
//!
//! A submission is taken on before its effect and settled after it. The second one is led to where
//! the first led, or reads the same answer. When the program stops in between, the second one is told to look first: it is
//! never simply done again.

use chrono::TimeDelta;

use super::{Actor, Error};
use crate::app::App;
use crate::file::hash::sha256_hex;
use crate::store::db::is_unique_violation;
use crate::store::idempotency as rows;

/// How long a submission is remembered: longer than any page stays open. What it did stays for ever.
const KEPT: TimeDelta = TimeDelta::days(30);

/// The status under which it is kept where a form led: see other.
const LED: u16 = 303;

/// One submission by one account.
#[derive(Debug, Clone)]
pub struct Submission {
    account_id: i64,
    key_hash: String,
    fingerprint: String,
}

/// How a submission of a form stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is new and now taken on: have the effect, then [`settle`] or [`release`].
    New,
    /// It had its effect, which led here.
    Earlier(String),
}

/// How a request stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// It is new and now taken on: have the effect, then [`answered`] or [`release`].
    New,
    /// It was answered so: status and body.
    Answered(u16, String),
    /// The key was used with other content.
    OtherContent,
    /// The first request is under way, or was interrupted.
    UnderWay,
}

impl Submission {
    /// The submission of a form that was rendered with `key` and filled with `content`. The same
    /// key with other content is another submission: somebody went back and changed the form.
    pub fn new(actor: &Actor, key: &str, content: &str) -> Self {
        let fingerprint = sha256_hex(content.as_bytes());
        let account_id = actor.account_id;
        let key_hash = sha256_hex(format!("{account_id}\n{key}\n{fingerprint}").as_bytes());
        Self { account_id, key_hash, fingerprint }
    }

    /// The request of a machine, which names its key: with other content the key is refused.
    pub fn under_key(actor: &Actor, key: &str, content: &str) -> Self {
        let account_id = actor.account_id;
        let key_hash = sha256_hex(format!("{account_id}\n{key}").as_bytes());
        Self { account_id, key_hash, fingerprint: sha256_hex(content.as_bytes()) }
    }
}

fn under_way() -> Error {
    Error::Stale("这份表单刚刚已提交，正在办理。请先查看是否已办好，再决定是否重新填写".to_owned())
}

/// Takes the submission on, or says where the earlier one led.
///
/// # Errors
/// [`Error::Stale`] while the earlier one is under way or was interrupted.
pub async fn take(app: &App, submission: &Submission) -> Result<Taken, Error> {
    match turn(app, submission).await? {
        Turn::New => Ok(Taken::New),
        Turn::Answered(_, location) => Ok(Taken::Earlier(location)),
        Turn::UnderWay | Turn::OtherContent => Err(under_way()),
    }
}

/// Takes a request on, or says how the earlier one stands.
///
/// # Errors
/// When the database fails.
pub async fn turn(app: &App, submission: &Submission) -> Result<Turn, Error> {
    let Submission { account_id, key_hash, fingerprint } = submission;
    if let Some(row) = rows::find(app.db.read(), key_hash).await? {
        if row.fingerprint != *fingerprint {
            return Ok(Turn::OtherContent);
        }
        let status = row.status.and_then(|status| u16::try_from(status).ok());
        return Ok(status.map_or(Turn::UnderWay, |status| Turn::Answered(status, row.body)));
    }
    let tx = app.db.begin().await?;
    match rows::claim(&tx, key_hash, *account_id, fingerprint, app.clock.machine_now()).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(Turn::New)
        }
        Err(error) if is_unique_violation(&error) => Ok(Turn::UnderWay),
        Err(error) => Err(error.into()),
    }
}

/// Notes where the effect of a form led, an address of this site.
///
/// # Errors
/// When the database fails; the effect stands.
pub async fn settle(app: &App, submission: &Submission, location: &str) -> Result<(), Error> {
    answered(app, submission, LED, location).await
}

/// Keeps the answer to a request.
///
/// # Errors
/// When the database fails; the effect stands.
pub async fn answered(
    app: &App,
    submission: &Submission,
    status: u16,
    body: &str,
) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    rows::settle(&tx, &submission.key_hash, i64::from(status), body).await?;
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

/// Forgets submissions that nobody sends again; gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(app: &App) -> Result<u64, Error> {
    let tx = app.db.begin().await?;
    let gone = rows::forget(&tx, app.clock.machine_now() - KEPT).await?;
    tx.commit().await?;
    Ok(gone)
}
