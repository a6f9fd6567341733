//! one script of commands is played on both databases. Every answer is the same, and so is
//! what is kept in the end, row by row.
//!
//! It is played three times side by side: on the server, and in two embedded databases that were
//! made independently. What differs between those two (instants, keys, sealed values) is not
//! decided by the script and is left out of the comparison with the server.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::Outcome;
use crate::database::{Db, Kind};
use crate::registry::{Bench, Registry, Template};
use crate::report::Finding;
use crate::seed::Chance;
use crate::server::Server;
use crate::twins::{Dump, Shape};
use crate::walk::{Told, Walk};

/// What a server does at its start beside the requests is over after this time.
const AT_REST: Duration = Duration::from_secs(8);
/// Differences that are told.
const SHOWN: usize = 12;

/// One of the three.
struct Play {
    registry: Registry,
    server: Server,
    walk: Walk,
}

/// Plays `wanted` commands.
///
/// # Errors
/// When the harness itself cannot go on.
pub async fn run(template: &mut Template, seed: u64, wanted: u32) -> Outcome<Finding> {
    let mut embedded = Vec::with_capacity(2);
    for name in ["first", "second"] {
        let bench = template.bench();
        let folder = bench.folder.join(name);
        let bench = Bench { folder, ..bench.clone() };
        embedded.push(Template::make(&bench, Kind::Sqlite).await?);
    }
    let mut plays = Vec::with_capacity(3);
    for template in std::iter::once(&mut *template).chain(&mut embedded) {
        plays.push(begin(template, seed).await?);
    }
    tokio::time::sleep(AT_REST).await;
    let mut finding = Finding::new(Vec::new());
    let begun = Instant::now();
    let mut statuses: BTreeMap<String, u32> = BTreeMap::new();
    let mut played = 0;
    for number in 0..wanted {
        let chance = Chance::new(seed, &format!("command {number}"));
        let [server, first, second] = plays.as_mut_slice() else { return Err("three".to_owned()) };
        let (on_server, on_first, on_second) = tokio::join!(
            server.walk.command(chance.clone()),
            first.walk.command(chance.clone()),
            second.walk.command(chance)
        );
        let (on_server, on_first, on_second) = (on_server?, on_first?, on_second?);
        played += 1;
        *statuses.entry(kind(&on_first)).or_default() += 1;
        if on_first != on_second {
            let what = differs(&on_first, &on_second);
            finding.fault(format!("command {number} is not decided by the script: {what}"));
            break;
        }
        if on_server != on_first {
            let what = differs(&on_server, &on_first);
            finding.fault(format!("command {number}, on the server and embedded: {what}"));
            break;
        }
    }
    finding.figure("commands", played);
    finding.figure("answers", json!(statuses));
    finding.figure("commands_ms", begun.elapsed().as_millis() as u64);
    compare(plays, template, &mut finding).await?;
    Ok(finding)
}

async fn begin(template: &mut Template, seed: u64) -> Outcome<Play> {
    let registry = template.copy().await?;
    let server = Server::start(&template.bench().program, &registry).await?;
    let db = Db::open(&registry.reading()).await?;
    let walk = Walk::begin(&server.site(), db, seed).await?;
    Ok(Play { registry, server, walk })
}

fn kind(told: &Told) -> String {
    let what = match told.what.split_once(' ') {
        Some(("pay", _)) => "step of a payment",
        Some(("register", _)) => "program",
        _ if told.what.contains(" sends ") => "form",
        _ => "page",
    };
    format!("{what} {}", told.status)
}

/// Where two answers part.
fn differs(one: &Told, two: &Told) -> String {
    if (&one.what, one.status, &one.location) != (&two.what, two.status, &two.location) {
        let short = |told: &Told| format!("{} {} {}", told.what, told.status, told.location);
        return format!("{} and {}", short(one), short(two));
    }
    let same = one.words.chars().zip(two.words.chars()).take_while(|(a, b)| a == b).count();
    let around =
        |text: &str| text.chars().skip(same.saturating_sub(30)).take(90).collect::<String>();
    format!("{}: {:?} and {:?}", one.what, around(&one.words), around(&two.words))
}

/// Stops all three and compares what they hold.
async fn compare(plays: Vec<Play>, template: &Template, finding: &mut Finding) -> Outcome<()> {
    let program = &template.bench().program;
    let mut dbs = Vec::with_capacity(plays.len());
    for play in plays {
        drop(play.walk);
        play.server.stop().await?;
        if let Err(fault) = play.registry.verify_log(program) {
            finding.fault(format!("the audit log: {fault}"));
        }
        dbs.push((Db::open(&play.registry.url).await?, play.registry.kind));
    }
    let [(server, _), (first, _), _] = dbs.as_slice() else {
        return Err("three".to_owned());
    };
    let shape = Shape::read(server, first).await?;
    let mut dumps = Vec::with_capacity(dbs.len());
    for (db, kind) in &dbs {
        dumps.push(Dump::read(db, *kind, &shape).await?);
    }
    let undecided = dumps[1].undecided(&dumps[2], &shape);
    let compared = dumps[0].compare(&dumps[1], &shape, &undecided);
    finding.figure("tables_compared", compared.tables);
    finding.figure("rows_compared", compared.rows);
    finding.figure("values_compared", compared.values);
    finding.figure("columns_left_out_beside_instants", compared.left_out.len());
    finding.figure("left_out", compared.left_out.join(" "));
    let count = compared.differences.len();
    for difference in compared.differences.into_iter().take(SHOWN) {
        finding.fault(difference);
    }
    finding.figure("differences", count);
    for (db, _) in dbs {
        db.close().await?;
    }
    Ok(())
}
