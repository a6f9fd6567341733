//! twice the load that fits. What is let in is answered soon, the rest is told to come again,
//! and the program stays small.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::Outcome;
use crate::machine::memory_kib;
use crate::registry::{Registry, Template};
use crate::report::{Finding, Spread};
use crate::seed::Chance;
use crate::server::Server;
use crate::visitor::{Halt, Visitor};

/// What people ask for, most of it often.
const PATHS: [&str; 6] =
    ["/batches", "/engineers", "/enterprises", "/batches/B2027-0001", "/cases", "/"];
/// So many at once are tried when it is looked for what fits.
const CROWDS: [usize; 6] = [1, 2, 4, 8, 16, 32];
/// Each of these crowds works for so long.
const STEP: Duration = Duration::from_secs(4);
/// Requests under way at most; a request beyond is not sent and counts as one that came too late.
const UNDER_WAY: u32 = 3_000;
/// Whoever is let in is answered within this time, all but one in a hundred.
const SOON: Duration = Duration::from_millis(1_500);
const MEMORY_KIB: u64 = 400 << 10;
/// The program answers as before within this time after the load.
const AFTER: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Tally {
    sent: u32,
    under_way: u32,
    not_sent: u32,
    statuses: BTreeMap<String, u32>,
    let_in: Spread,
    turned_away: Spread,
    faults: BTreeMap<String, u32>,
}

/// Sends twice what fits for `seconds`.
///
/// # Errors
/// When the harness itself cannot go on.
pub async fn run(template: &mut Template, seed: u64, seconds: u32) -> Outcome<Finding> {
    let registry = template.copy().await?;
    let local = tokio::task::LocalSet::new();
    let finding = local.run_until(load(template, &registry, (seed, seconds))).await?;
    template.discard(registry).await?;
    Ok(finding)
}

async fn load(template: &Template, at: &Registry, (seed, seconds): (u64, u32)) -> Outcome<Finding> {
    let mut server = Server::start(&template.bench().program, at).await?;
    let mut reader = Visitor::new(&server.site(), false)?;
    reader.sign_in("auditor").await.map_err(|halt| halt.told())?;
    let mut by_crowd = BTreeMap::new();
    let mut fits = 0.0_f64;
    for crowd in CROWDS {
        let rate = closed(&reader, crowd).await?;
        by_crowd.insert(crowd.to_string(), rate.round() as u64);
        fits = fits.max(rate);
    }
    let (mut memory, pid) = (memory_kib(server.pid()), server.pid());
    let tally = Rc::new(RefCell::new(Tally::default()));
    let mut chance = Chance::new(seed, "overload");
    let (begun, rate) = (Instant::now(), fits * 2.0);
    let length = Duration::from_secs(u64::from(seconds));
    let mut due = 0_u64;
    while begun.elapsed() < length {
        // The load does not wait for answers: what is late is sent at once.
        while (due as f64) < begun.elapsed().as_secs_f64() * rate {
            due += 1;
            let path = PATHS[usize::try_from(chance.below(PATHS.len() as u64)).unwrap_or(0)];
            let is_full = tally.borrow().under_way >= UNDER_WAY;
            if is_full {
                tally.borrow_mut().not_sent += 1;
            } else {
                tokio::task::spawn_local(ask(reader.clone(), path, Rc::clone(&tally)));
            }
        }
        memory = memory.max(memory_kib(pid));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    while tally.borrow().under_way > 0 && begun.elapsed() < length + Duration::from_secs(60) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    memory = memory.max(memory_kib(pid));
    let calm = Instant::now();
    let after = reader.get("/batches").await;
    let mut finding = finding(&tally.borrow(), memory);
    finding.figure("requests_a_second_that_fit", fits.round() as u64);
    finding.figure("by_crowd", json!(by_crowd));
    finding.figure("sent_a_second", rate.round() as u64);
    finding.figure("seconds", seconds);
    match after {
        Ok(reply) if reply.status == 200 && calm.elapsed() < AFTER => {}
        Ok(reply) => finding.fault(Halt::Refused("afterwards".to_owned(), Box::new(reply)).told()),
        Err(halt) => finding.fault(format!("afterwards: {}", halt.told())),
    }
    if server.is_dead() {
        finding.fault(format!("the program ended: {}", server.said()));
    }
    server.stop().await?;
    Ok(finding)
}

fn finding(tally: &Tally, memory: u64) -> Finding {
    let faults = tally.faults.iter().map(|(what, count)| format!("{count} times {what}"));
    let mut finding = Finding::new(faults.collect());
    finding.figure("sent", tally.sent);
    finding.figure("answers", json!(tally.statuses));
    finding.figure("not_sent_for_too_many_under_way", tally.not_sent);
    finding.figure("let_in_ms", tally.let_in.figures());
    finding.figure("turned_away_ms", tally.turned_away.figures());
    finding.figure("memory_kib", memory);
    if tally.let_in.hundredth(99) > SOON {
        let ms = tally.let_in.hundredth(99).as_millis();
        finding.fault(format!("99 of 100 that were let in took up to {ms} ms"));
    }
    if !tally.statuses.keys().any(|status| status.starts_with("503")) {
        finding.fault("nobody was turned away under twice the load that fits".to_owned());
    }
    if memory > MEMORY_KIB {
        finding.fault(format!("the program grew to {memory} KiB"));
    }
    finding
}

/// How many requests a second a crowd gets answered whose people wait for each answer.
async fn closed(reader: &Visitor, crowd: usize) -> Outcome<f64> {
    let begun = Instant::now();
    let mut people = Vec::with_capacity(crowd);
    for number in 0..crowd {
        let mut reader = reader.clone();
        people.push(tokio::task::spawn_local(async move {
            let mut answered = 0_u32;
            for turn in number.. {
                if begun.elapsed() >= STEP {
                    break;
                }
                let reply = reader.get(PATHS[turn % PATHS.len()]).await?;
                answered += u32::from(reply.status == 200);
            }
            Ok::<u32, Halt>(answered)
        }));
    }
    let mut answered = 0;
    for person in people {
        let done = person.await.map_err(|error| error.to_string())?;
        answered += done.map_err(|halt| halt.told())?;
    }
    Ok(f64::from(answered) / begun.elapsed().as_secs_f64())
}

async fn ask(mut reader: Visitor, path: &'static str, tally: Rc<RefCell<Tally>>) {
    {
        let mut tally = tally.borrow_mut();
        tally.sent += 1;
        tally.under_way += 1;
    }
    let answer = reader.get(path).await;
    let mut tally = tally.borrow_mut();
    tally.under_way -= 1;
    let (status, fault) = match answer {
        Ok(reply) if reply.status == 200 => {
            tally.let_in.add(reply.took);
            ("200".to_owned(), None)
        }
        Ok(reply) if reply.status == 503 => {
            tally.turned_away.add(reply.took);
            let fault = reply.retry_after.is_empty().then(|| "503 without Retry-After".to_owned());
            ("503 with Retry-After".to_owned(), fault)
        }
        Ok(reply) => (reply.status.to_string(), Some(format!("status {}", reply.status))),
        Err(_) => ("none".to_owned(), Some("no answer".to_owned())),
    };
    *tally.statuses.entry(status).or_default() += 1;
    if let Some(fault) = fault {
        *tally.faults.entry(fault).or_default() += 1;
    }
}
