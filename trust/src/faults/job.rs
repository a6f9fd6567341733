//! the program is killed while it computes a year, works out a scenario or writes a list. A
//! restarted program takes the job up again, or says that it failed, within a minute.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::Outcome;
use crate::database::Db;
use crate::invariants;
use crate::process::wait_until;
use crate::registry::{Registry, Template};
use crate::report::{Finding, Spread};
use crate::seed::Chance;
use crate::server::Server;
use crate::visitor::{Halt, Visitor, fill};

/// A job is taken up again within this time.
const TAKEN_UP: Duration = Duration::from_secs(60);
/// A job that nobody disturbs ends within this time, and one that was taken up after it.
const END: Duration = Duration::from_secs(240);
/// Kills in one copy.
const PER_COPY: u32 = 3;

/// A kind of job: its table, the state in which it is well ended, where it is asked for.
#[derive(Debug, Clone, Copy)]
struct Job {
    name: &'static str,
    table: &'static str,
    well: &'static str,
    page: &'static str,
    action: &'static str,
    typed: &'static [(&'static str, &'static str)],
}

const JOBS: [Job; 3] = [
    Job {
        name: "computing a year",
        table: "compute_run",
        well: "completed",
        page: "/runs",
        action: "/runs",
        typed: &[("year", "2026")],
    },
    Job {
        name: "a scenario",
        table: "scenario",
        well: "completed",
        page: "/policies/core-engineer/scenarios",
        action: "/policies/core-engineer/scenarios",
        typed: &[("name", "满九个月"), ("year", "2026"), ("min_months", "9")],
    },
    Job {
        name: "writing a list",
        table: "export_job",
        well: "ready",
        page: "/exports/new?list=engineers",
        action: "/exports",
        typed: &[("purpose", "核对名单")],
    },
];

/// Where a job stands: identity, state, how far it is, and until when somebody holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Standing {
    id: String,
    state: String,
    done: String,
    lease: String,
}

impl Standing {
    fn has_ended(&self) -> bool {
        !matches!(self.state.as_str(), "queued" | "running")
    }
}

struct Tally {
    chance: Chance,
    kills: u32,
    running: BTreeMap<&'static str, u32>,
    ended: BTreeMap<String, u32>,
    /// How long each kind takes when nobody disturbs it.
    usual: BTreeMap<&'static str, Duration>,
    taken_up: Spread,
    finished: Spread,
    faults: Vec<String>,
}

/// Kills the program `wanted` times while it works.
///
/// # Errors
/// When the harness itself cannot go on.
pub async fn run(template: &mut Template, seed: u64, wanted: u32) -> Outcome<Finding> {
    let mut tally = Tally {
        chance: Chance::new(seed, "job"),
        kills: 0,
        running: BTreeMap::new(),
        ended: BTreeMap::new(),
        usual: BTreeMap::new(),
        taken_up: Spread::default(),
        finished: Spread::default(),
        faults: Vec::new(),
    };
    while tally.kills < wanted && tally.faults.is_empty() {
        let registry = template.copy().await?;
        let count = PER_COPY.min(wanted - tally.kills);
        play(template, &registry, count, &mut tally).await?;
        template.discard(registry).await?;
    }
    let usual = tally.usual.iter().map(|(name, took)| (*name, took.as_millis()));
    let usual: BTreeMap<_, _> = usual.collect();
    let mut finding = Finding::new(tally.faults);
    finding.figure("kills", tally.kills);
    finding.figure("running_at_the_kill", json!(tally.running));
    finding.figure("ended_as", json!(tally.ended));
    finding.figure("undisturbed_ms", json!(usual));
    finding.figure("taken_up_after_the_restart_ms", tally.taken_up.figures());
    finding.figure("ended_after_the_restart_ms", tally.finished.figures());
    Ok(finding)
}

async fn play(template: &Template, at: &Registry, count: u32, tally: &mut Tally) -> Outcome<()> {
    let program = &template.bench().program;
    let mut server = Server::start(program, at).await?;
    let mut db = Db::open(&at.reading()).await?;
    let mut who = Visitor::new(&server.site(), false)?;
    who.sign_in("hr-province").await.map_err(|halt| halt.told())?;
    if tally.usual.is_empty() {
        for job in JOBS {
            let begun = Instant::now();
            let asked = ask(job, &mut who, &db).await?;
            wait_until(END, async || {
                standing(job, &asked, &db).await.is_ok_and(|now| now.has_ended())
            })
            .await
            .map_err(|late| format!("{}: {late}", job.name))?;
            tally.usual.insert(job.name, begun.elapsed());
        }
    }
    for _ in 0..count {
        let first = tally.kills as usize % JOBS.len();
        let under_way = kill(&mut server, &mut who, (&db, first), tally).await?;
        db.close().await?;
        server = Server::start(program, at).await?;
        let restarted = Instant::now();
        db = Db::open(&at.reading()).await?;
        who = who.at(&server.site())?;
        follow(&under_way, &db, restarted, tally).await?;
        tally.faults.extend(invariants::broken(&db).await?);
        if !tally.faults.is_empty() {
            tally.faults.push(format!("the server said: {}", server.said()));
            break;
        }
    }
    db.close().await?;
    server.stop().await?;
    if let Err(fault) = at.verify_log(program) {
        tally.faults.push(format!("the audit log: {fault}"));
    }
    Ok(())
}

/// Asks for one job of each kind and kills the program while one of them is surely under way.
async fn kill(
    server: &mut Server,
    who: &mut Visitor,
    (db, first): (&Db, usize),
    tally: &mut Tally,
) -> Outcome<Vec<(Job, Standing)>> {
    let mut asked = Vec::new();
    for offset in 1..=JOBS.len() {
        // The one to be met is asked for last.
        let job = JOBS[(first + offset) % JOBS.len()];
        asked.push((job, ask(job, who, db).await?));
    }
    let Some((job, id)) = asked.last().cloned() else { return Ok(Vec::new()) };
    let is_running = async || {
        standing(job, &id, db).await.is_ok_and(|now| now.state == "running" || now.has_ended())
    };
    wait_until(END, is_running).await.map_err(|late| format!("{}: {late}", job.name))?;
    let usual = tally.usual.get(job.name).copied().unwrap_or_default();
    // Lists and scenarios wait up to three seconds before they begin.
    let length = u64::try_from(usual.as_millis()).unwrap_or(0).saturating_sub(1_500).max(60);
    tokio::time::sleep(Duration::from_millis(tally.chance.below(length))).await;
    server.kill()?;
    tally.kills += 1;
    let mut under_way = Vec::new();
    for (job, id) in asked {
        let now = standing(job, &id, db).await?;
        if now.state == "running" {
            *tally.running.entry(job.name).or_default() += 1;
        }
        under_way.push((job, now));
    }
    Ok(under_way)
}

/// Every job goes on in time and comes to its end.
async fn follow(
    under_way: &[(Job, Standing)],
    db: &Db,
    restarted: Instant,
    tally: &mut Tally,
) -> Outcome<()> {
    for (job, then) in under_way.iter().filter(|(_, then)| then.state == "running") {
        let goes_on = async || standing(*job, &then.id, db).await.is_ok_and(|now| now != *then);
        let waited = wait_until(END, goes_on).await;
        let took = restarted.elapsed();
        tally.taken_up.add(took);
        if waited.is_err() || took > TAKEN_UP {
            let (name, ms) = (job.name, took.as_millis());
            tally.faults.push(format!("{name}: nobody took it up for {ms} ms after the restart"));
        }
    }
    for (job, then) in under_way.iter().filter(|(_, then)| !then.has_ended()) {
        let has_ended =
            async || standing(*job, &then.id, db).await.is_ok_and(|now| now.has_ended());
        if let Err(late) = wait_until(END, has_ended).await {
            tally.faults.push(format!("{} does not end: {late}", job.name));
        }
        tally.finished.add(restarted.elapsed());
    }
    for (job, then) in under_way {
        let now = standing(*job, &then.id, db).await?;
        *tally.ended.entry(format!("{} {}", job.name, now.state)).or_default() += 1;
        if now.state != job.well && now.state != "failed" {
            tally.faults.push(format!("{} stands at {}", job.name, now.state));
        }
    }
    Ok(())
}

/// Asks for a job; its identity.
async fn ask(job: Job, who: &mut Visitor, db: &Db) -> Outcome<String> {
    let told = |halt: Halt| halt.told();
    let page = who.page(job.page).await.map_err(told)?;
    let form = fill(&page, job.action, job.typed).map_err(told)?;
    let reply = who.send(&form).await.map_err(told)?;
    if reply.status != 303 {
        return Err(Halt::Refused(job.name.to_owned(), Box::new(reply)).told());
    }
    let newest = format!("SELECT CAST(MAX(id) AS TEXT) FROM {}", job.table);
    db.rows(&newest).await?.into_iter().flatten().next().ok_or_else(|| "no job".to_owned())
}

async fn standing(job: Job, id: &str, db: &Db) -> Outcome<Standing> {
    let question = format!(
        "SELECT state, CAST(done AS TEXT), CAST(lease_until AS TEXT) FROM {} WHERE id = {id}",
        job.table
    );
    let rows = db.rows(&question).await?;
    let Some([state, done, lease]) = rows.first().map(Vec::as_slice) else {
        return Err(format!("{} {id} is gone", job.name));
    };
    let (state, done, lease) = (state.clone(), done.clone(), lease.clone());
    Ok(Standing { id: id.to_owned(), state, done, lease })
}
