//! Breaks a running juncai on purpose and writes down what happened.
//!
//! It knows the program as its users and its operators do: as a process, through HTTP, and by
//! plain SQL. Each fault prints its seed; the same seed gives the same payments, moments and
//! choices. See `scripts/faults` and docs/TRUST.md.

mod anyform;
mod cluster;
mod content;
mod crowd;
mod database;
mod earlier;
mod faults;
mod invariants;
mod machine;
mod month;
mod plan;
mod process;
mod program;
mod proxy;
mod registry;
mod report;
mod review;
mod seed;
mod server;
mod strace;
mod twins;
mod visitor;
mod walk;
mod wall;
mod writes;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

use database::Kind;
use plan::{ROWS, Row};
use registry::{Bench, Template};
use report::{Finding, Made};

/// What the harness itself gives back; the text is for whoever runs it.
pub type Outcome<T> = Result<T, String>;

/// Where results are kept, and the page that is written from them.
const KEPT: &str = "docs/trust";
const PAGE: &str = "docs/TRUST.md";
/// Where results of short runs go, which nobody keeps.
const PASSING: &str = "target/trust";

#[derive(Debug, Parser)]
struct Args {
    /// A fault or several with commas; `list` names all, `short` tries all in their short form, `page` writes docs/TRUST.md
    name: String,
    /// Replays a run
    #[arg(long)]
    seed: Option<u64>,
    /// As often as the standard wants; the result is kept
    #[arg(long)]
    full: bool,
    /// As often as this, for trying
    #[arg(long)]
    count: Option<u32>,
    /// Keeps the result of a short run too
    #[arg(long)]
    record: bool,
    /// sqlite, postgres or both
    #[arg(long, default_value = "both")]
    database: String,
    /// The program to break
    #[arg(long, env = "JUNCAI_BINARY", default_value = "target/release/juncai")]
    binary: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match start(&Args::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn start(args: &Args) -> Outcome<bool> {
    if args.name == "list" {
        for row in ROWS.iter().filter(|row| !row.name.is_empty()) {
            println!("{:<10} {}  {}", row.name, row.id, row.test);
        }
        return Ok(true);
    }
    if args.name == "page" {
        return report::write_page(Path::new(KEPT), Path::new(PAGE)).map(|()| true);
    }
    let chosen: Vec<&Row> = ROWS
        .iter()
        .filter(|row| {
            !row.name.is_empty()
                && (args.name == "short" || args.name.split(',').any(|name| row.name == name))
        })
        .collect();
    if chosen.is_empty() {
        return Err(format!("there is no fault {:?}; `list` names all", args.name));
    }
    let program = std::fs::canonicalize(&args.binary)
        .map_err(|error| format!("{}: {error}", args.binary.display()))?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    open_to_all(folder.path())?;
    let bench = Bench { program, folder: folder.path().to_owned() };
    let seed = args.seed.unwrap_or_else(seed::fresh);
    println!("seed {seed}");
    let mut passed = true;
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let wanted = args.database == "both" || args.database == kind.name();
        let rows = chosen.iter().filter(|row| wanted && row.databases.contains(&kind));
        let rows: Vec<&&Row> = rows.collect();
        if rows.is_empty() {
            continue;
        }
        let mut template = Template::make(&bench, kind).await?;
        for row in rows {
            passed &= attempt(row, args, seed, &mut template).await?;
        }
    }
    if args.full || args.record {
        report::write_page(Path::new(KEPT), Path::new(PAGE))?;
    }
    Ok(passed)
}

/// A database server of another account has to reach its folder.
fn open_to_all(folder: &Path) -> Outcome<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder, mode).map_err(|error| error.to_string())
}

/// Tries one fault on one database; whether all was as wanted.
async fn attempt(row: &Row, args: &Args, seed: u64, template: &mut Template) -> Outcome<bool> {
    let database = template.kind().name();
    let count = if args.full { row.count.full } else { row.count.short };
    let count = args.count.unwrap_or(count);
    println!("{} {} on {database}, {count} times", row.id, row.name);
    let begun = Instant::now();
    let finding = run(row.name, template, seed, count).await;
    let finding = finding.unwrap_or_else(|error| Finding::new(vec![error]));
    let full = args.full && count >= row.count.full;
    let program = template.bench().program.as_path();
    let made = Made { row, database, seed, full, took: begun.elapsed(), program };
    let result = report::record(made, &finding);
    let folder = if args.full || args.record { KEPT } else { PASSING };
    report::keep(Path::new(folder), &result)?;
    let text = serde_json::to_string_pretty(&result).map_err(|error| error.to_string())?;
    println!("{text}");
    Ok(finding.faults().is_empty())
}

async fn run(name: &str, template: &mut Template, seed: u64, count: u32) -> Outcome<Finding> {
    let images = usize::try_from(count).unwrap_or(usize::MAX);
    match name {
        "kill" => faults::kill::run(template, seed, count).await,
        "outage" => faults::outage::run(template, seed, count).await,
        "powercut" => faults::powercut::run(template, seed, images).await,
        "disk-full" => faults::disk::run(template, seed, count).await,
        "fsync" => faults::fsync::run(template, seed, count).await,
        "backup" => faults::backup::run(template, seed, count).await,
        "again" => faults::again::run(template, seed, count).await,
        "race" => faults::race::run(template, seed, count).await,
        "cut" => faults::cut::run(template, seed, count).await,
        "job" => faults::job::run(template, seed, count).await,
        "script" => faults::script::run(template, seed, count).await,
        "clock" => faults::clock::run(template, seed, count).await,
        "migrate" => faults::migrate::run(template, seed, count).await,
        "editors" => faults::editors::run(template, seed, count).await,
        "asof" => faults::asof::run(template, seed, count).await,
        "overload" => faults::overload::run(template, seed, count).await,
        "soak" => faults::soak::run(template, seed, count).await,
        "stop" => faults::stop::run(template, seed, count).await,
        other => Err(format!("{other} is not written yet")),
    }
}
