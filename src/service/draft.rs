//! What somebody typed into a long form and has not sent yet. It is theirs alone, sealed, and no
//! record: saving one is not an act and leaves no event in the log.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Actor, Error};
use crate::app::App;
use crate::domain::draft::{DraftForm, KEPT_DAYS, Kept, MOST_DRAFTS, is_subject};
use crate::domain::registry::Code;
use crate::file::hash::sha256_hex;
use crate::store::draft as store;
use crate::store::{account, session};

/// A session that ended by itself still saves what was typed in it, for so long after it began.
const LAPSED_HOURS: i64 = 36;

/// Which draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftKey {
    /// Of which form.
    pub form: DraftForm,
    /// About what; may be empty.
    pub subject: String,
}

impl DraftKey {
    /// The draft that a form names; `None` when it names none of ours.
    pub fn read(form: &str, subject: &str) -> Option<Self> {
        let form = DraftForm::from_code(form)?;
        is_subject(subject).then(|| Self { form, subject: subject.to_owned() })
    }

    /// What its content is sealed for: exchanged rows do not open.
    fn place(&self, account_id: i64) -> String {
        format!("form_draft.{account_id}.{}.{}", self.form.code(), self.subject)
    }

    fn stored(&self) -> (&'static str, &str) {
        (self.form.code(), &self.subject)
    }
}

/// A draft as it comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// About what.
    pub subject: String,
    /// What was typed, by field.
    pub fields: BTreeMap<String, String>,
    /// When it was saved.
    pub at: DateTime<Utc>,
}

/// Saves what an account typed; nothing typed drops the draft. Returns when.
///
/// # Errors
/// [`Error::Refused`] when the account keeps too many drafts.
pub async fn save(
    app: &App,
    account_id: i64,
    key: &DraftKey,
    kept: &Kept,
) -> Result<DateTime<Utc>, Error> {
    let now = app.clock.machine_now();
    let content =
        serde_json::to_vec(&kept.fields).map_err(|error| Error::Internal(error.to_string()))?;
    let sealed = app.vault.seal(&key.place(account_id), &content)?;
    let tx = app.db.begin().await?;
    if kept.fields.is_empty() {
        store::discard(&tx, account_id, key.stored()).await?;
    } else {
        let many = u64::try_from(MOST_DRAFTS).unwrap_or(u64::MAX);
        if store::count(&tx, account_id).await? > many {
            return Err(Error::Refused("草稿过多，请先办理或丢弃以前的草稿".to_owned()));
        }
        store::save(&tx, account_id, key.stored(), sealed, now).await?;
    }
    tx.commit().await?;
    Ok(now)
}

/// The actor's drafts of a form, the latest first. One that does not open any more is left out.
///
/// # Errors
/// When the database fails.
pub async fn drafts(app: &App, actor: &Actor, form: DraftForm) -> Result<Vec<Draft>, Error> {
    let rows = store::of_form(app.db.read(), actor.account_id, form.code()).await?;
    let oldest = app.clock.machine_now() - TimeDelta::days(KEPT_DAYS);
    let open = |row: store::DraftRow| {
        let key = DraftKey { form, subject: row.subject };
        let place = key.place(actor.account_id);
        let plain = app.vault.open(&place, &row.content_cipher).ok()?;
        let fields = serde_json::from_slice(&plain).ok()?;
        Some(Draft { subject: key.subject, fields, at: row.saved_at })
    };
    Ok(rows.into_iter().filter(|row| row.saved_at >= oldest).filter_map(open).collect())
}

/// The actor's draft of a form about something, if there is one.
///
/// # Errors
/// When the database fails.
pub async fn find(app: &App, actor: &Actor, key: &DraftKey) -> Result<Option<Draft>, Error> {
    let all = drafts(app, actor, key.form).await?;
    Ok(all.into_iter().find(|draft| draft.subject == key.subject))
}

/// Drops the actor's draft.
///
/// # Errors
/// When the database fails.
pub async fn discard(app: &App, actor: &Actor, key: &DraftKey) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    store::discard(&tx, actor.account_id, key.stored()).await?;
    Ok(tx.commit().await?)
}

/// Forgets drafts that nobody touched for [`KEPT_DAYS`] days; gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(app: &App) -> Result<u64, Error> {
    let tx = app.db.begin().await?;
    let gone = store::forget(&tx, app.clock.machine_now() - TimeDelta::days(KEPT_DAYS)).await?;
    tx.commit().await?;
    Ok(gone)
}

/// A session that ended by itself, through idleness or age.
#[derive(Debug, Clone)]
pub struct Lapsed {
    /// Whose it was.
    pub account_id: i64,
    /// Secret from which the tokens of its forms were made.
    pub form_secret: String,
}

/// The session of a token, when nobody ended it: what was typed in it may still be saved, and
/// nothing else. One that was signed out of, or whose account is disabled, saves nothing.
///
/// # Errors
/// When the database fails.
pub async fn lapsed(app: &App, token: &str) -> Result<Option<Lapsed>, Error> {
    let conn = app.db.read();
    let found = session::by_token_hash(conn, &sha256_hex(token.as_bytes())).await?;
    let young = app.clock.machine_now() - TimeDelta::hours(LAPSED_HOURS);
    let Some(found) = found.filter(|s| s.revoked_at.is_none() && s.created_at >= young) else {
        return Ok(None);
    };
    let full = account::by_id(conn, found.account_id).await?;
    let active = full.is_some_and(|full| full.account.disabled_at.is_none());
    Ok(active.then_some(Lapsed { account_id: found.account_id, form_secret: found.csrf_token }))
}
