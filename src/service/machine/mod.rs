//! Programs that work with the registry over the JSON interface: system accounts and their tokens.
//!
//! A system account belongs to one organisation, sees what that organisation sees, and acts under
//! its own name in the log. Nobody signs in with it. The administrator of accounts makes it and
//! its tokens (domain.md 7.1); the secret is shown once and kept as a hash only.

mod filing;
mod reading;
mod token;

use chrono::{NaiveDate, TimeDelta};

use super::{Actor, Error};
use crate::app::App;
use crate::domain::machine::{ApiScope, scopes_of};
use crate::file::hash::sha256_hex;
use crate::store::{account, machine as store};

pub use filing::{
    ENGINEER_FIELDS, EVIDENCE_FIELDS, Field, Filed, MOST_ROWS, file_evidence, register,
};
pub use reading::{
    CaseStatus, EngineerPiece, EnterprisePiece, ListedEnterprise, engineer_piece, engineer_status,
    enterprise_piece, filing_status, note_read,
};
pub use token::{NewToken, SystemAccount, SystemForm, TokenLine, make_account, make_token};
pub use token::{revoke, system_accounts};

/// Use of a token is written down at most once in this time.
const NOTE_EVERY: TimeDelta = TimeDelta::seconds(60);

/// Who asks over the interface.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The system account.
    pub actor: Actor,
    /// Row identity of the token.
    pub token_id: i64,
    /// Its official number.
    pub token_no: String,
    /// What it may do.
    pub scopes: Vec<ApiScope>,
    /// Its last day.
    pub valid_through: NaiveDate,
    /// Requests a minute.
    pub per_minute: i64,
    /// Whether its use should be written down now.
    pub is_due: bool,
}

/// Whoever holds this secret; `None` when it is unknown, over, revoked, not authorised yet, or its
/// account disabled.
///
/// # Errors
/// When the database fails.
pub async fn recognise(app: &App, secret: &str, address: &str) -> Result<Option<Caller>, Error> {
    let conn = app.db.read();
    let Some(token) = store::by_hash(conn, &sha256_hex(secret.as_bytes())).await? else {
        return Ok(None);
    };
    let over = token.revoked_at.is_some() || token.valid_through < app.clock.machine_today();
    if over || token.authorised_at.is_none() {
        return Ok(None);
    }
    let Some(full) = account::by_id(conn, token.account_id).await? else { return Ok(None) };
    let actor = Actor::new(&full, address)?;
    if full.account.disabled_at.is_some() || !actor.role.is_system() {
        return Ok(None);
    }
    let now = app.clock.machine_now();
    Ok(Some(Caller {
        actor,
        token_id: token.id,
        token_no: token.token_no,
        scopes: scopes_of(&token.scopes),
        valid_through: token.valid_through,
        per_minute: token.per_minute,
        is_due: token.last_used_at.is_none_or(|last| now - last >= NOTE_EVERY),
    }))
}

/// Writes down that a token is in use.
///
/// # Errors
/// When the database refuses.
pub async fn touch(app: &App, token_id: i64) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    store::touch(&tx, token_id, app.clock.machine_now()).await?;
    Ok(tx.commit().await?)
}
