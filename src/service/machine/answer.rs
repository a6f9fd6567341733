//! A request that is sent twice under one key has its effect once (draft-ietf-httpapi-idempotency-key).

use chrono::TimeDelta;

use super::Caller;
use crate::app::App;
use crate::file::hash::sha256_hex;
use crate::service::Error;
use crate::store::db::is_unique_violation;
use crate::store::machine as store;

/// How long an answer is kept. What a request did stays for ever; only its key is forgotten.
const KEPT: TimeDelta = TimeDelta::days(30);

/// A key that was taken: have the effect, then [`settle`] or [`release`].
#[derive(Debug)]
pub struct Ticket {
    key_hash: String,
}

/// How a request stands.
#[derive(Debug)]
pub enum Turn {
    /// It is new.
    New(Ticket),
    /// It was answered so: status and body.
    Answered(u16, String),
    /// The key was used with other content.
    OtherContent,
    /// The first request is under way, or was interrupted.
    UnderWay,
}

/// Takes a key of the caller for a request with this content.
///
/// # Errors
/// When the database fails.
pub async fn take(app: &App, caller: &Caller, key: &str, content: &str) -> Result<Turn, Error> {
    let account = caller.actor.account_id;
    let key_hash = sha256_hex(format!("{account}\n{key}").as_bytes());
    let fingerprint = sha256_hex(content.as_bytes());
    if let Some(row) = store::answer(app.db.read(), &key_hash).await? {
        if row.fingerprint != fingerprint {
            return Ok(Turn::OtherContent);
        }
        let status = row.status.and_then(|status| u16::try_from(status).ok());
        return Ok(status.map_or(Turn::UnderWay, |status| Turn::Answered(status, row.body)));
    }
    let tx = app.db.begin().await?;
    match store::claim(&tx, &key_hash, account, &fingerprint, app.clock.now()).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(Turn::New(Ticket { key_hash }))
        }
        Err(error) if is_unique_violation(&error) => Ok(Turn::UnderWay),
        Err(error) => Err(error.into()),
    }
}

/// Keeps the answer.
///
/// # Errors
/// When the database fails; the effect stands.
pub async fn settle(app: &App, ticket: &Ticket, status: u16, body: &str) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    store::settle(&tx, &ticket.key_hash, i64::from(status), body).await?;
    Ok(tx.commit().await?)
}

/// Gives the key back: the request had no effect and may be sent again.
///
/// # Errors
/// When the database fails.
pub async fn release(app: &App, ticket: &Ticket) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    store::release(&tx, &ticket.key_hash).await?;
    Ok(tx.commit().await?)
}

/// Forgets old answers; gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(app: &App) -> Result<u64, Error> {
    let tx = app.db.begin().await?;
    let gone = store::forget(&tx, app.clock.now() - KEPT).await?;
    tx.commit().await?;
    Ok(gone)
}
