//! One's own second factor.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{code_hash, must_enrol, tell_owner, wrong_code};
use crate::app::App;
use crate::domain::second_factor::{
    RECOVERY_BYTES, RECOVERY_CODES, SECRET_LEN, base32, enrolment_uri, matching_step,
    recovery_code, recovery_key,
};
use crate::service::{Actor, Error, invalid, log, presence};
use crate::store::db::Tx;
use crate::store::second_factor::{self as store, NewFactor};
use crate::store::{account, session};
use crate::vault::{hex, place, random_bytes, unhex};

/// How long a secret may be on the page before its first code is typed.
const PATIENCE: TimeDelta = TimeDelta::minutes(30);

/// How the actor's second factor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Since when, and how many recovery codes are left; `None` without one.
    pub enrolled: Option<(DateTime<Utc>, u64)>,
    /// Whether the installation asks the role for one.
    pub must: bool,
}

/// How the actor's second factor stands.
///
/// # Errors
/// When the database fails.
pub async fn status(app: &App, actor: &Actor) -> Result<Status, Error> {
    let read = app.db.read();
    let enrolled = match store::in_use(read, actor.account_id).await? {
        Some(factor) => Some((factor.enrolled_at, store::codes_left(read, factor.id).await?)),
        None => None,
    };
    Ok(Status { enrolled, must: must_enrol(app, actor.role) })
}

/// A fresh secret on its way to a device and back; never in a table before a code proves it.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// What the form sends back.
    pub sealed: String,
    /// The secret as text, for devices without a camera.
    pub secret: String,
    /// The address for the QR code.
    pub uri: String,
}

#[derive(Serialize, Deserialize)]
struct Offered {
    account_id: i64,
    at: DateTime<Utc>,
    secret: String,
}

/// A fresh secret for the actor.
///
/// # Errors
/// When the machine gives no randomness.
pub fn offer(app: &App, actor: &Actor) -> Result<Enrolment, Error> {
    let secret = random_bytes::<SECRET_LEN>()?;
    let offered =
        Offered { account_id: actor.account_id, at: app.clock.machine_now(), secret: hex(&secret) };
    let text = serde_json::to_vec(&offered).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(Enrolment {
        sealed: hex(&app.vault.seal(place::OFFERED_FACTOR, &text)?),
        secret: base32(&secret),
        uri: enrolment_uri(&secret, &actor.login),
    })
}

/// The same secret again, for a form that came back; `None` when it is too old or somebody else's.
fn offered(app: &App, actor: &Actor, sealed: &str) -> Option<Vec<u8>> {
    let plain = app.vault.open(place::OFFERED_FACTOR, &unhex(sealed)?).ok()?;
    let offered: Offered = serde_json::from_slice(&plain).ok()?;
    let is_own = offered.account_id == actor.account_id;
    let is_fresh = app.clock.machine_now() < offered.at + PATIENCE;
    (is_own && is_fresh).then(|| unhex(&offered.secret)).flatten()
}

/// A factor just begun.
#[derive(Debug, Clone)]
pub struct Enrolled {
    /// Recovery codes; they are told once and kept as hashes.
    pub codes: Vec<String>,
    /// The new token of the session.
    pub token: String,
}

/// Begins the factor whose first code was typed, in place of one that there was. Other sessions end.
///
/// # Errors
/// [`Error::Invalid`] (`code`) when it is not a code of this secret; [`Error::Refused`] when it is not
/// certain who sits there; [`Error::Stale`] when the secret is too old.
pub async fn enrol(
    app: &App,
    actor: &Actor,
    session_id: i64,
    (sealed, typed): (&str, &str),
) -> Result<Enrolled, Error> {
    presence::must_be_fresh(app, actor)?;
    let stale = || Error::Stale("这个密钥已过期，请用页面上新的二维码重新添加".to_owned());
    let secret = offered(app, actor, sealed).ok_or_else(stale)?;
    let now = app.clock.machine_now();
    let Some(step) = matching_step(&secret, typed, app.clock.device_now(), 0) else {
        return Err(Error::Invalid(vec![invalid("code", wrong_code())]));
    };
    let cipher = app.vault.seal(place::SECOND_FACTOR, &secret)?;
    let tx = app.db.begin().await?;
    account::lock(&tx, actor.account_id).await?.ok_or(Error::NotFound("这个账号"))?;
    let replaced = store::end(&tx, actor.account_id, now).await?;
    let account_id = actor.account_id;
    let new = NewFactor { account_id, secret_cipher: &cipher, last_step: step, at: now };
    let factor_id = store::begin(&tx, &new).await?;
    let codes = make_codes(app, &tx, factor_id).await?;
    session::revoke_of_account(&tx, account_id, Some(session_id), now).await?;
    let token = presence::renew(app, &tx, session_id).await?;
    let object = ("account", actor.login.as_str());
    let action = if replaced { "second_factor.replaced" } else { "second_factor.enrolled" };
    log(app, &tx, actor, action, object, &json!({})).await?;
    let title = if replaced {
        "您的两步验证已更换，原来的动态验证码和恢复码已作废。如非您本人操作，请立即告知安全管理员。"
    } else {
        "您的账号已启用两步验证。如非您本人操作，请立即告知安全管理员。"
    };
    tell_owner(app, &tx, account_id, &format!("second_factor:{factor_id}"), title).await?;
    tx.commit().await?;
    Ok(Enrolled { codes, token })
}

/// Fresh recovery codes in place of those that are left.
///
/// # Errors
/// [`Error::Refused`] without a factor, or when it is not certain who sits there.
pub async fn fresh_codes(app: &App, actor: &Actor) -> Result<Vec<String>, Error> {
    presence::must_be_fresh(app, actor)?;
    let tx = app.db.begin().await?;
    account::lock(&tx, actor.account_id).await?.ok_or(Error::NotFound("这个账号"))?;
    let none = || Error::Refused("您还没有启用两步验证".to_owned());
    let factor = store::in_use(&tx, actor.account_id).await?.ok_or_else(none)?;
    let codes = make_codes(app, &tx, factor.id).await?;
    let object = ("account", actor.login.as_str());
    log(app, &tx, actor, "second_factor.codes_made", object, &json!({})).await?;
    tx.commit().await?;
    Ok(codes)
}

async fn make_codes(app: &App, tx: &Tx, factor_id: i64) -> Result<Vec<String>, Error> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        codes.push(recovery_code(random_bytes::<RECOVERY_BYTES>()?));
    }
    let keys = codes.iter().filter_map(|code| recovery_key(code));
    let hashes: Vec<String> = keys.map(|key| code_hash(app, factor_id, &key)).collect();
    store::replace_codes(tx, factor_id, &hashes, app.clock.machine_now()).await?;
    Ok(codes)
}

/// The form of an enrolment that came back with its secret, or with a fresh one when that is too old.
///
/// # Errors
/// When the machine gives no randomness.
pub fn again(app: &App, actor: &Actor, sealed: &str) -> Result<Enrolment, Error> {
    match offered(app, actor, sealed) {
        Some(secret) => Ok(Enrolment {
            sealed: sealed.to_owned(),
            secret: base32(&secret),
            uri: enrolment_uri(&secret, &actor.login),
        }),
        None => offer(app, actor),
    }
}
