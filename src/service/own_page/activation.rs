//! The code by which an employer lets one of its engineers in.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::app::App;
use crate::domain::authority::Act;
use crate::service::account::first_password;
use crate::service::directory::{self, AsOf};
use crate::service::{Actor, Error, log};
use crate::store::own_page as store;
use crate::vault::Vault;

/// How long a code can be used.
const VALID: TimeDelta = TimeDelta::days(7);

/// A code just made. It is shown once and kept nowhere.
#[derive(Debug, Clone)]
pub struct ActivationCode {
    /// Whom it lets in.
    pub name: String,
    /// Number of the person.
    pub no: String,
    /// The code.
    pub code: String,
    /// First instant at which it no longer works.
    pub expires_at: DateTime<Utc>,
}

/// Makes a code for one of the actor's engineers; one made before stops working. Using it sets a
/// new passphrase, so it also helps somebody who forgot theirs.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::FileEngineers`]; [`Error::NotFound`] for a person of
/// another enterprise; [`Error::Refused`] when the person no longer works there or has no
/// identity document on record.
pub async fn make_code(app: &App, actor: &Actor, no: &str) -> Result<ActivationCode, Error> {
    actor.must(Act::FileEngineers)?;
    let record = directory::engineer(app, actor, no, AsOf::default()).await?;
    if !record.deeds.activate {
        let why = "该人员已不在本企业任职，不能为其生成激活码".to_owned();
        return Err(Error::Refused(why));
    }
    if record.head.document.is_empty() {
        return Err(Error::Refused("该人员还没有登记证件，登记后才能生成激活码".to_owned()));
    }
    let code = first_password()?;
    let now = app.clock.machine_now();
    let expires_at = now + VALID;
    let tx = app.db.begin().await?;
    store::lock(&tx, record.person_id).await?;
    let hash = code_hash(&app.vault, record.person_id, &code);
    let new = (record.person_id, hash.as_str(), actor.account_id);
    store::replace_activation(&tx, new, now, expires_at).await?;
    log(app, &tx, actor, "own_page.code_made", ("engineer", no), &json!({})).await?;
    tx.commit().await?;
    Ok(ActivationCode { name: record.head.name, no: record.no, code, expires_at })
}

/// The keyed hash of a code, however it was typed.
pub(super) fn code_hash(vault: &Vault, person_id: i64, code: &str) -> String {
    let plain: String = code.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    vault.index("own page code", &format!("{person_id}\n{}", plain.to_lowercase()))
}
