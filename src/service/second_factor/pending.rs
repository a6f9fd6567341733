//! Between the right password and the code: a sealed note in a cookie, which opens nothing by itself.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Proof, note_recovery, prove, wrong_code};
use crate::app::App;
use crate::file::hash::sha256_hex;
use crate::service::session::{self as sign_in, Attempt, Opened};
use crate::service::{Actor, Error};
use crate::store::account::{self, AccountInFull};
use crate::store::second_factor as store;
use crate::vault::{hex, place, unhex};

/// How long somebody may take to type the code.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);

/// Whose password was right, when, and which one it was.
#[derive(Serialize, Deserialize)]
struct Pending {
    account_id: i64,
    at: DateTime<Utc>,
    password: String,
}

/// The note for somebody whose password was right.
pub(in crate::service) fn pending(app: &App, full: &AccountInFull) -> Result<String, Error> {
    let note = Pending {
        account_id: full.account.id,
        at: app.clock.machine_now(),
        password: sha256_hex(full.account.password_hash.as_bytes()),
    };
    let text = serde_json::to_vec(&note).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(hex(&app.vault.seal(place::PENDING_SIGN_IN, &text)?))
}

/// Whether a note still asks for a code.
pub fn is_pending(app: &App, note: &str) -> bool {
    read(app, note).is_some()
}

fn read(app: &App, note: &str) -> Option<Pending> {
    let plain = app.vault.open(place::PENDING_SIGN_IN, &unhex(note)?).ok()?;
    let pending: Pending = serde_json::from_slice(&plain).ok()?;
    let now = app.clock.machine_now();
    (pending.at <= now + crate::domain::session::SET_BACK && now < pending.at + PATIENCE)
        .then_some(pending)
}

fn too_late() -> Error {
    Error::Stale("登录已超时，请重新输入账号和密码".to_owned())
}

/// Signs somebody in whose password was right, with a code of the device or a recovery code: always
/// a new session with a new token. A wrong code counts like a wrong password.
///
/// # Errors
/// [`Error::Stale`] when it took too long or the account changed meanwhile: begin anew;
/// [`Error::Refused`] when the code is wrong or was used, or after too many.
pub async fn finish(
    app: &App,
    note: &str,
    typed: &str,
    (address, user_agent): (&str, &str),
) -> Result<Opened, Error> {
    let pending = read(app, note).ok_or_else(too_late)?;
    let full = account::by_id(app.db.read(), pending.account_id).await?.ok_or_else(too_late)?;
    if sha256_hex(full.account.password_hash.as_bytes()) != pending.password {
        return Err(too_late());
    }
    let attempt_id = sign_in::reserve(app, &full.account.login, address).await?;
    let tx = app.db.begin().await?;
    account::lock(&tx, full.account.id).await?;
    let factor = store::in_use(&tx, full.account.id).await?.ok_or_else(too_late)?;
    let proof = prove(app, &tx, &factor, typed).await?;
    if let Proof::Recovery(left) = proof {
        let actor = Actor::new(&full, address)?;
        note_recovery(app, &tx, &actor, (factor.id, left)).await?;
    }
    tx.commit().await?;
    if proof == Proof::Wrong {
        sign_in::note_refused(app, Some(&full), &full.account.login, address).await?;
        return Err(Error::Refused(wrong_code()));
    }
    let attempt = Attempt { login: &full.account.login, password: "", address, user_agent };
    sign_in::open(app, &full, &attempt, (Some(attempt_id), Some(factor.id))).await
}
