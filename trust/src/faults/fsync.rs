//! the disk reports errors. A step whose writes failed is not answered for, the program goes
//! on or is restarted, and what was answered for stays.

use std::collections::BTreeMap;

use serde_json::json;

use crate::Outcome;
use crate::database::Db;
use crate::month::Month;
use crate::registry::{Registry, Template};
use crate::report::{Finding, Spread};
use crate::seed::Chance;
use crate::server::Server;
use crate::strace::{self, Tracer, injected};
use crate::visitor::Halt;

/// What fails, and how many of such calls a step has at most.
const KINDS: [(&str, u64); 4] = [
    ("fdatasync:error=EIO", 2),
    ("pwrite64:error=EIO", 40),
    ("pwrite64:error=ENOSPC", 40),
    ("fdatasync,fsync,ftruncate:error=EIO", 2),
];
/// Rounds without a single fault after which something must be wrong.
const IDLE_ROUNDS: u32 = 200;

struct Tally {
    chance: Chance,
    wanted: u32,
    met: u32,
    by_kind: BTreeMap<&'static str, u32>,
    refused: u32,
    despite: u32,
    lasting: u32,
    killed_after: u32,
    steps: u32,
    idle: u32,
    answers: Spread,
    faults: Vec<String>,
}

/// Lets `wanted` steps meet an error.
///
/// # Errors
/// When the harness itself cannot go on.
pub async fn run(template: &mut Template, seed: u64, wanted: u32) -> Outcome<Finding> {
    if !strace::is_possible() {
        return Err("strace cannot trace here".to_owned());
    }
    let mut tally = Tally {
        chance: Chance::new(seed, "fsync"),
        wanted,
        met: 0,
        by_kind: BTreeMap::new(),
        refused: 0,
        despite: 0,
        lasting: 0,
        killed_after: 0,
        steps: 0,
        idle: 0,
        answers: Spread::default(),
        faults: Vec::new(),
    };
    let mut copies = 0_u64;
    while tally.met < wanted && tally.faults.is_empty() && tally.idle < IDLE_ROUNDS {
        copies += 1;
        let registry = template.copy().await?;
        play(template, &registry, seed.wrapping_add(copies), &mut tally).await?;
        template.discard(registry).await?;
    }
    let mut finding = Finding::new(tally.faults);
    finding.figure("steps_that_met_an_error", tally.met);
    finding.figure("by_kind", json!(tally.by_kind));
    finding.figure("of_these_errors_that_lasted", tally.lasting);
    finding.figure("refused_with_a_page", tally.refused);
    finding.figure("done_despite_it", tally.despite);
    finding.figure("killed_right_after", tally.killed_after);
    finding.figure("steps_acknowledged", tally.steps);
    finding.figure("answer_ms", tally.answers.figures());
    finding.figure("copies_played_to_the_end", copies);
    if tally.met < wanted {
        finding.fault(format!("{} errors met instead of {wanted}", tally.met));
    }
    Ok(finding)
}

async fn play(template: &Template, at: &Registry, seed: u64, tally: &mut Tally) -> Outcome<()> {
    let program = &template.bench().program;
    let mut server = Server::start(program, at).await?;
    let mut db = Db::open(&at.reading()).await?;
    let mut month = Month::begin(&server.site(), &db, seed).await?;
    while tally.met < tally.wanted && month.upcoming(&db).await?.is_some() {
        let met = meet(template, &server, (&mut month, &db), tally).await?;
        if !met {
            continue;
        }
        if tally.chance.coin() {
            // Whatever the failed write left must not come to life.
            tally.killed_after += 1;
            server.kill()?;
        }
        if server.is_dead() {
            db.close().await?;
            server = Server::start(program, at).await?;
            db = Db::open(&at.reading()).await?;
            month.move_to(&server.site())?;
        }
        tally.faults.extend(month.faults(&db).await?);
        if let Err(halt) = month.resend().await {
            tally.faults.push(format!("a form sent again: {}", halt.told()));
        }
        if !tally.faults.is_empty() {
            tally.faults.push(format!("the server said: {}", server.said()));
            return Ok(());
        }
    }
    loop {
        match month.step(&db).await {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(halt) => {
                tally.faults.push(format!("afterwards: {}; {}", halt.told(), server.said()));
                return Ok(());
            }
        }
    }
    tally.faults.extend(month.faults_at_end(&db).await?);
    tally.steps += month.steps;
    db.close().await?;
    server.stop().await?;
    if let Err(fault) = at.verify_log(program) {
        tally.faults.push(format!("the audit log: {fault}"));
    }
    Ok(())
}

/// One step under a drawn error; whether the error happened.
async fn meet(
    template: &Template,
    server: &Server,
    (month, db): (&mut Month, &Db),
    tally: &mut Tally,
) -> Outcome<bool> {
    let drawn = tally.chance.below(u64::try_from(KINDS.len()).unwrap_or(1));
    let (kind, most) = KINDS[usize::try_from(drawn).unwrap_or(0)];
    let number = 1 + tally.chance.below(most);
    let lasts = tally.chance.below(3) == 0;
    let inject = format!("{kind}:when={number}{}", if lasts { "+" } else { "" });
    let list = template.bench().folder.join("injected.txt");
    let tracer = Tracer::inject(server.pid(), &inject, &list).await?;
    let stepped = month.step(db).await;
    tracer.detach().await;
    if injected(&list) == 0 {
        tally.idle += 1;
        return match stepped {
            Ok(_) => Ok(false),
            Err(halt) => Err(format!("a step without an error: {}", halt.told())),
        };
    }
    tally.idle = 0;
    tally.met += 1;
    tally.lasting += u32::from(lasts);
    *tally.by_kind.entry(kind).or_default() += 1;
    match stepped {
        Ok(_) => tally.despite += 1,
        Err(Halt::Refused(_, reply)) if reply.is_readable_outage() => {
            tally.refused += 1;
            tally.answers.add(reply.took);
        }
        Err(halt) => {
            let fault = format!("{inject}: no page that tells of it: {}", halt.told());
            tally.faults.push(format!("{fault}; the server said: {}", server.said()));
        }
    }
    Ok(true)
}
