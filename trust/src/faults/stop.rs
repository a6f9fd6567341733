//! the program is told to stop while it is busy. Everything that was asked before is
//! answered whole, and the process ends well and soon.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::database::Db;
use crate::month::Month;
use crate::registry::{Registry, Template};
use crate::report::{Finding, Spread};
use crate::seed::Chance;
use crate::server::Server;
use crate::visitor::{Halt, Visitor};

/// Readers, each with a new connection for every request, and one office that pays.
const READERS: u64 = 20;
/// Each reader asks so often, which makes 200 requests a second.
const EVERY: Duration = Duration::from_millis(100);
/// The process ends within this time.
const END: Duration = Duration::from_secs(20);

#[derive(Default)]
struct Tally {
    stops: u32,
    asked: u32,
    under_way: u32,
    refused_after: u32,
    steps: u32,
    answers: Spread,
    ends: Spread,
    faults: Vec<String>,
}

/// A request: when it began, and whether it was answered whole.
struct Asked {
    begun: Instant,
    took: Duration,
    fault: Option<String>,
}

/// Stops the program `wanted` times.
///
/// # Errors
/// When the harness itself cannot go on.
pub async fn run(template: &mut Template, seed: u64, wanted: u32) -> Outcome<Finding> {
    let mut chance = Chance::new(seed, "stop");
    let mut tally = Tally::default();
    while tally.stops < wanted {
        tally.stops += 1;
        let registry = template.copy().await?;
        let after = Duration::from_millis(1_000 + chance.below(1_000));
        let seed = seed.wrapping_add(u64::from(tally.stops));
        stop_once(template, &registry, (seed, after), &mut tally).await?;
        template.discard(registry).await?;
    }
    let mut finding = Finding::new(tally.faults);
    finding.figure("stops", tally.stops);
    finding.figure("requests", tally.asked);
    finding.figure("under_way_at_the_signal_and_answered", tally.under_way);
    finding.figure("begun_after_the_signal_and_not_let_in", tally.refused_after);
    finding.figure("steps_acknowledged", tally.steps);
    finding.figure("answer_ms", tally.answers.figures());
    finding.figure("ended_after_ms", tally.ends.figures());
    Ok(finding)
}

async fn stop_once(
    template: &Template,
    at: &Registry,
    (seed, after): (u64, Duration),
    tally: &mut Tally,
) -> Outcome<()> {
    let program = &template.bench().program;
    let mut server = Server::start(program, at).await?;
    let db = Db::open(&at.reading()).await?;
    let mut month = Month::begin(&server.site(), &db, seed).await?;
    let mut signed_in = Visitor::new(&server.site(), true)?;
    signed_in.sign_in("auditor").await.map_err(|halt| halt.told())?;
    let (log, over) = (Rc::new(RefCell::new(Vec::new())), Rc::new(RefCell::new(false)));
    let readers = tokio::task::LocalSet::new();
    for number in 0..READERS {
        let (visitor, log, over) = (signed_in.clone(), Rc::clone(&log), Rc::clone(&over));
        readers.spawn_local(read(visitor, number, log, over));
    }
    let signalled = readers
        .run_until(async {
            let pay = async {
                while month.step(&db).await?.is_some() {}
                Ok::<(), Halt>(())
            };
            let signal = async {
                tokio::time::sleep(after).await;
                let at = Instant::now();
                server.ask_to_stop().map(|()| at)
            };
            let (paid, signalled) = tokio::join!(pay, signal);
            let ended = server.ended(END).await;
            *over.borrow_mut() = true;
            (paid, signalled, ended)
        })
        .await;
    let (paid, signalled, ended) = signalled;
    let signalled = signalled?;
    readers.await;
    tally.ends.add(signalled.elapsed());
    if ended != Ok(true) {
        tally.faults.push(format!("the process did not end well: {ended:?}"));
    }
    for asked in log.take() {
        count(&asked, signalled, tally);
    }
    // A step that was sent before the signal was answered; one sent after may not have been.
    if let Err(Halt::Refused(..)) = &paid {
        tally.faults.push(format!("a step while stopping: {paid:?}"));
    }
    db.close().await?;
    let server = Server::start(program, at).await?;
    let db = Db::open(&at.reading()).await?;
    tally.faults.extend(month.faults(&db).await?);
    tally.steps += month.steps;
    db.close().await?;
    server.stop().await
}

/// Opens pages until it is over, or nobody is there any more.
async fn read(
    mut visitor: Visitor,
    number: u64,
    log: Rc<RefCell<Vec<Asked>>>,
    over: Rc<RefCell<bool>>,
) {
    const PATHS: [&str; 4] = ["/batches", "/batches/B2027-0001", "/healthz", "/enterprises"];
    tokio::time::sleep(EVERY * u32::try_from(number).unwrap_or(0) / 20).await;
    for turn in number.. {
        if *over.borrow() {
            return;
        }
        let path = PATHS[usize::try_from(turn).unwrap_or(0) % PATHS.len()];
        let begun = Instant::now();
        let fault = match visitor.get(path).await {
            Ok(reply) if reply.status == 200 => None,
            Ok(reply) => Some(format!("GET {path}: {}", reply.status)),
            Err(halt) => Some(halt.told()),
        };
        log.borrow_mut().push(Asked { begun, took: begun.elapsed(), fault });
        tokio::time::sleep(EVERY.saturating_sub(begun.elapsed())).await;
    }
}

fn count(asked: &Asked, signalled: Instant, tally: &mut Tally) {
    tally.asked += 1;
    let before = asked.begun < signalled;
    match &asked.fault {
        None => {
            tally.answers.add(asked.took);
            tally.under_way += u32::from(before && asked.begun + asked.took > signalled);
        }
        Some(fault) if before => tally.faults.push(format!("asked before the signal: {fault}")),
        Some(_) => tally.refused_after += 1,
    }
}
