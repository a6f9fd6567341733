//! Coming in and going out. Whoever knows only a document number learns nothing: not whether the
//! person is on record, nor whether the page was opened before.

use chrono::TimeDelta;
use serde_json::json;
use subtle::ConstantTimeEq;

use super::activation::code_hash;
use super::{Myself, note};
use crate::app::App;
use crate::domain::identity::{DocumentType, compact};
use crate::domain::lockout::PER_LOGIN;
use crate::domain::session::Times;
use crate::file::hash::sha256_hex;
use crate::service::account::check_new;
use crate::service::{Error, directory::identity_keys, password, session as staff};
use crate::store::db::Tx;
use crate::store::own_page::{self as store, NewSession, Who};
use crate::store::{directory, session as attempts};
use crate::vault::{kind, random_token};

/// A session ends after this time whatever happens.
const LONGEST: TimeDelta = TimeDelta::hours(10);
/// A session ends when it was not used for this time.
const IDLE: TimeDelta = TimeDelta::minutes(30);
/// Use is written down at most once in this time.
const NOTE_EVERY: TimeDelta = TimeDelta::seconds(60);
/// How many sessions a person may have; one more ends the one unused for longest.
const MOST_SESSIONS: usize = 3;
const WRONG: &str = "证件号码、激活码或密码不正确，或激活码已失效。请核对后重新输入。";
const LOCKED: &str = "请到时再试。";

/// Who a token belongs to.
#[derive(Debug, Clone)]
pub struct Recognised {
    /// Who it is.
    pub myself: Myself,
    /// The session.
    pub session_id: i64,
    /// Secret from which the tokens of its forms are made.
    pub form_secret: String,
    /// Whether its use should be written down now.
    pub is_due: bool,
}

/// The person who holds this token, `None` when the session is over or never was one of a person.
///
/// # Errors
/// When the database fails.
pub async fn recognise(app: &App, token: &str, address: &str) -> Result<Option<Recognised>, Error> {
    let conn = app.db.read();
    let found = store::session_by_token_hash(conn, &sha256_hex(token.as_bytes())).await?;
    let Some(found) = found else { return Ok(None) };
    let now = app.clock.machine_now();
    let times = Times { last_seen_at: found.last_seen_at, expires_at: found.expires_at };
    if found.revoked_at.is_some() || times.are_over(IDLE, now) {
        return Ok(None);
    }
    let Some(who) = store::who(conn, found.person_id).await? else { return Ok(None) };
    Ok(Some(Recognised {
        myself: Myself::new(who, address),
        session_id: found.id,
        form_secret: found.csrf_token,
        is_due: now - found.last_seen_at >= NOTE_EVERY,
    }))
}

/// Writes down that a session is in use.
///
/// # Errors
/// When the database refuses.
pub async fn touch(app: &App, session_id: i64) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    store::touch(&tx, session_id, app.clock.machine_now()).await?;
    Ok(tx.commit().await?)
}

/// From where somebody comes.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// Number of an identity document as typed.
    pub document_no: &'a str,
    /// Network address.
    pub address: &'a str,
    /// What the browser calls itself.
    pub user_agent: &'a str,
}

/// What somebody sends who comes for the first time, or forgot the passphrase.
#[derive(Debug, Clone, Copy)]
pub struct FirstVisit<'a> {
    /// The employer's code as typed.
    pub code: &'a str,
    /// Passphrase chosen.
    pub new: &'a str,
    /// The same again.
    pub again: &'a str,
}

/// A session just opened.
#[derive(Debug)]
pub struct Opened {
    /// Token for the cookie; nowhere else.
    pub token: String,
}

/// An attempt that was counted, and whom it is about.
struct Counted {
    id: i64,
    key: String,
    who: Option<Who>,
}

/// Uses a code up, sets the passphrase and signs in.
///
/// # Errors
/// [`Error::Invalid`] for the passphrase; [`Error::Refused`] with the same words for an unknown
/// person, a wrong, used, replaced or expired code; or when there were too many failures.
pub async fn activate(
    app: &App,
    attempt: &Attempt<'_>,
    visit: &FirstVisit<'_>,
) -> Result<Opened, Error> {
    let number = compact(attempt.document_no);
    let wrong = check_new(app, (visit.new, visit.again), &number, &[]);
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let counted = count(app, attempt).await?;
    let Some(who) = counted.who.clone() else { return refuse(app, &counted, attempt).await };
    let Some(open) = store::open_activation(app.db.read(), who.id).await? else {
        return refuse(app, &counted, attempt).await;
    };
    let hash = code_hash(&app.vault, who.id, visit.code);
    let same = bool::from(hash.as_bytes().ct_eq(open.code_hash.as_bytes()));
    if !same || app.clock.machine_now() >= open.expires_at {
        return refuse(app, &counted, attempt).await;
    }
    let passphrase = password::hash(visit.new).await?;
    let now = app.clock.machine_now();
    let tx = app.db.begin().await?;
    store::lock(&tx, who.id).await?;
    let used = store::use_activation(&tx, open.id, now).await.map_err(Error::from);
    used.map_err(|error| match error {
        Error::Stale(_) => Error::Refused(WRONG.to_owned()),
        other => other,
    })?;
    store::set_passphrase(&tx, who.id, &passphrase, now).await?;
    store::revoke_of_person(&tx, who.id, now).await?;
    attempts::attempt_succeeded(&tx, counted.id).await?;
    let token = begin(app, &tx, who.id, attempt).await?;
    note(app, &tx, (&who.no, attempt.address), "own_page.activated", &json!({})).await?;
    tx.commit().await?;
    Ok(Opened { token })
}

/// Signs somebody in: always a new session with a new token.
///
/// # Errors
/// [`Error::Refused`] with the same words for an unknown person, one who never came before and a
/// wrong passphrase; or when there were too many failures.
pub async fn sign_in(app: &App, attempt: &Attempt<'_>, passphrase: &str) -> Result<Opened, Error> {
    let counted = count(app, attempt).await?;
    let access = match &counted.who {
        Some(who) => store::access(app.db.read(), who.id).await?,
        None => None,
    };
    let stored = access.as_ref().map(|access| access.passphrase_hash.as_str());
    let right = password::verify(passphrase, stored).await?;
    let (Some(who), Some(access), true) = (counted.who.clone(), access, right) else {
        return refuse(app, &counted, attempt).await;
    };
    let tx = app.db.begin().await?;
    store::lock(&tx, who.id).await?;
    let now = store::access(&tx, who.id).await?;
    if now.is_none_or(|now| now.passphrase_hash != access.passphrase_hash) {
        return Err(Error::Refused(WRONG.to_owned()));
    }
    attempts::attempt_succeeded(&tx, counted.id).await?;
    let token = begin(app, &tx, who.id, attempt).await?;
    note(app, &tx, (&who.no, attempt.address), "own_page.opened", &json!({})).await?;
    tx.commit().await?;
    Ok(Opened { token })
}

/// Ends the session of the request.
///
/// # Errors
/// When the database refuses. A session that has ended already is no error.
pub async fn sign_out(app: &App, myself: &Myself, session_id: i64) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    match store::revoke(&tx, session_id, app.clock.machine_now()).await.map_err(Error::from) {
        Ok(()) => {
            let who = (myself.no.as_str(), myself.address.as_str());
            note(app, &tx, who, "own_page.closed", &json!({})).await?;
        }
        Err(Error::Stale(_)) => return Ok(()),
        Err(error) => return Err(error),
    }
    Ok(tx.commit().await?)
}

/// A change of passphrase.
#[derive(Debug, Clone, Copy)]
pub struct NewPassphrase<'a> {
    /// The one in use.
    pub current: &'a str,
    /// The new one.
    pub new: &'a str,
    /// The same again.
    pub again: &'a str,
    /// What the browser calls itself.
    pub user_agent: &'a str,
}

/// Changes the passphrase and ends all sessions but a new one.
///
/// # Errors
/// [`Error::Invalid`] when the current one is wrong or the new one is refused; [`Error::Refused`]
/// after too many failures.
pub async fn change_passphrase(
    app: &App,
    myself: &Myself,
    form: &NewPassphrase<'_>,
) -> Result<Opened, Error> {
    let mut wrong = check_new(app, (form.new, form.again), "", &[]);
    if form.new == form.current {
        wrong.push(("password".into(), "新密码不能与当前密码相同".into()));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let tx = app.db.begin().await?;
    store::lock(&tx, myself.id).await?;
    let key = key_of(app, myself.id);
    let id = staff::admit(app, &tx, &key, &myself.address, LOCKED).await?;
    tx.commit().await?;
    let access = store::access(app.db.read(), myself.id).await?;
    let stored = access.as_ref().map(|access| access.passphrase_hash.as_str());
    let at = (myself.no.as_str(), myself.address.as_str());
    if !password::verify(form.current, stored).await? {
        note_refused(app, at, &key).await?;
        let text = "当前密码不正确，请重新输入".to_owned();
        return Err(Error::Invalid(vec![("current".to_owned(), text)]));
    }
    let hash = password::hash(form.new).await?;
    let now = app.clock.machine_now();
    let tx = app.db.begin().await?;
    store::lock(&tx, myself.id).await?;
    let locked = store::access(&tx, myself.id).await?;
    if locked.map(|row| row.passphrase_hash) != access.map(|row| row.passphrase_hash) {
        return Err(Error::Stale("密码刚刚已被更改，请用新密码重新登录".to_owned()));
    }
    attempts::attempt_succeeded(&tx, id).await?;
    store::set_passphrase(&tx, myself.id, &hash, now).await?;
    store::revoke_of_person(&tx, myself.id, now).await?;
    let from = Attempt { document_no: "", address: &myself.address, user_agent: form.user_agent };
    let token = begin(app, &tx, myself.id, &from).await?;
    note(app, &tx, at, "own_page.passphrase_changed", &json!({})).await?;
    tx.commit().await?;
    Ok(Opened { token })
}

/// Counts the attempt as failed before anything is compared. Failures are counted by person where
/// there is one, whatever document is used, else by the number typed.
async fn count(app: &App, attempt: &Attempt<'_>) -> Result<Counted, Error> {
    let passport = DocumentType::Passport.code();
    let countries = directory::passport_countries(app.db.read(), passport).await?;
    let keys = identity_keys(attempt.document_no, &countries).unwrap_or_default();
    let indexes: Vec<String> =
        keys.iter().map(|key| app.vault.index(kind::DOCUMENT, key)).collect();
    let tx = app.db.begin().await?;
    let who = store::lock_holder(&tx, &indexes).await?;
    let key = match &who {
        Some(who) => key_of(app, who.id),
        None => app.vault.index("own page", &format!("number {}", compact(attempt.document_no))),
    };
    let id = staff::admit(app, &tx, &key, attempt.address, LOCKED).await?;
    tx.commit().await?;
    Ok(Counted { id, key, who })
}

fn key_of(app: &App, person_id: i64) -> String {
    app.vault.index("own page", &format!("person {person_id}"))
}

async fn refuse<T>(app: &App, counted: &Counted, attempt: &Attempt<'_>) -> Result<T, Error> {
    let no = counted.who.as_ref().map_or("", |who| who.no.as_str());
    note_refused(app, (no, attempt.address), &counted.key).await?;
    Err(Error::Refused(WRONG.to_owned()))
}

async fn note_refused(app: &App, at: (&str, &str), key: &str) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    let failures = attempts::failures_of_login(&tx, key, PER_LOGIN.failures).await?;
    let closed = PER_LOGIN.closed_until(&failures, app.clock.machine_now()).is_some();
    let action = if closed { "own_page.locked" } else { "own_page.refused" };
    note(app, &tx, at, action, &json!({ "failures": failures.len() })).await?;
    Ok(tx.commit().await?)
}

/// Writes a new session, ending those beyond the number allowed. Returns its token.
async fn begin(app: &App, tx: &Tx, person_id: i64, attempt: &Attempt<'_>) -> Result<String, Error> {
    let now = app.clock.machine_now();
    let live = store::live_of_person(tx, person_id, now - IDLE, now).await?;
    for old in live.iter().skip(MOST_SESSIONS - 1) {
        store::revoke(tx, old.id, now).await?;
    }
    let token = random_token::<32>()?;
    let new = NewSession {
        token_hash: &sha256_hex(token.as_bytes()),
        person_id,
        csrf_token: &random_token::<32>()?,
        address: attempt.address,
        user_agent: attempt.user_agent,
        at: now,
        expires_at: now + LONGEST,
    };
    store::open(tx, &new).await?;
    Ok(token)
}
