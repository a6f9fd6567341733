//! What an auditor asks: one person's way from the list document to the bank's serial number on one
//! screen, and the same, or a batch, as an archive that is checked without the server.

mod facts;
mod files;
mod load;
mod moments;
mod money_files;
mod paid;
mod proof;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::batch_pages::visible_batch;
use super::seen::{self, SeenKind};
use super::{Actor, Error, audit, invalid, log};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::identity::disclosure;
use crate::file::evidence::{About, pack, written};
use crate::file::hash::sha256_hex;
use crate::store::account_list;
use crate::store::attachment::Attachment;
use crate::store::audit_log;
use crate::store::db::Tx;
use crate::store::directory;
use crate::store::evidence as store;

use self::load::{Loaded, Subject};
pub use self::moments::{Moment, Place, Stage};

/// The verb under which the log tells that a bundle was made.
const BUNDLED: &str = "evidence.bundled";
/// Shortest and longest purpose, in characters.
const PURPOSE: std::ops::RangeInclusive<usize> = 4..=200;
/// Bundles shown as made before.
const MADE: u64 = 20;
/// A bundle reads much: one at a time.
static BUNDLING: Semaphore = Semaphore::const_new(1);

/// A bundle that was made before; its hash recognises it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub who: String,
    /// Why.
    pub purpose: String,
    /// Award year; `None` for all.
    pub year: Option<i64>,
    /// SHA-256 of the archive.
    pub sha256: String,
}

/// One person's way.
#[derive(Debug, Clone)]
pub struct PersonChain {
    /// Official number.
    pub no: String,
    /// Name today.
    pub name: String,
    /// Kind of document and masked number.
    pub document: String,
    /// Other numbers of the same person.
    pub merged: Vec<String>,
    /// Award years with a result, the last first.
    pub years: Vec<i64>,
    /// The year shown; `None` for all.
    pub year: Option<i64>,
    /// By part and time.
    pub moments: Vec<Moment>,
    /// Events of the log about all this.
    pub events: u64,
    /// The last seal: number, when, hash.
    pub sealed: Option<(i64, DateTime<Utc>, String)>,
    /// Bundles made before, the last first.
    pub made: Vec<Made>,
}

/// Which years are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Years {
    /// The last one with a result.
    Last,
    /// This one.
    One(i64),
    /// All.
    All,
}

/// One person's way from list document to bank serial.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but auditors; [`Error::NotFound`] for a person outside the
/// actor's scope.
pub async fn person_chain(
    app: &App,
    actor: &Actor,
    no: &str,
    years: Years,
) -> Result<PersonChain, Error> {
    actor.must(Act::ReadAudit)?;
    let tx = app.db.begin_read().await?;
    let (person, known) = person(&tx, actor, no).await?;
    let year = match years {
        Years::Last => known.first().copied(),
        Years::One(year) => Some(year),
        Years::All => None,
    };
    let subject = Subject::Person(person, year);
    let loaded = Loaded::of(&tx, &actor.scope, &subject).await?;
    let events = proof::events(&tx, &loaded, subject.object()).await?;
    let seal = audit_log::seals(&tx, 1).await?.pop();
    let made = made_of(&tx, subject.object()).await?;
    drop(tx);
    seen::note_one(app, actor, SeenKind::Record, no).await?;
    let file = loaded.file.as_ref();
    let today = app.clock.today();
    let name = file.and_then(|file| crate::domain::roster::current(&file.names, today));
    let document = file.and_then(|file| crate::domain::roster::current(&file.documents, today));
    Ok(PersonChain {
        no: no.to_owned(),
        name: name.map(|stated| stated.fact.name.clone()).unwrap_or_default(),
        document: document.map_or_else(String::new, |stated| {
            let kind = super::directory::document_kind(&stated.fact.document_type);
            format!("{kind} {}", stated.fact.number_masked)
        }),
        merged: file.map_or_else(Vec::new, |file| {
            file.merged.iter().map(|person| person.no.clone()).collect()
        }),
        years: known,
        year,
        moments: moments::moments(&loaded, year),
        events: u64::try_from(events.len()).unwrap_or(u64::MAX),
        sealed: seal.map(|seal| (seal.seq, seal.at, seal.hash)),
        made,
    })
}

/// A person within the actor's scope, and the award years with a result.
async fn person(tx: &Tx, actor: &Actor, no: &str) -> Result<(directory::Person, Vec<i64>), Error> {
    let found = directory::engineer(tx, &actor.scope, no).await?;
    let person = found.ok_or(Error::NotFound("这位工程师"))?;
    let merges = crate::store::merge::merges_about(tx, &[person.id], None).await?;
    let known = store::years(tx, &merges.group(person.id)).await?;
    Ok((person, known))
}

/// The batch of which a bundle is asked for, and bundles made of it before.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but auditors; [`Error::NotFound`] for a batch that the actor
/// does not see.
pub async fn batch_bundles(
    app: &App,
    actor: &Actor,
    no: &str,
) -> Result<(store::Batch, Vec<Made>), Error> {
    actor.must(Act::ReadAudit)?;
    let batch = visible_batch(app, actor, no).await?;
    let made = made_of(app.db.read(), ("batch", no)).await?;
    Ok((batch, made))
}

async fn made_of(
    conn: &impl crate::store::db::Connection,
    object: (&str, &str),
) -> Result<Vec<Made>, Error> {
    let events = store::made(conn, BUNDLED, object, MADE).await?;
    let logins: Vec<&str> = events.iter().map(|event| event.login.as_str()).collect();
    let accounts = account_list::by_logins(conn, &logins).await?;
    let made = events.iter().map(|event| {
        let detail: Value = serde_json::from_str(&event.detail).unwrap_or_default();
        let text = |field: &str| detail[field].as_str().unwrap_or_default().to_owned();
        let full = accounts.iter().find(|full| full.account.login == event.login);
        Made {
            at: event.at,
            who: full.map_or_else(|| event.login.clone(), |full| full.holder.name.clone()),
            purpose: text("purpose"),
            year: detail["award_year"].as_i64(),
            sha256: text("sha256"),
        }
    });
    Ok(made.collect())
}

/// A bundle of one person, in one award year or in all: name and bytes. All chains are sealed
/// first, so that everything in it is covered; the log tells its purpose and hash.
///
/// # Errors
/// As [`person_chain`]; [`Error::Invalid`] for field `purpose`.
pub async fn person_bundle(
    app: &App,
    actor: &Actor,
    no: &str,
    year: Option<i64>,
    purpose: &str,
) -> Result<(String, Vec<u8>), Error> {
    actor.must(Act::ReadAudit)?;
    let (person, _) = person(&app.db.begin_read().await?, actor, no).await?;
    bundle(app, actor, Subject::Person(person, year), purpose).await
}

/// A bundle of one batch: name and bytes.
///
/// # Errors
/// As [`batch_bundles`]; [`Error::Invalid`] for field `purpose`.
pub async fn batch_bundle(
    app: &App,
    actor: &Actor,
    no: &str,
    purpose: &str,
) -> Result<(String, Vec<u8>), Error> {
    actor.must(Act::ReadAudit)?;
    let batch = visible_batch(app, actor, no).await?;
    bundle(app, actor, Subject::Batch(Box::new(batch)), purpose).await
}

async fn bundle(
    app: &App,
    actor: &Actor,
    subject: Subject,
    purpose: &str,
) -> Result<(String, Vec<u8>), Error> {
    let purpose = purpose.trim();
    if let Some(wrong) = wrong_purpose(purpose) {
        return Err(Error::Invalid(vec![invalid("purpose", wrong)]));
    }
    let _turn = BUNDLING.acquire().await.map_err(|e| Error::Internal(e.to_string()))?;
    audit::seal(app).await?;
    let tx = app.db.begin_read().await?;
    let loaded = Loaded::of(&tx, &actor.scope, &subject).await?;
    let attachments = attached(&tx, &loaded).await?;
    let events = proof::events(&tx, &loaded, subject.object()).await?;
    let proof = proof::prove(app, &tx, events).await?;
    drop(tx);
    let (kind, number) = subject.object();
    let now = app.clock.now();
    let about = About {
        subject: if kind == "batch" { "batch" } else { "person" }.to_owned(),
        number: number.to_owned(),
        award_year: subject.year(),
        made_at: now,
        made_by: format!("{}（{}）", actor.name, actor.login),
        organisation: actor.organisation.clone(),
        purpose: purpose.to_owned(),
    };
    let (vault, counted) = (app.vault.clone(), proof.events.len());
    let persons: Vec<String> = loaded.persons.values().cloned().collect();
    let packing = spawn_blocking(move || {
        let mut files = Vec::new();
        for (name, content) in files::all(&loaded, &attachments) {
            files.push((name, written(&content)?));
        }
        pack(about, files, &proof, |text| (vault.public_key(), vault.sign(text)))
    });
    let packed = packing.await.map_err(|error| Error::Internal(error.to_string()))?;
    let bytes = packed.map_err(|error| Error::Internal(error.to_string()))?;
    let detail = json!({
        "purpose": purpose,
        "award_year": subject.year(),
        "events": counted,
        "size": bytes.len(),
        "sha256": sha256_hex(&bytes),
    });
    let tx = app.db.begin().await?;
    let persons: Vec<&str> = persons.iter().map(String::as_str).collect();
    seen::note_many(app, &tx, actor, (SeenKind::Exported, &persons)).await?;
    log(app, &tx, actor, BUNDLED, (kind, number), &detail).await?;
    tx.commit().await?;
    let stamp = crate::clock::china_time(now).format("%Y%m%d-%H%M%S");
    Ok((format!("证据包-{number}-{stamp}.zip"), bytes))
}

/// Files that prove something about what was loaded.
async fn attached(tx: &Tx, loaded: &Loaded) -> Result<Vec<Attachment>, Error> {
    let persons: Vec<i64> = loaded.persons.keys().copied().collect();
    let sources: Vec<i64> = loaded.sources.keys().copied().collect();
    let cases: Vec<i64> = loaded.cases.files.iter().map(|file| file.id).collect();
    let subjects = [
        ("person", persons.as_slice()),
        ("source_document", sources.as_slice()),
        ("case", cases.as_slice()),
    ];
    Ok(store::attachments(tx, subjects).await?)
}

/// What is wrong with a purpose. It is kept in the log and in the bundle.
fn wrong_purpose(purpose: &str) -> Option<String> {
    if !PURPOSE.contains(&purpose.chars().count()) || purpose.chars().any(char::is_control) {
        Some("请写明用途，4 至 200 个字，例如“2026 年度奖补专项审计”".to_owned())
    } else {
        disclosure(purpose).map(|found| format!("用途会记入审计日志，请不要写{}", found.label()))
    }
}
