//! The events that concern somebody or a batch, each with its way to a seal.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::load::Loaded;
use crate::app::App;
use crate::domain::chain;
use crate::file::evidence::{HashedSeal, Proof, ProvedEvent};
use crate::service::Error;
use crate::store::account;
use crate::store::audit::{hashes, link_of, seal_of};
use crate::store::audit_log::AuditEvent;
use crate::store::db::Tx;
use crate::store::evidence::{Covered, covered, events_about, events_at};

/// How many seconds an event may be later than its step.
const MOMENT: i64 = 3;

/// The objects that events may be about, by kind.
fn objects(
    loaded: &Loaded,
    object: (&'static str, &str),
) -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut all: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    let mut add = |kind: &'static str, numbers: &mut dyn Iterator<Item = String>| {
        all.entry(kind).or_default().extend(numbers.filter(|no| !no.is_empty()));
    };
    let (cases, results, money) = (&loaded.cases, &loaded.results, &loaded.money);
    add(object.0, &mut std::iter::once(object.1.to_owned()));
    add("engineer", &mut loaded.persons.values().cloned());
    add("person", &mut loaded.persons.values().cloned());
    add("enterprise", &mut loaded.enterprises.values().map(|(uscc, _)| uscc.clone()));
    add("import", &mut loaded.imports.values().map(|import| import.import_no.clone()));
    add("case", &mut cases.files.iter().map(|file| file.case_no.clone()));
    add("notice", &mut cases.notices.iter().map(|notice| notice.notice_no.clone()));
    add("run", &mut results.runs.iter().map(|run| run.run_no.clone()));
    add("policy", &mut results.policies.iter().map(|policy| policy.programme.clone()));
    add("batch", &mut money.batches.iter().map(|batch| batch.batch_no.clone()));
    add("budget", &mut money.allocations.iter().map(|budget| budget.document_no.clone()));
    let requests = money.allocations.iter().filter_map(|budget| budget.request_no.clone());
    add("budget_request", &mut { requests });
    add("tax", &mut money.rulings.iter().map(|ruling| ruling.ruling_no.clone()));
    add("case", &mut money.recoveries.iter().map(|recovery| recovery.recovery_no.clone()));
    all
}

/// The events about everything that was loaded, by organisation and position.
pub(super) async fn events(
    tx: &Tx,
    loaded: &Loaded,
    object: (&'static str, &str),
) -> Result<Vec<AuditEvent>, Error> {
    let mut found = Vec::new();
    for (kind, numbers) in objects(loaded, object) {
        let numbers: Vec<String> = numbers.into_iter().collect();
        found.extend(events_about(tx, kind, &numbers).await?);
    }
    found.extend(bulk_acts(tx, loaded).await?);
    found.sort_by_key(|event| (event.organisation_id, event.seq));
    found.dedup_by_key(|event| (event.organisation_id, event.seq));
    Ok(found)
}

/// The events of acts on many files at once, which are told under the first of them.
async fn bulk_acts(tx: &Tx, loaded: &Loaded) -> Result<Vec<AuditEvent>, Error> {
    // The event is written in the transaction of the step, a moment later.
    let steps = loaded.cases.steps.iter();
    let instants: BTreeSet<DateTime<Utc>> = steps
        .flat_map(|step| (0..=MOMENT).map(|late| step.at + TimeDelta::seconds(late)))
        .collect();
    let instants: Vec<DateTime<Utc>> = instants.into_iter().collect();
    let numbers: BTreeSet<&str> =
        loaded.cases.files.iter().map(|file| file.case_no.as_str()).collect();
    let mut found = events_at(tx, "case.moved_many", &instants).await?;
    found.retain(|event| {
        let detail: Value = serde_json::from_str(&event.detail).unwrap_or_default();
        let named = detail["cases"].as_array().map(Vec::as_slice).unwrap_or_default();
        named.iter().filter_map(Value::as_str).any(|no| numbers.contains(no))
    });
    Ok(found)
}

/// The proof of each event that a seal covers; what came after the last seal is not among them.
pub(super) async fn prove(app: &App, tx: &Tx, events: Vec<AuditEvent>) -> Result<Proof, Error> {
    let offices = account::organisations(app.db.read()).await?;
    let names: BTreeMap<i64, String> =
        offices.into_iter().map(|office| (office.id, office.name)).collect();
    let mut known = Covered::default();
    let mut runs: BTreeMap<(i64, i64), Vec<String>> = BTreeMap::new();
    let mut used = BTreeSet::new();
    let mut proved = Vec::with_capacity(events.len());
    for event in events {
        let place = (event.organisation_id, event.seq);
        let Some((seal, after, through)) = covered(tx, &mut known, place).await? else { continue };
        let run = match runs.entry((event.organisation_id, seal)) {
            std::collections::btree_map::Entry::Occupied(held) => held.into_mut(),
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(hashes(tx, event.organisation_id, (after, through)).await?)
            }
        };
        let index = usize::try_from(event.seq - after - 1).ok();
        let path = index.and_then(|index| chain::path(run, index));
        let path = path.ok_or_else(|| {
            Error::Internal(format!("no way from event {} to seal {seal}", event.id))
        })?;
        used.insert(seal);
        proved.push(ProvedEvent {
            organisation: names.get(&event.organisation_id).cloned().unwrap_or_default(),
            event: link_of(&event),
            hash: event.hash,
            seal,
            path,
        });
    }
    let hashed = |seq: &i64| {
        let row = known.seal(*seq)?;
        Some(HashedSeal { seal: seal_of(row), hash: row.hash.clone() })
    };
    Ok(Proof { events: proved, seals: used.iter().filter_map(hashed).collect() })
}
