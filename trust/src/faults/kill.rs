//! the program is killed, at any moment and at every write, and goes on.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::Outcome;
use crate::database::{Db, Kind};
use crate::month::Month;
use crate::process::wait_until;
use crate::registry::{Registry, Template};
use crate::report::{Finding, Spread};
use crate::seed::Chance;
use crate::server::Server;
use crate::strace::{self, Tracer};
use crate::visitor::Halt;

/// A restarted program answers within this time.
const RESTART: Duration = Duration::from_secs(3);
/// A life takes about this many steps when the moment of its end is drawn.
const STEPS_PER_LIFE: u64 = 4;
/// What a copy does at most before something must be wrong.
const LIVES_PER_COPY: u32 = 2_000;

/// Calls at which the program is killed: what reaches the disk, the server or the browser.
const fn writes(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => "pwrite64,ftruncate,fdatasync,fsync,unlink,sendto,writev",
        Kind::Postgres => "sendto,writev,sendmsg",
    }
}

/// How a life ends.
enum Attack {
    /// After this time.
    Moment(Duration),
    /// At this write of the next step.
    Write(u32),
    /// Not.
    Spare,
}

enum Ended {
    Killed,
    Survived,
    Over,
}

struct Tally {
    chance: Chance,
    wanted: u32,
    /// Where it is killed.
    calls: &'static str,
    can_trace: bool,
    at_moments: u32,
    at_writes: u32,
    /// The write at which the next life dies, by action; and how many there turned out to be.
    next_write: BTreeMap<&'static str, u32>,
    all_writes: BTreeMap<&'static str, u32>,
    step_time: Duration,
    steps: u32,
    payments: i64,
    copies: u32,
    restarts: Spread,
    resent: BTreeMap<String, u32>,
    faults: Vec<String>,
}

impl Tally {
    const fn kills(&self) -> u32 {
        self.at_moments + self.at_writes
    }

    /// Draws how the next life ends.
    fn attack(&mut self, upcoming: Option<&'static str>) -> Attack {
        if self.kills() >= self.wanted {
            return Attack::Spare;
        }
        match upcoming {
            Some(action) if self.can_trace && self.chance.coin() => {
                Attack::Write(self.next_write.get(action).copied().unwrap_or(1))
            }
            _ => {
                let typical = self.step_time.as_micros() / u128::from(self.steps.max(1));
                let typical = u64::try_from(typical).unwrap_or(50_000).clamp(5_000, 200_000);
                Attack::Moment(Duration::from_micros(self.chance.below(STEPS_PER_LIFE * typical)))
            }
        }
    }
}

/// Kills the program `wanted` times.
///
/// # Errors
/// When the harness itself cannot go on.
pub async fn run(template: &mut Template, seed: u64, wanted: u32) -> Outcome<Finding> {
    let mut tally = Tally {
        chance: Chance::new(seed, "kill"),
        wanted,
        calls: writes(template.kind()),
        can_trace: strace::is_possible(),
        at_moments: 0,
        at_writes: 0,
        next_write: BTreeMap::new(),
        all_writes: BTreeMap::new(),
        step_time: Duration::ZERO,
        steps: 0,
        payments: 0,
        copies: 0,
        restarts: Spread::default(),
        resent: BTreeMap::new(),
        faults: Vec::new(),
    };
    while tally.kills() < wanted && tally.faults.is_empty() {
        let registry = template.copy().await?;
        tally.copies += 1;
        let month_seed = seed.wrapping_add(u64::from(tally.copies));
        play(template, &registry, month_seed, &mut tally).await?;
        template.discard(registry).await?;
    }
    Ok(finding(tally))
}

fn finding(tally: Tally) -> Finding {
    let mut finding = Finding::new(tally.faults);
    let kills = tally.at_moments + tally.at_writes;
    finding.figure("kills", kills);
    finding.figure("kills_at_random_moments", tally.at_moments);
    finding.figure("kills_at_write_calls", tally.at_writes);
    finding.figure("write_calls_swept_by_action", json!(tally.next_write));
    finding.figure("write_calls_of_one_thread_by_action", json!(tally.all_writes));
    finding.figure("copies_played_to_the_end", tally.copies);
    finding.figure("steps_acknowledged", tally.steps);
    finding.figure("payments_settled_once", tally.payments);
    finding.figure("forms_sent_again", json!(tally.resent));
    finding.figure("restart_ms", tally.restarts.figures());
    if kills < tally.wanted {
        finding.fault(format!("{kills} kills instead of {}", tally.wanted));
    }
    if tally.restarts.longest() > RESTART {
        finding.fault(format!("a restart took {} ms", tally.restarts.longest().as_millis()));
    }
    finding
}

/// Plays a copy to its end, through as many deaths as are wanted.
async fn play(template: &Template, at: &Registry, seed: u64, tally: &mut Tally) -> Outcome<()> {
    let program = &template.bench().program;
    let mut server = Server::start(program, at).await?;
    let mut db = Db::open(&at.reading()).await?;
    let mut month = Month::begin(&server.site(), &db, seed).await?;
    for _ in 0..LIVES_PER_COPY {
        let upcoming = month.upcoming(&db).await?;
        let attack = tally.attack(upcoming);
        match live(&mut server, &mut month, &db, (attack, upcoming), tally).await? {
            Ended::Over => break,
            Ended::Survived => continue,
            Ended::Killed => {}
        }
        db.close().await?;
        server = Server::start(program, at).await?;
        tally.restarts.add(server.started_in);
        db = Db::open(&at.reading()).await?;
        tally.faults.extend(month.faults(&db).await?);
        month.move_to(&server.site())?;
        if let Err(halt) = month.resend().await {
            tally.faults.push(format!("a form sent again: {}", halt.told()));
        }
        tally.faults.extend(month.faults(&db).await?);
    }
    tally.faults.extend(month.faults_at_end(&db).await?);
    tally.payments += month.persons();
    for (what, count) in month.resent {
        *tally.resent.entry(what).or_default() += count;
    }
    db.close().await?;
    server.stop().await?;
    if let Err(fault) = at.verify_log(program) {
        tally.faults.push(format!("the audit log: {fault}"));
    }
    Ok(())
}

/// Takes steps until the life ends.
async fn live(
    server: &mut Server,
    month: &mut Month,
    db: &Db,
    (attack, upcoming): (Attack, Option<&'static str>),
    tally: &mut Tally,
) -> Outcome<Ended> {
    let begun = Instant::now();
    let before = month.steps;
    let ended = match attack {
        Attack::Moment(after) => {
            let ended = tokio::select! {
                ended = work(month, db) => ended,
                () = tokio::time::sleep(after) => {
                    server.kill()?;
                    tally.at_moments += 1;
                    Ok(Ended::Killed)
                }
            };
            tally.step_time += begun.elapsed();
            ended
        }
        Attack::Spare => work(month, db).await,
        Attack::Write(number) => {
            let inject = format!("{}:signal=KILL:when={number}", tally.calls);
            let tracer = Tracer::inject(server.pid(), &inject, Path::new("/dev/null")).await?;
            let stepped = month.step(db).await;
            let action = upcoming.unwrap_or_default();
            let ended = match stepped {
                Ok(_) => {
                    // It has fewer writes: all of them were died at, and it begins anew.
                    tally.all_writes.insert(action, number.saturating_sub(1));
                    tally.next_write.insert(action, 1);
                    Ok(Ended::Survived)
                }
                Err(halt) => {
                    let died = wait_until(Duration::from_secs(5), async || server.is_dead()).await;
                    tally.next_write.insert(action, number + 1);
                    tally.at_writes += 1;
                    died.map(|_| Ended::Killed).map_err(|_| halt)
                }
            };
            tracer.detach().await;
            ended
        }
    };
    tally.steps += month.steps - before;
    ended.or_else(|halt| {
        tally.faults.push(format!("{}; the server said: {}", halt.told(), server.said()));
        Ok(Ended::Over)
    })
}

/// Steps until the month is over.
async fn work(month: &mut Month, db: &Db) -> Result<Ended, Halt> {
    while month.step(db).await?.is_some() {}
    Ok(Ended::Over)
}
