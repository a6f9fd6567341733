//! databases as earlier versions left them are brought up to date: every row keeps what it
//! said, the schema is that of a new database, and a migration that was killed is taken up again.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::Outcome;
use crate::database::{Db, Kind};
use crate::earlier::{self, Kept};
use crate::process::{run as carry_out, wait_until};
use crate::registry::{Registry, Template, juncai};
use crate::report::{Finding, Spread};
use crate::seed::Chance;

/// A registry of a million rows is up to date within this time.
const LARGE: Duration = Duration::from_secs(120);
const MILLION: i64 = 1_000_000;
/// Values that a migration is there to change, with the reason in its own text.
const CHANGED: [(&str, &str); 2] = [("payment_line", "state"), ("counter", "name")];

struct Tally {
    chance: Chance,
    from: Vec<u32>,
    killed: u32,
    killed_between: u32,
    rows: usize,
    added: BTreeMap<String, usize>,
    gone_tables: BTreeMap<String, u32>,
    took: Spread,
    faults: Vec<String>,
}

/// Migrates from `wanted` earlier steps.
///
/// # Errors
/// When the harness itself cannot go on.
pub async fn run(template: &mut Template, seed: u64, wanted: u32) -> Outcome<Finding> {
    let mut tally = Tally {
        chance: Chance::new(seed, "migrate"),
        from: Vec::new(),
        killed: 0,
        killed_between: 0,
        rows: 0,
        added: BTreeMap::new(),
        gone_tables: BTreeMap::new(),
        took: Spread::default(),
        faults: Vec::new(),
    };
    let all = Db::migrations();
    let demo = template.copy().await?;
    let fresh = fresh_schema(template, &demo).await?;
    for number in 0..wanted.min(all - 1) {
        // All of them, or some spread over all, each moved by chance.
        let width = (u64::from(all) - 1) / u64::from(wanted).max(1);
        let steps = if wanted >= all - 1 {
            number + 1
        } else {
            let first = u64::from(number) * width;
            1 + u32::try_from(first + tally.chance.below(width.max(1))).unwrap_or(0)
        };
        one(template, &demo, (steps, &fresh), &mut tally).await?;
        if !tally.faults.is_empty() {
            break;
        }
    }
    let large = if tally.faults.is_empty() {
        Some(large(template, &demo, &mut tally).await?)
    } else {
        None
    };
    template.discard(demo).await?;
    let mut finding = Finding::new(tally.faults);
    finding.figure("migrations", all);
    finding.figure("earlier_schemas", tally.from.len());
    finding.figure("rows_kept", tally.rows);
    finding.figure("rows_added_by_migrations", json!(tally.added));
    finding.figure("tables_that_ended", json!(tally.gone_tables));
    finding.figure("killed_and_taken_up_again", tally.killed);
    finding.figure("of_these_between_two_migrations", tally.killed_between);
    finding.figure("migration_ms", tally.took.figures());
    if let Some((rows, took)) = large {
        finding.figure("rows_of_a_large_registry", rows);
        finding.figure("its_migration_ms", took.as_millis() as u64);
    }
    Ok(finding)
}

/// The schema of a database that the program made itself.
async fn fresh_schema(template: &mut Template, demo: &Registry) -> Outcome<Vec<String>> {
    let blank = template.blank(demo).await?;
    migrate(template, &blank)?;
    let db = Db::open(&blank.url).await?;
    let schema = earlier::schema(&db, blank.kind).await?;
    db.close().await?;
    template.discard(blank).await?;
    Ok(schema)
}

fn migrate(template: &Template, at: &Registry) -> Outcome<()> {
    carry_out(juncai(&template.bench().program, at).arg("migrate")).map(drop)
}

/// From one earlier schema to today's, killed once on the way.
async fn one(
    template: &mut Template,
    demo: &Registry,
    (steps, fresh): (u32, &[String]),
    tally: &mut Tally,
) -> Outcome<()> {
    let registry = earlier::registry(template, demo, steps).await?;
    let db = Db::open(&registry.url).await?;
    let before = earlier::kept(&db, registry.kind, None).await?;
    db.close().await?;
    tally.from.push(steps);
    kill(template, &registry, steps, tally).await?;
    let begun = Instant::now();
    if let Err(fault) = migrate(template, &registry) {
        tally.faults.push(format!("from step {steps}: {fault}"));
        return Ok(());
    }
    tally.took.add(begun.elapsed());
    let db = Db::open(&registry.url).await?;
    let after = earlier::kept(&db, registry.kind, Some(&before)).await?;
    compare(steps, &before, &after, tally);
    let schema = earlier::schema(&db, registry.kind).await?;
    if schema != fresh {
        let odd = schema.iter().find(|line| !fresh.contains(line));
        let lacks = fresh.iter().find(|line| !schema.contains(line));
        tally
            .faults
            .push(format!("from step {steps} another schema: {odd:?} instead of {lacks:?}"));
    }
    if registry.kind == Kind::Sqlite {
        let torn = db.number("SELECT COUNT(*) FROM pragma_foreign_key_check").await?;
        let whole = db.rows("PRAGMA integrity_check").await?;
        if torn != 0 || whole != [["ok"]] {
            tally.faults.push(format!("from step {steps}: {torn} lost references, {whole:?}"));
        }
    }
    db.close().await?;
    template.discard(registry).await
}

/// A migration that is killed after a moment.
async fn kill(template: &Template, at: &Registry, steps: u32, tally: &mut Tally) -> Outcome<()> {
    let usual = u64::try_from(tally.took.hundredth(50).as_millis()).unwrap_or(0).max(200);
    let mut program = juncai(&template.bench().program, at);
    let started = program.arg("migrate").stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut process = started.map_err(|error| error.to_string())?;
    tokio::time::sleep(Duration::from_millis(tally.chance.below(usual))).await;
    if matches!(process.try_wait(), Ok(None)) {
        process.kill().map_err(|error| error.to_string())?;
        tally.killed += 1;
    }
    wait_until(Duration::from_secs(30), async || !matches!(process.try_wait(), Ok(None))).await?;
    let db = Db::open(&at.url).await?;
    let done = db.number("SELECT COUNT(*) FROM seaql_migrations").await?;
    db.close().await?;
    tally.killed_between +=
        u32::from(done > i64::from(steps) && done < i64::from(Db::migrations()));
    Ok(())
}

/// Every row of before is there, as it was.
fn compare(
    steps: u32,
    before: &BTreeMap<String, Kept>,
    after: &BTreeMap<String, Kept>,
    tally: &mut Tally,
) {
    for (table, then) in before {
        let Some(now) = after.get(table) else {
            *tally.gone_tables.entry(table.clone()).or_default() += 1;
            continue;
        };
        let is_compared = |name: &&String| {
            now.columns.contains(name) && !CHANGED.contains(&(table.as_str(), name.as_str()))
        };
        let columns: Vec<&String> = then.columns.iter().filter(is_compared).collect();
        let (then, now) = (only(then, &columns), only(now, &columns));
        tally.rows += then.len();
        let (lost, added) = merge(&then, &now);
        if added > 0 {
            *tally.added.entry(table.clone()).or_default() += added;
        }
        if let Some(row) = lost.first() {
            let (count, row) = (lost.len(), row.join(" | ").chars().take(200).collect::<String>());
            tally.faults.push(format!("from step {steps}: {count} rows of {table} changed: {row}"));
        }
    }
}

/// What is only in the first of two sorted lists, and how many are only in the second.
fn merge<'a>(then: &'a [Vec<String>], now: &[Vec<String>]) -> (Vec<&'a Vec<String>>, usize) {
    let (mut lost, mut at) = (Vec::new(), 0);
    for row in then {
        while now.get(at).is_some_and(|other| other < row) {
            at += 1;
        }
        match now.get(at) {
            Some(other) if other == row => at += 1,
            _ => lost.push(row),
        }
    }
    let added = now.len() + lost.len() - then.len();
    (lost, added)
}

fn only(table: &Kept, columns: &[&String]) -> Vec<Vec<String>> {
    let at: Vec<usize> = columns
        .iter()
        .filter_map(|name| table.columns.iter().position(|column| column == *name))
        .collect();
    let row = |row: &Vec<String>| at.iter().filter_map(|at| row.get(*at).cloned()).collect();
    let mut rows: Vec<Vec<String>> = table.rows.iter().map(row).collect();
    rows.sort_unstable();
    rows
}

/// A registry with a million rows in its log, from the first schema that had it.
async fn large(
    template: &mut Template,
    demo: &Registry,
    tally: &mut Tally,
) -> Outcome<(i64, Duration)> {
    let registry = earlier::registry(template, demo, 5).await?;
    let db = Db::open(&registry.url).await?;
    let kind = registry.kind;
    let names = crate::crowd::columns(&db, kind, "audit_event").await?;
    let names: Vec<&String> = names.iter().filter(|name| *name != "id").collect();
    let values = names.iter().map(|name| match name.as_str() {
        "seq" => "a.seq + n.n * 1000000".to_owned(),
        name => format!("a.\"{name}\""),
    });
    let values = values.collect::<Vec<_>>().join(", ");
    let listed = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let one = db.number("SELECT COUNT(*) FROM audit_event").await?;
    let times = MILLION / one.max(1) + 1;
    db.run(&format!(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {times}) \
         INSERT INTO audit_event ({listed}) SELECT {values} FROM audit_event a, n"
    ))
    .await?;
    let rows = db.number("SELECT COUNT(*) FROM audit_event").await?;
    db.close().await?;
    let begun = Instant::now();
    migrate(template, &registry)?;
    let took = begun.elapsed();
    if took > LARGE {
        tally.faults.push(format!("{rows} rows took {} s", took.as_secs()));
    }
    let db = Db::open(&registry.url).await?;
    if db.number("SELECT COUNT(*) FROM audit_event").await? != rows {
        tally.faults.push("a large log lost rows".to_owned());
    }
    db.close().await?;
    template.discard(registry).await?;
    Ok((rows, took))
}
