//! Carrying out a run: chunk by chunk, each in one transaction, so that whoever takes up a stopped
//! run continues exactly where it was.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::chunk::{Ahead, Ready, Source};
use super::decide::{Decided, Ground, Outcome};
use super::policy;
use super::settle::{Owners, settle};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::adjustment::Payer;
use crate::domain::determine::Text;
use crate::domain::dossier::KnownEnterprises;
use crate::domain::money::Fen;
use crate::service::case::{recovery, yearly};
use crate::service::catalogue;
use crate::service::{Actor, Error, log};
use crate::store::account;
use crate::store::db::Tx;
use crate::store::lease::{self, LEASE};
use crate::store::merge;
use crate::store::stipend::result::{self, NewShare, Origin, Standing, Year};
use crate::store::stipend::{self as store, facts, run as runs};

/// Persons a transaction: each ends with a wait for the disk.
const CHUNK: u64 = 2_000;
/// Attempts at one chunk, against deadlocks and short outages.
const ATTEMPTS: u32 = 3;
/// Failed persons that the run's message names; the number counts all.
const NAMED_FAILURES: i64 = 50;

/// Carries out a queued run, or one whose holder is gone, to its end.
///
/// # Errors
/// [`Error::Refused`] when it has ended or somebody else works on it. Any other error is noted in
/// the run, which is then given up; what earlier chunks stored stays.
pub async fn execute_run(app: &App, run_no: &str) -> Result<(), Error> {
    let mut execution = Execution::claim(app, run_no, CHUNK).await?;
    let mut failures = 0;
    loop {
        match execution.next_chunk().await {
            Ok(true) => failures = 0,
            Ok(false) => return Ok(()),
            Err(error @ Error::Refused(_)) => return Err(error),
            Err(error) => {
                failures += 1;
                if failures >= ATTEMPTS {
                    execution.give_up().await?;
                    return Err(error);
                }
            }
        }
    }
}

/// Carries out every run that nobody works on; returns how many ended well. For the start of a
/// server and its regular housekeeping.
///
/// # Errors
/// When the list of runs cannot be read; a run's own error is noted in the run.
pub async fn resume_all(app: &App) -> Result<usize, Error> {
    let mut completed = 0;
    for run_no in runs::abandoned(app.db.read(), app.clock.machine_now()).await? {
        match execute_run(app, &run_no).await {
            Ok(()) => completed += 1,
            Err(Error::Internal(text)) => tracing::error!(run_no, text, "a run was given up"),
            Err(error) => tracing::warn!(run_no, %error, "a run was not carried out"),
        }
    }
    Ok(completed)
}

/// A run in somebody's hands.
pub struct Execution {
    app: App,
    run: runs::Run,
    year: i32,
    source: Source,
    ahead: Ahead,
}

impl Execution {
    /// Takes up a run: it is then the caller's until its lease ends. `chunk` is the number of
    /// persons a transaction.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Refused`] when it has ended or somebody else works on it.
    pub async fn claim(app: &App, run_no: &str, chunk: u64) -> Result<Self, Error> {
        let tx = app.db.begin().await?;
        let found = runs::lock(&tx, run_no).await?;
        let mut run = found.ok_or(Error::NotFound("这次核定"))?;
        let now = app.clock.machine_now();
        let taken = run.state == runs::RUNNING && !lease::has_ended(run.lease_until, now);
        if taken || ![runs::QUEUED, runs::RUNNING].contains(&run.state.as_str()) {
            let why = if taken { "正在进行" } else { "已经结束" };
            return Err(Error::Refused(format!("核定 {run_no} {why}")));
        }
        let held = run.lease_until;
        run.state = runs::RUNNING.to_owned();
        run.lease_until = now + LEASE;
        runs::save(&tx, &run, held).await?;
        tx.commit().await?;
        let ground = Arc::new(ground(app, &run).await?);
        let year = ground.enterprises.year();
        let merges = merge::merges(app.db.read(), Some(run.facts_known_at)).await?;
        let source = Source {
            app: app.clone(),
            ground,
            programme: run.programme.clone(),
            known_at: run.facts_known_at,
            merges: Arc::new(merges),
            persons: chunk,
        };
        Ok(Self { app: app.clone(), run, year, source, ahead: Ahead::default() })
    }

    /// Decides and stores the next persons; `false` when there were none and the run is complete.
    ///
    /// # Errors
    /// [`Error::Refused`] when somebody else took the run over. After any error nothing of the
    /// chunk is stored and it can be tried again.
    pub async fn next_chunk(&mut self) -> Result<bool, Error> {
        let Some(ready) = self.ahead.take(&self.source, self.run.last_person_id).await? else {
            self.complete().await?;
            return Ok(false);
        };
        self.run = self.store(ready).await?;
        Ok(true)
    }

    fn programme(&self) -> Year<'_> {
        Year { programme: &self.run.programme, award_year: self.year }
    }

    /// The run as the database holds it, locked; refuses when it is no longer the caller's.
    async fn still_held(&self, tx: &Tx) -> Result<(), Error> {
        let now = runs::lock(tx, &self.run.run_no).await?;
        let held = now.is_some_and(|run| {
            run.lease_until == self.run.lease_until
                && run.last_person_id == self.run.last_person_id
                && run.state == runs::RUNNING
        });
        if held {
            Ok(())
        } else {
            Err(Error::Refused("这次核定已由另一进程接手".to_owned()))
        }
    }

    async fn store(&self, ready: Ready) -> Result<runs::Run, Error> {
        let Ready { range, standing, outcomes, .. } = ready;
        let mut run = self.run.clone();
        run.last_person_id = *range.end();
        let new = tally(&mut run, &standing, outcomes);
        let tx = self.app.db.begin().await?;
        self.still_held(&tx).await?;
        let now = self.app.clock.now();
        let mut entitled = BTreeMap::new();
        if !standing.is_empty() {
            let shares = result::standing_shares(&tx, self.programme(), range.clone()).await?;
            for (person, source, division, amount) in shares {
                let list: &mut Vec<(Payer, Fen)> = entitled.entry(person).or_default();
                let payer = Payer { source: Text::from(source), division: Text::from(division) };
                list.push((payer, Fen::new(amount)));
            }
        }
        let (mut ids, mut shares, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for decided in new {
            let person = decided.entitlement.person_id;
            ids.extend(standing.get(&person).map(|standing| standing.id));
            entitled.insert(person, decided.entitled);
            shares.push((person, decided.shares));
            rows.push(decided.entitlement);
        }
        if !rows.is_empty() {
            result::supersede(&tx, &ids, now).await?;
            result::insert(&tx, self.origin(now), rows).await?;
        }
        let versions = result::standing_ids(&tx, self.programme(), range.clone()).await?;
        result::insert_shares(&tx, with_versions(shares, &versions)).await?;
        // Without an earlier version nobody has a line yet.
        let known = (!standing.is_empty()).then(|| range.clone());
        let owners = Owners {
            year: self.programme(),
            versions: &versions,
            entitled: &entitled,
            merges: &self.source.merges,
        };
        let settled = settle(&tx, owners, (range, known), now).await?;
        run.adjusted += settled.corrected;
        let mut persons: Vec<i64> = versions.keys().copied().collect();
        persons.sort_unstable();
        let of = (self.run.programme.as_str(), self.year);
        let results =
            yearly::Results { persons: &persons, due: &due(&entitled), moved: &settled.moved };
        recovery::follow(&self.app, &tx, run.started_by, (&settled.fallen, &settled.lowered))
            .await?;
        yearly::follow_results(&self.app, &tx, run.started_by, of, results).await?;
        run.lease_until = self.app.clock.machine_now() + LEASE;
        runs::save(&tx, &run, self.run.lease_until).await?;
        tx.commit().await?;
        Ok(run)
    }

    fn origin(&self, recorded_at: DateTime<Utc>) -> Origin<'_> {
        Origin {
            year: self.programme(),
            policy_document_id: self.run.policy_document_id,
            facts_known_at: self.run.facts_known_at,
            run_id: self.run.id,
            recorded_at,
        }
    }

    async fn complete(&mut self) -> Result<(), Error> {
        let tx = self.app.db.begin().await?;
        self.still_held(&tx).await?;
        let mut run = self.run.clone();
        run.state = runs::COMPLETED.to_owned();
        run.finished_at = Some(self.app.clock.now());
        runs::save(&tx, &run, self.run.lease_until).await?;
        let detail = json!({
            "year": run.award_year,
            "eligible": run.eligible,
            "ineligible": run.ineligible,
            "changed": run.changed,
            "adjusted": run.adjusted,
            "failed_persons": run.failed_persons,
        });
        self.tell(&tx, "run.completed", &detail).await?;
        tx.commit().await?;
        self.run = run;
        Ok(())
    }

    /// Ends the run without completing it; what its chunks stored stays.
    ///
    /// # Errors
    /// [`Error::Refused`] when somebody else took it over.
    pub async fn give_up(&mut self) -> Result<(), Error> {
        let tx = self.app.db.begin().await?;
        self.still_held(&tx).await?;
        let mut run = self.run.clone();
        run.state = runs::FAILED.to_owned();
        run.finished_at = Some(self.app.clock.now());
        run.message = "系统故障，核定没有完成；已核定的人员结果有效，请重新开始核定".to_owned();
        runs::save(&tx, &run, self.run.lease_until).await?;
        self.tell(&tx, "run.failed", &json!({ "year": run.award_year, "done": run.done })).await?;
        tx.commit().await?;
        self.run = run;
        Ok(())
    }

    /// Logs in the name of whoever started the run.
    async fn tell(&self, tx: &Tx, action: &str, detail: &serde_json::Value) -> Result<(), Error> {
        let starter = account::by_id(tx, self.run.started_by).await?;
        let starter = starter.ok_or_else(|| Error::Internal("a run without starter".to_owned()))?;
        let actor = Actor::new(&starter, "")?;
        log(&self.app, tx, &actor, action, ("run", &self.run.run_no), detail).await
    }
}

/// Reads what is the same for all persons of a run.
async fn ground(app: &App, run: &runs::Run) -> Result<Ground, Error> {
    let document = store::policy(app.db.read(), run.policy_document_id).await?;
    let document = document.ok_or_else(|| Error::Internal("a run without policy".to_owned()))?;
    let year = i32::try_from(run.award_year).map_err(|_| Error::Internal("year".to_owned()))?;
    prepare(app, &document, year, run.facts_known_at, None).await
}

/// The policy with the conflict catalogue of the year, and the enterprises, as known at an instant:
/// those with these identities, or all.
pub(super) async fn prepare(
    app: &App,
    document: &store::PolicyDocument,
    year: i32,
    known_at: DateTime<Utc>,
    named: Option<&[i64]>,
) -> Result<Ground, Error> {
    let relations = catalogue::relations(app.db.read(), year, known_at).await?;
    Ok(Ground {
        policy: policy::parse(&catalogue::over(&document.content, &relations)?)?,
        policy_sha256: document.sha256.clone(),
        relations,
        enterprises: enterprises(app, year, known_at, named).await?,
        known_at: china_time(known_at),
    })
}

/// The enterprises alone.
pub(super) async fn enterprises(
    app: &App,
    year: i32,
    known_at: DateTime<Utc>,
    named: Option<&[i64]>,
) -> Result<KnownEnterprises, Error> {
    let records = facts::enterprises(app.db.read(), known_at, named).await?;
    KnownEnterprises::new(&records, year)
        .ok_or_else(|| Error::Internal(format!("no year {year}")))?
        .map_err(|error| Error::Internal(error.to_string()))
}

/// To whom of these anything is due.
fn due(entitled: &BTreeMap<i64, Vec<(Payer, Fen)>>) -> BTreeSet<i64> {
    let is_due = |shares: &[(Payer, Fen)]| shares.iter().any(|(_, amount)| *amount > Fen::ZERO);
    entitled.iter().filter(|(_, shares)| is_due(shares)).map(|(person, _)| *person).collect()
}

/// The shares with the identities that their versions were stored under.
fn with_versions(shares: Vec<(i64, Vec<NewShare>)>, versions: &HashMap<i64, i64>) -> Vec<NewShare> {
    let known = |(person, list): (i64, Vec<NewShare>)| {
        let id = versions.get(&person).copied().unwrap_or_default();
        list.into_iter().map(move |share| NewShare { entitlement_id: id, ..share })
    };
    shares.into_iter().flat_map(known).collect()
}

/// Counts outcomes into the run; returns the new versions.
fn tally(
    run: &mut runs::Run,
    standing: &HashMap<i64, Standing>,
    outcomes: Vec<(i64, String, Outcome)>,
) -> Vec<Decided> {
    let mut new = Vec::new();
    for (person_id, person_no, outcome) in outcomes {
        run.done += 1;
        let is_eligible = match outcome {
            Outcome::Unknown => continue,
            Outcome::Same { is_eligible } => is_eligible,
            Outcome::New(decided) => {
                run.changed += i64::from(standing.contains_key(&person_id));
                let is_eligible = decided.is_eligible;
                new.push(*decided);
                is_eligible
            }
            Outcome::Failed(why) => {
                run.failed_persons += 1;
                if run.failed_persons <= NAMED_FAILURES {
                    run.message.push_str(&format!("{person_no}：{why}\n"));
                }
                continue;
            }
        };
        let count = if is_eligible { &mut run.eligible } else { &mut run.ineligible };
        *count += 1;
    }
    new
}
