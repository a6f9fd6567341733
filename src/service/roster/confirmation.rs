//! Many declarations become confirmed entries under one document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::declarations::{Files, Ids};
use super::{document_no_fault, enterprise_name};
use crate::app::App;
use crate::domain::registry::{RosterEntry, RosterStatus, Stated};
use crate::domain::roster::{Action, Finding};
use crate::service::decree::Decree;
use crate::service::{Actor, Error, invalid, log};
use crate::store::db::{StoreError, Tx};
use crate::store::{fact, roster};

/// Most entries of one confirmation; a longer list is confirmed in parts.
const MOST_AT_ONCE: usize = 5_000;

/// What became of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowResult {
    /// Identity that was sent.
    pub entry_id: i64,
    /// Official number of the person; empty when there is no such entry in scope.
    pub person_no: String,
    /// Name of the person.
    pub name: String,
    /// Name of the enterprise.
    pub enterprise: String,
    /// Whether it is confirmed now.
    pub confirmed: bool,
    /// What happened, or why nothing did.
    pub text: String,
}

/// What became of all of them, in the order they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confirmation {
    /// One result each.
    pub rows: Vec<RowResult>,
    /// How many are confirmed now.
    pub confirmed: usize,
}

/// Confirms declared entries under one document. An entry that cannot be confirmed is refused by
/// itself; the others are confirmed together or, when something fails, not at all.
///
/// # Errors
/// When nothing was chosen or the document number is missing ([`Error::Invalid`] with the fields
/// `entry` and `document_no`), the role confirms nothing, or the database fails.
pub async fn confirm(
    app: &App,
    actor: &Actor,
    entry_ids: &[i64],
    document_no: &str,
) -> Result<Confirmation, Error> {
    actor.must_be_able(Action::Confirm)?;
    let (ids, document_no) = (check(entry_ids, document_no)?, document_no.trim());
    let tx = app.db.begin().await?;
    let (entries, files) = load(&tx, &ids).await?;
    let mut results = Confirmation::default();
    let mut sound: Vec<&Stated<RosterEntry>> = Vec::new();
    for id in &ids {
        let found = entries.get(id).filter(|entry| is_in_scope(app, actor, &files, entry));
        let result = judge(app, actor, &files, *id, found)?;
        if result.confirmed {
            sound.extend(found);
        }
        results.rows.push(result);
    }
    results.confirmed = sound.len();
    if !sound.is_empty() {
        save(app, &tx, actor, document_no, &sound, &results).await?;
        tx.commit().await?;
    }
    Ok(results)
}

fn check(entry_ids: &[i64], document_no: &str) -> Result<Vec<i64>, Error> {
    let mut seen = BTreeSet::new();
    let ids: Vec<i64> = entry_ids.iter().copied().filter(|id| seen.insert(*id)).collect();
    let mut faults = Vec::new();
    if ids.is_empty() {
        faults.push(invalid("entry", "没有选择任何人员，请先勾选要确认的人员"));
    } else if ids.len() > MOST_AT_ONCE {
        faults.push(invalid("entry", "一次最多确认5000人，请分次确认"));
    }
    faults.extend(document_no_fault(document_no.trim()));
    if faults.is_empty() { Ok(ids) } else { Err(Error::Invalid(faults)) }
}

/// The chosen versions and what they are checked against, their persons locked.
async fn load(tx: &Tx, ids: &[i64]) -> Result<(BTreeMap<i64, Stated<RosterEntry>>, Files), Error> {
    let chosen = roster::versions_by_id::<RosterEntry>(tx, ids).await?;
    let mut persons: Vec<i64> = chosen.iter().map(|entry| entry.about).collect();
    persons.sort_unstable();
    persons.dedup();
    roster::lock_persons(tx, &persons).await?;
    // Read again: until the lock was held somebody else could still decide.
    let chosen = roster::versions_by_id::<RosterEntry>(tx, ids).await?;
    let authors = roster::entry_authors(tx, &chosen).await?;
    let about = Ids::of(&chosen, &authors);
    let files = Files {
        persons: roster::persons(tx, &about.persons).await?,
        enterprises: roster::enterprises(tx, &about.enterprises).await?,
        recorders: roster::recorders(tx, &about.accounts).await?,
        authors,
    };
    Ok((chosen.into_iter().map(|entry| (entry.id, entry)).collect(), files))
}

fn is_in_scope(app: &App, actor: &Actor, files: &Files, entry: &Stated<RosterEntry>) -> bool {
    let id = entry.fact.enterprise_id;
    files.enterprises.get(&id).is_some_and(|facts| actor.covers(id, facts, app.clock.today()))
}

fn judge(
    app: &App,
    actor: &Actor,
    files: &Files,
    entry_id: i64,
    found: Option<&Stated<RosterEntry>>,
) -> Result<RowResult, Error> {
    let Some(entry) = found else {
        let nothing = String::new;
        let text = "没有找到这条申报，请刷新页面".to_owned();
        let (person_no, name, enterprise) = (nothing(), nothing(), nothing());
        return Ok(RowResult { entry_id, person_no, name, enterprise, confirmed: false, text });
    };
    let today = app.clock.today();
    let against: Vec<String> = files
        .review(app, actor, entry)?
        .iter()
        .filter(|finding| finding.blocks())
        .map(Finding::to_string)
        .collect();
    let person_no = files.persons.get(&entry.about).map(|person| person.person_no.clone());
    let person_no = person_no.unwrap_or_default();
    let confirmed = against.is_empty();
    let text = if confirmed {
        format!("编号{person_no}，自{}起在册", entry.period.from)
    } else {
        against.join("；")
    };
    Ok(RowResult {
        entry_id,
        name: files.person_name(entry, today),
        enterprise: enterprise_name(files.enterprises.get(&entry.fact.enterprise_id), today),
        person_no,
        confirmed,
        text,
    })
}

async fn save(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    document_no: &str,
    sound: &[&Stated<RosterEntry>],
    results: &Confirmation,
) -> Result<(), Error> {
    let document = ("decision", "核心工程师名册确认");
    let decree = Decree::record(app, tx, actor, document, document_no, "").await?;
    let ids: Vec<i64> = sound.iter().map(|entry| entry.id).collect();
    let ended = fact::supersede_all::<RosterEntry>(tx, &ids, decree.at, decree.source_id).await;
    ended.map_err(|error| match error {
        StoreError::RecordNotUpdated => {
            Error::Stale("有申报刚刚已由他人处理，请刷新后再办".to_owned())
        }
        other => Error::from(other),
    })?;
    let confirmed = sound
        .iter()
        .map(|entry| {
            let fact = RosterEntry { status: RosterStatus::Confirmed, ..entry.fact.clone() };
            decree.states(entry.about, entry.period, fact, Some(entry.id))
        })
        .collect();
    fact::state(tx, confirmed).await?;
    let persons: Vec<&str> =
        results.rows.iter().filter(|row| row.confirmed).map(|row| row.person_no.as_str()).collect();
    let detail = json!({
        "document_no": document_no,
        "confirmed": persons,
        "refused": results.rows.len() - persons.len(),
    });
    log(app, tx, actor, "roster.confirmed", ("roster", document_no), &detail).await
}
