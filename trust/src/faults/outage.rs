//! PostgreSQL goes away in the middle of a step; the program says so, waits and goes on.

use std::time::Duration;

use crate::Outcome;
use crate::cluster::Stop;
use crate::database::Db;
use crate::month::Month;
use crate::process::wait_until;
use crate::registry::{Registry, Template};
use crate::report::{Finding, Spread};
use crate::seed::Chance;
use crate::server::Server;
use crate::visitor::{Halt, Reply};

/// Nobody looks at a page that does not come for longer than this.
const ANSWER: Duration = Duration::from_secs(10);
/// The program finds the server again within this time.
const RECOVERY: Duration = Duration::from_secs(20);
/// Outages in one copy.
const PER_COPY: u32 = 10;

struct Tally {
    chance: Chance,
    immediate: u32,
    killed: u32,
    steps: u32,
    refused: u32,
    answers: Spread,
    recoveries: Spread,
    faults: Vec<String>,
}

impl Tally {
    const fn outages(&self) -> u32 {
        self.immediate + self.killed
    }

    fn judge(&mut self, what: &str, reply: &Reply) {
        self.answers.add(reply.took);
        self.refused += 1;
        if !reply.is_readable_outage() {
            let halt = Halt::Refused(what.to_owned(), Box::new(reply.clone()));
            self.faults.push(format!("no page that tells of the outage: {}", halt.told()));
        }
        if reply.took > ANSWER {
            self.faults.push(format!("{what}: answered after {} ms", reply.took.as_millis()));
        }
    }
}

/// Takes the server away `wanted` times.
///
/// # Errors
/// When the harness itself cannot go on.
pub async fn run(template: &mut Template, seed: u64, wanted: u32) -> Outcome<Finding> {
    let mut tally = Tally {
        chance: Chance::new(seed, "outage"),
        immediate: 0,
        killed: 0,
        steps: 0,
        refused: 0,
        answers: Spread::default(),
        recoveries: Spread::default(),
        faults: Vec::new(),
    };
    let mut copies = 0_u64;
    while tally.outages() < wanted && tally.faults.is_empty() {
        copies += 1;
        let registry = template.copy().await?;
        let seed = seed.wrapping_add(copies);
        let count = PER_COPY.min(wanted - tally.outages());
        play(template, &registry, (seed, count), &mut tally).await?;
        template.discard(registry).await?;
    }
    let mut finding = Finding::new(tally.faults);
    finding.figure("outages", tally.immediate + tally.killed);
    finding.figure("stopped_immediate", tally.immediate);
    finding.figure("killed_9", tally.killed);
    finding.figure("steps_acknowledged", tally.steps);
    finding.figure("requests_told_of_the_outage", tally.refused);
    finding.figure("answer_during_outage_ms", tally.answers.figures());
    finding.figure("program_healthy_again_after_ms", tally.recoveries.figures());
    finding.figure("copies_played_to_the_end", copies);
    Ok(finding)
}

async fn play(
    template: &mut Template,
    at: &Registry,
    (seed, count): (u64, u32),
    tally: &mut Tally,
) -> Outcome<()> {
    let program = template.bench().program.clone();
    let mut server = Server::start(&program, at).await?;
    let mut db = Db::open(&at.reading()).await?;
    let mut month = Month::begin(&server.site(), &db, seed).await?;
    for _ in 0..count {
        let after = Duration::from_millis(tally.chance.below(250));
        let how = if tally.chance.coin() { Stop::Immediate } else { Stop::Kill };
        let cluster = template.cluster()?;
        match strike(&mut month, &db, after, || cluster.stop(how)).await? {
            Struck::Over => break,
            Struck::During(Err(Halt::Refused(what, reply))) => tally.judge(&what, &reply),
            Struck::During(Err(Halt::Cut(text))) => tally.faults.push(format!("cut off: {text}")),
            // The harness asks the database too.
            Struck::During(Ok(()) | Err(Halt::Odd(_))) => {}
        }
        match how {
            Stop::Immediate => tally.immediate += 1,
            Stop::Kill => tally.killed += 1,
        }
        look_during(&mut month, tally).await;
        template.cluster()?.start().await?;
        recover(&mut server, &mut month, tally).await?;
        db = Db::open(&at.reading()).await?;
        tally.faults.extend(month.faults(&db).await?);
        if !tally.faults.is_empty() {
            tally.faults.push(format!("the server said: {}", server.said()));
            return Ok(());
        }
        if let Err(halt) = month.resend().await {
            tally.faults.push(format!("a form sent again: {}", halt.told()));
        }
    }
    while let Some(_action) = month.step(&db).await.map_err(|halt| halt.told())? {}
    tally.faults.extend(month.faults_at_end(&db).await?);
    tally.steps += month.steps;
    db.close().await?;
    server.stop().await?;
    if let Err(fault) = at.verify_log(&program) {
        tally.faults.push(format!("the audit log: {fault}"));
    }
    Ok(())
}

enum Struck {
    /// The month was over before.
    Over,
    /// What became of the step.
    During(Result<(), Halt>),
}

/// Takes steps, and `after` some time the server away.
async fn strike(
    month: &mut Month,
    db: &Db,
    after: Duration,
    stop: impl FnOnce() -> Outcome<()>,
) -> Outcome<Struck> {
    let steps = async {
        while month.step(db).await?.is_some() {}
        Ok::<(), Halt>(())
    };
    let mut steps = std::pin::pin!(steps);
    tokio::select! {
        ended = &mut steps => {
            return match ended {
                Ok(()) => Ok(Struck::Over),
                Err(halt) => Err(format!("before the outage: {}", halt.told())),
            };
        }
        () = tokio::time::sleep(after) => {}
    }
    stop()?;
    Ok(Struck::During(steps.await))
}

/// What people read while the server is away.
async fn look_during(month: &mut Month, tally: &mut Tally) {
    match month.reader().get("/batches").await {
        Ok(reply) => tally.judge("GET /batches", &reply),
        Err(halt) => tally.faults.push(halt.told()),
    }
    match month.reader().get("/healthz").await {
        Ok(reply) if reply.status == 503 && reply.took <= ANSWER => {}
        Ok(reply) => tally.faults.push(format!(
            "/healthz during the outage: {} after {} ms",
            reply.status,
            reply.took.as_millis()
        )),
        Err(halt) => tally.faults.push(halt.told()),
    }
}

/// The same process finds the server again.
async fn recover(server: &mut Server, month: &mut Month, tally: &mut Tally) -> Outcome<()> {
    let healthy =
        async || month.reader().get("/healthz").await.is_ok_and(|reply| reply.status == 200);
    match wait_until(RECOVERY, healthy).await {
        Ok(took) => tally.recoveries.add(took),
        Err(late) => tally.faults.push(format!("the program does not recover: {late}")),
    }
    if server.is_dead() {
        return Err(format!("the program ended: {}", server.said()));
    }
    Ok(())
}
