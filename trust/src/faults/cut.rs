//! the connection to PostgreSQL breaks at a commit, or stands still. What is not known is
//! settled by sending the same form again, and nothing is done twice.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use crate::Outcome;
use crate::database::Db;
use crate::month::{Month, Ready};
use crate::proxy::{Cut, Proxy};
use crate::registry::{Registry, Template};
use crate::report::{Finding, Spread};
use crate::seed::Chance;
use crate::server::Server;
use crate::visitor::{Halt, PATIENCE, Reply, Visitor};

/// One form meets so many cuts at most, and is then sent in peace.
const CUTS_PER_FORM: u32 = 6;
/// Whoever looked and found it undone fills the form in again; so often in a row is wrong.
const LOOKS: u32 = 8;
/// A step commits at most so often: the key of its form, its effect, where it led.
const COMMITS: u64 = 3;
/// So many cuts go with one stall.
const CUTS_PER_STALL: u32 = 250;
/// A stall of the full form: longer than anybody waits for a page.
const STALL: Duration = Duration::from_secs(PATIENCE.as_secs() + 2);
/// A stall of the short form.
const SHORT_STALL: Duration = Duration::from_secs(8);

struct Tally {
    chance: Chance,
    wanted: u32,
    cuts: BTreeMap<Cut, u32>,
    not_met: u32,
    stalls: u32,
    /// Forms in a row after which somebody had to look.
    looks: u32,
    answers: BTreeMap<String, u32>,
    took: Spread,
    stalled: Spread,
    steps: u32,
    payments: i64,
    commits: u64,
    copies: u32,
    faults: Vec<String>,
}

impl Tally {
    fn done(&self) -> u32 {
        self.cuts.values().sum()
    }

    fn count(&mut self, answer: &str) {
        *self.answers.entry(answer.to_owned()).or_default() += 1;
    }
}

/// Cuts `wanted` commits.
///
/// # Errors
/// When the harness itself cannot go on.
pub async fn run(template: &mut Template, seed: u64, wanted: u32) -> Outcome<Finding> {
    let mut tally = Tally {
        chance: Chance::new(seed, "cut"),
        wanted,
        cuts: BTreeMap::new(),
        not_met: 0,
        stalls: 0,
        looks: 0,
        answers: BTreeMap::new(),
        took: Spread::default(),
        stalled: Spread::default(),
        steps: 0,
        payments: 0,
        commits: 0,
        copies: 0,
        faults: Vec::new(),
    };
    while tally.done() < wanted && tally.faults.is_empty() {
        let registry = template.copy().await?;
        tally.copies += 1;
        let seed = seed.wrapping_add(u64::from(tally.copies));
        play(template, &registry, seed, &mut tally).await?;
        template.discard(registry).await?;
    }
    let name = |cut: &Cut| match cut {
        Cut::Before => "the server never heard of the commit",
        Cut::During => "broken while the commit arrived",
        Cut::After => "committed and the answer lost",
    };
    let cuts: BTreeMap<_, _> = tally.cuts.iter().map(|(cut, count)| (name(cut), count)).collect();
    let mut finding = Finding::new(tally.faults);
    finding.figure("commits_cut", cuts.values().copied().sum::<u32>());
    finding.figure("cuts", json!(cuts));
    finding.figure("armed_and_not_met", tally.not_met);
    finding.figure("commits_seen", tally.commits);
    finding.figure("stalls", tally.stalls);
    finding.figure("answers", json!(tally.answers));
    finding.figure("answer_ms", tally.took.figures());
    finding.figure("answer_or_patience_lost_in_a_stall_ms", tally.stalled.figures());
    finding.figure("steps_acknowledged", tally.steps);
    finding.figure("payments_settled_once", tally.payments);
    finding.figure("copies_played_to_the_end", tally.copies);
    Ok(finding)
}

async fn play(template: &mut Template, at: &Registry, seed: u64, tally: &mut Tally) -> Outcome<()> {
    let program = template.bench().program.clone();
    let proxy = Proxy::open(template.cluster()?.port()).await?;
    let behind = at.reached_by(proxy.url(at.database()));
    let server = Server::start(&program, &behind).await?;
    let db = Db::open(&at.reading()).await?;
    let mut month = Month::begin(&server.site(), &db, seed).await?;
    let mut most = i64::MAX;
    while let Some(ready) = month.ready(&db).await.map_err(|halt| halt.told())? {
        // A batch that is drawn up twice leaves a second one that is open beside the first.
        let open = "SELECT COUNT(*) FROM batch WHERE source = 'province' \
            AND state NOT IN ('closed', 'cancelled')";
        let open = db.number(open).await?;
        let is_doubled = open > most;
        most = most.min(open).max(1);
        if is_doubled {
            tally.faults.push(format!("{open} batches are open: one was drawn up twice"));
        }
        let due = tally.done() / CUTS_PER_STALL.min(tally.wanted) + 1;
        if tally.stalls < due && tally.done() < tally.wanted {
            stall(&proxy, &ready, &month, tally).await;
        }
        settle(&proxy, &ready, (&mut month, &db), tally).await?;
        if !tally.faults.is_empty() {
            tally.faults.push(format!("the server said: {}", server.said()));
            return Ok(());
        }
    }
    tally.faults.extend(month.faults_at_end(&db).await?);
    tally.steps += month.steps;
    tally.payments += month.persons();
    tally.commits += proxy.commits();
    db.close().await?;
    server.stop().await?;
    if let Err(fault) = at.verify_log(&program) {
        tally.faults.push(format!("the audit log: {fault}"));
    }
    Ok(())
}

/// Sends one form, through cuts, until it is done or somebody has to look first.
async fn settle(
    proxy: &Proxy,
    ready: &Ready,
    (month, db): (&mut Month, &Db),
    tally: &mut Tally,
) -> Outcome<()> {
    let mut who = month.person(ready.who).clone();
    for attempt in 0..=CUTS_PER_FORM {
        let is_armed = attempt < CUTS_PER_FORM && tally.done() < tally.wanted;
        let cut = match tally.chance.below(3) {
            0 => Cut::Before,
            1 => Cut::During,
            _ => Cut::After,
        };
        let commit = u32::try_from(tally.chance.below(COMMITS)).unwrap_or(0) + 1;
        if is_armed {
            proxy.arm(cut, commit);
        }
        let answer = who.send(&ready.form).await;
        let is_cut = proxy.disarm();
        match is_cut {
            true => *tally.cuts.entry(cut).or_default() += 1,
            false => tally.not_met += u32::from(is_armed),
        }
        tally.faults.extend(month.faults(db).await?);
        match judge(ready, answer, is_cut, tally) {
            Settled::Done(location) => {
                month.answered_for(&location);
                return Ok(());
            }
            Settled::Look => return Ok(()),
            Settled::Again => {}
        }
    }
    tally.faults.push(format!("{} {} is never done", ready.batch_no, ready.action));
    Ok(())
}

enum Settled {
    /// It is done, and leads there.
    Done(String),
    /// It may be done already: whoever sent it has to look.
    Look,
    /// Nobody knows: the form is sent again.
    Again,
}

fn judge(ready: &Ready, answer: Result<Reply, Halt>, is_cut: bool, tally: &mut Tally) -> Settled {
    let fault = |what: String| format!("{} {}: {what}", ready.batch_no, ready.action);
    match answer {
        Ok(reply) => {
            tally.took.add(reply.took);
            match reply.status {
                303 => {
                    tally.count("done");
                    tally.looks = 0;
                    return Settled::Done(reply.location);
                }
                409 => {
                    tally.count("told to look first");
                    tally.looks += 1;
                    if tally.looks > LOOKS {
                        let halt = Halt::Refused("again and again".to_owned(), Box::new(reply));
                        tally.faults.push(fault(halt.told()));
                    }
                    return Settled::Look;
                }
                503 if is_cut && reply.is_readable_outage() => {
                    tally.count("told of the outage");
                    return Settled::Again;
                }
                _ => {
                    let halt = Halt::Refused("a form".to_owned(), Box::new(reply));
                    tally.faults.push(fault(halt.told()));
                }
            }
        }
        Err(halt) => tally.faults.push(fault(halt.told())),
    }
    Settled::Look
}

/// Nothing passes for a while in the middle of a form; whoever waits may lose patience.
async fn stall(proxy: &Proxy, ready: &Ready, month: &Month, tally: &mut Tally) {
    tally.stalls += 1;
    let length = if tally.wanted >= CUTS_PER_STALL { STALL } else { SHORT_STALL };
    let mut who: Visitor = month.person(ready.who).clone();
    let begun = std::time::Instant::now();
    let send = async {
        let answer = who.send(&ready.form).await;
        (answer, begun.elapsed())
    };
    let hold = async {
        // The form is under way by then, or waits for its first answer.
        tokio::time::sleep(Duration::from_millis(tally.chance.below(30))).await;
        proxy.hold(true);
        tokio::time::sleep(length).await;
        proxy.hold(false);
    };
    let ((answer, took), ()) = tokio::join!(send, hold);
    tally.stalled.add(took);
    match answer {
        Ok(reply) if reply.status == 303 => tally.count("done across a stall"),
        Ok(reply) if reply.is_readable_outage() => tally.count("told of the outage in a stall"),
        Err(Halt::Cut(_)) if took >= PATIENCE => tally.count("nobody waited for a stall"),
        Ok(reply) => {
            let halt = Halt::Refused("a form in a stall".to_owned(), Box::new(reply));
            tally.faults.push(halt.told());
        }
        Err(halt) => tally.faults.push(format!("in a stall: {}", halt.told())),
    }
}
