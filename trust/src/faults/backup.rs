//! a backup that is made while people work is one instant of the registry; restored, it is
//! equal to what was backed up, table by table.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::content::content;
use crate::database::Db;
use crate::machine::now;
use crate::month::Month;
use crate::process::{run as carry_out, wait_until};
use crate::registry::{Registry, Template, juncai};
use crate::report::{Finding, Spread};
use crate::seed::Chance;
use crate::server::Server;

/// A backup of a demonstration takes less.
const BACKUP: Duration = Duration::from_secs(120);

#[derive(Default)]
struct Tally {
    rounds: u32,
    steps: u32,
    steps_meanwhile: u32,
    rows: usize,
    tables: usize,
    backups: Spread,
    restores: Spread,
    faults: Vec<String>,
}

/// Makes `wanted` backups while a month is played, and as many when it is over.
///
/// # Errors
/// When the harness itself cannot go on.
pub async fn run(template: &mut Template, seed: u64, wanted: u32) -> Outcome<Finding> {
    let mut chance = Chance::new(seed, "backup");
    let mut tally = Tally::default();
    while tally.rounds < wanted && tally.faults.is_empty() {
        tally.rounds += 1;
        let registry = template.copy().await?;
        let seed = seed.wrapping_add(u64::from(tally.rounds));
        let before = chance.below(20);
        round(template, &registry, (seed, before), &mut tally).await?;
        template.discard(registry).await?;
    }
    let mut finding = Finding::new(tally.faults);
    finding.figure("backups_while_writing", tally.rounds);
    finding.figure("backups_at_rest_compared_by_content", tally.rounds);
    finding.figure("tables_compared", tally.tables);
    finding.figure("rows_compared", tally.rows);
    finding.figure("steps_acknowledged", tally.steps);
    finding.figure("of_these_during_a_backup", tally.steps_meanwhile);
    finding.figure("backup_ms", tally.backups.figures());
    finding.figure("restore_ms", tally.restores.figures());
    Ok(finding)
}

async fn round(
    template: &mut Template,
    at: &Registry,
    (seed, before): (u64, u64),
    tally: &mut Tally,
) -> Outcome<()> {
    let program = template.bench().program.clone();
    let server = Server::start(&program, at).await?;
    let db = Db::open(&at.reading()).await?;
    let mut month = Month::begin(&server.site(), &db, seed).await?;
    for _ in 0..before {
        month.step(&db).await.map_err(|halt| halt.told())?;
    }
    let begun = now();
    let steps = month.steps;
    let busy = at.data.with_extension("busy");
    let mut backup = start_backup(template, at, &busy)?;
    let started = Instant::now();
    while month.step(&db).await.map_err(|halt| halt.told())?.is_some() {
        if !matches!(backup.try_wait(), Ok(None)) {
            break;
        }
        tally.steps_meanwhile = tally.steps_meanwhile.max(month.steps - steps);
    }
    wait_until(BACKUP, async || !matches!(backup.try_wait(), Ok(None))).await?;
    tally.backups.add(started.elapsed());
    if !backup.wait().is_ok_and(|status| status.success()) {
        tally.faults.push("the backup while writing failed".to_owned());
        return Ok(());
    }
    while month.step(&db).await.map_err(|halt| halt.told())?.is_some() {}
    tally.steps += month.steps;
    db.close().await?;
    server.stop().await?;

    let restored = restore(template, &busy, at, tally).await?;
    let db = Db::open(&restored.url).await?;
    tally.faults.extend(month.faults_at(&db, begun).await?);
    db.close().await?;
    finish(template, restored, &program, tally).await?;

    let rest = at.data.with_extension("rest");
    let mut backup = start_backup(template, at, &rest)?;
    wait_until(BACKUP, async || !matches!(backup.try_wait(), Ok(None))).await?;
    let restored = restore(template, &rest, at, tally).await?;
    compare(at, &restored, tally).await?;
    finish(template, restored, &program, tally).await
}

fn start_backup(template: &Template, at: &Registry, to: &std::path::Path) -> Outcome<Child> {
    let started =
        juncai(&template.bench().program, at).arg("backup").arg(to).stdout(Stdio::null()).spawn();
    started.map_err(|error| error.to_string())
}

/// Loads a backup into a new place that has only the key of the old one.
async fn restore(
    template: &mut Template,
    from: &std::path::Path,
    of: &Registry,
    tally: &mut Tally,
) -> Outcome<Registry> {
    let to = template.blank(of).await?;
    let begun = Instant::now();
    carry_out(juncai(&template.bench().program, &to).arg("restore").arg(from))?;
    tally.restores.add(begun.elapsed());
    Ok(to)
}

/// The restored registry's log holds, and it is put away.
async fn finish(
    template: &Template,
    restored: Registry,
    program: &std::path::Path,
    tally: &mut Tally,
) -> Outcome<()> {
    if let Err(fault) = restored.verify_log(program) {
        tally.faults.push(format!("the audit log of a restored backup: {fault}"));
    }
    template.discard(restored).await
}

/// Every table holds the same rows.
async fn compare(at: &Registry, restored: &Registry, tally: &mut Tally) -> Outcome<()> {
    let (left, right) = (content(&at.url, at.kind).await?, content(&restored.url, at.kind).await?);
    tally.tables = left.len();
    tally.rows = left.values().map(|table| table.rows).sum();
    for name in left.keys().chain(right.keys()) {
        if left.get(name) != right.get(name) {
            tally.faults.push(format!("{name} differs after the restore"));
        }
    }
    Ok(())
}
