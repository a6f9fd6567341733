//! What the person says of what others filed, and what the office answers.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::page::subject_of;
use super::{Myself, note};
use crate::app::App;
use crate::domain::authority::Act;
use crate::service::directory::{EngineerRecord, own_record};
use crate::service::{Actor, Error, log};
use crate::store::own_page::{self as store, Confirmation, Subject};

/// Most characters of a note.
pub(super) const MAX_NOTE: usize = 500;
/// Objections listed at once.
const MOST: u64 = 200;

/// What the person said of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What it is about, in words; empty where the page says it beside.
    pub about: String,
    /// Whether it is right.
    pub agrees: bool,
    /// Why not, or a remark; may be empty.
    pub note: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Answer of the office: when, who, what.
    pub answer: Option<(DateTime<Utc>, String, String)>,
}

pub(super) fn said(confirmation: &Confirmation, about: String) -> Said {
    let answer = confirmation.answer.as_ref();
    Said {
        about,
        agrees: confirmation.agrees,
        note: confirmation.note.clone(),
        at: confirmation.at,
        answer: answer.map(|answer| (answer.at, answer.who.clone(), answer.note.clone())),
    }
}

/// How a subject is named in a form.
pub(super) fn subject_code(subject: Subject) -> String {
    match subject {
        Subject::RosterEntry(id) => format!("entry:{id}"),
        Subject::BankAccount(id) => format!("account:{id}"),
    }
}

fn subject_named(code: &str) -> Option<Subject> {
    let (kind, id) = code.split_once(':')?;
    let id = id.parse().ok()?;
    match kind {
        "entry" => Some(Subject::RosterEntry(id)),
        "account" => Some(Subject::BankAccount(id)),
        _ => None,
    }
}

/// Writes down that something filed about the person is right, or why it is not. Saying the same
/// again changes nothing.
///
/// # Errors
/// [`Error::Invalid`] for `agrees` (是 or 否) or `note` (needed for 否); [`Error::NotFound`] when
/// the subject is not one of the person's own that is held now.
pub async fn confirm(
    app: &App,
    myself: &Myself,
    subject: &str,
    agrees: &str,
    remark: &str,
) -> Result<(), Error> {
    let agrees = match agrees {
        "yes" => true,
        "no" => false,
        _ => return invalid("agrees", "请选择“属实”或“不属实”"),
    };
    let remark = remark.trim();
    if !agrees && remark.is_empty() {
        return invalid("note", "请写明哪里不属实、正确的情况是什么");
    }
    if remark.chars().count() > MAX_NOTE {
        return invalid("note", "说明最多 500 个字，请缩短");
    }
    let missing = Error::NotFound("这项记录");
    let Some(subject) = subject_named(subject) else { return Err(missing) };
    let record = own_record(app, myself.id, &myself.no).await?;
    let line = record.versions.iter().find(|line| subject_of(line) == Some(subject));
    let Some(line) = line else { return Err(missing) };
    let tx = app.db.begin().await?;
    store::lock(&tx, myself.id).await?;
    let known = store::confirmations(&tx, myself.id).await?;
    let last = known.iter().find(|said| said.subject == subject);
    if last.is_some_and(|last| last.agrees == agrees && last.note == remark) {
        return Ok(());
    }
    store::record_confirmation(&tx, myself.id, subject, (agrees, remark), app.clock.now()).await?;
    let action = if agrees { "own_page.confirmed" } else { "own_page.disputed" };
    let at = (myself.no.as_str(), myself.address.as_str());
    note(app, &tx, at, action, &json!({ "subject": line.subject })).await?;
    Ok(tx.commit().await?)
}

pub(super) fn invalid<T>(field: &str, text: &str) -> Result<T, Error> {
    Err(Error::Invalid(vec![(field.to_owned(), text.to_owned())]))
}

/// What the person said about the facts that a record shows, for those who may read the record.
///
/// # Errors
/// When the database fails.
pub async fn said_of(app: &App, record: &EngineerRecord) -> Result<Vec<Said>, Error> {
    let known = store::confirmations(app.db.read(), record.person_id).await?;
    let shown = |confirmation: &Confirmation| {
        // What is not on the record the reader may not see, and what was corrected is settled.
        let line =
            record.versions.iter().find(|line| subject_of(line) == Some(confirmation.subject))?;
        Some(said(confirmation, format!("{}：{}", line.subject, line.content)))
    };
    Ok(known.iter().filter_map(shown).collect())
}

/// An objection that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDispute {
    /// Identity.
    pub id: i64,
    /// Number of the person.
    pub person_no: String,
    /// Name of the person.
    pub name: String,
    /// The award year, when it is about an amount.
    pub year: Option<i64>,
    /// 名册, 账户, or the year and version of an amount.
    pub about: String,
    /// Why.
    pub note: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Objections in the actor's scope that nobody has answered, the oldest first.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::CorrectFacts`].
pub async fn open_disputes(app: &App, actor: &Actor) -> Result<Vec<OpenDispute>, Error> {
    actor.must(Act::CorrectFacts)?;
    let found = store::disputes(app.db.read(), &actor.scope, MOST).await?;
    let row = |row: store::Dispute| OpenDispute {
        id: row.id,
        person_no: row.person_no,
        name: row.name,
        year: None,
        about: match row.subject {
            Subject::RosterEntry(_) => "名册".to_owned(),
            Subject::BankAccount(_) => "账户".to_owned(),
        },
        note: row.note,
        at: row.at,
    };
    let mut all: Vec<OpenDispute> = found.into_iter().map(row).collect();
    all.extend(super::year_dispute::open_of_years(app, actor, MOST).await?);
    all.sort_by_key(|dispute| dispute.at);
    Ok(all)
}

/// What an office answers, as it was typed.
pub(super) fn answer_text(text: &str) -> Result<&str, Error> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_NOTE {
        return invalid("note", "请写明核实结果，最多 500 个字；本人会看到");
    }
    Ok(text)
}

/// Answers an objection, which the person reads. Correcting the fact needs no answer.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::CorrectFacts`]; [`Error::Invalid`] for `note`;
/// [`Error::NotFound`] outside the actor's scope or when it waits no more.
pub async fn answer_dispute(app: &App, actor: &Actor, id: i64, text: &str) -> Result<(), Error> {
    actor.must(Act::CorrectFacts)?;
    let text = answer_text(text)?;
    let tx = app.db.begin().await?;
    let dispute = store::dispute(&tx, &actor.scope, id).await?;
    let dispute = dispute.ok_or(Error::NotFound("待答复的异议"))?;
    store::record_answer(&tx, id, actor.account_id, text, app.clock.now()).await?;
    let object = ("engineer", dispute.person_no.as_str());
    log(app, &tx, actor, "own_page.answered", object, &json!({})).await?;
    Ok(tx.commit().await?)
}
