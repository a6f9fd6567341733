//! What a run found, and docs/TRUST.md, which is written from all of them.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::Outcome;
use crate::database::Kind;
use crate::machine;
use crate::plan::{ROWS, Row};

/// Faults that a report shows; more of one kind say nothing new.
const SHOWN_FAULTS: usize = 20;

/// What a fault run came to.
#[derive(Debug)]
pub struct Finding {
    figures: Map<String, Value>,
    faults: Vec<String>,
}

impl Finding {
    /// A run with these faults so far.
    pub fn new(faults: Vec<String>) -> Self {
        Self { figures: Map::new(), faults }
    }

    /// Adds a figure.
    pub fn figure(&mut self, name: &str, value: impl Into<Value>) {
        self.figures.insert(name.to_owned(), value.into());
    }

    /// Adds a fault: the run has failed.
    pub fn fault(&mut self, what: String) {
        self.faults.push(what);
    }

    /// What went wrong.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }
}

/// Durations and how they spread.
#[derive(Debug, Default, Clone)]
pub struct Spread(Vec<Duration>);

impl Spread {
    /// One more.
    pub fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// The longest.
    pub fn longest(&self) -> Duration {
        self.0.iter().max().copied().unwrap_or_default()
    }

    /// The one that so many hundredths do not exceed.
    pub fn hundredth(&self, share: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        sorted.get((sorted.len() * share / 100).min(last)).copied().unwrap_or_default()
    }

    /// Count, median, 99th hundredth and maximum in milliseconds.
    pub fn figures(&self) -> Value {
        let ms = |took: Duration| u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        json!({
            "count": self.0.len(), "median": ms(self.hundredth(50)),
            "p99": ms(self.hundredth(99)), "max": ms(self.longest()),
        })
    }
}

/// How a run was made.
#[derive(Debug, Clone, Copy)]
pub struct Made<'a> {
    /// The row of the table.
    pub row: &'a Row,
    /// Which database.
    pub database: &'a str,
    /// Replays it.
    pub seed: u64,
    /// All of it, and not the short form.
    pub full: bool,
    /// How long it took.
    pub took: Duration,
    /// The program that was broken.
    pub program: &'a Path,
}

/// The result as it is kept.
pub fn record(made: Made<'_>, finding: &Finding) -> Value {
    let faults: Vec<&String> = finding.faults.iter().take(SHOWN_FAULTS).collect();
    json!({
        "id": made.row.id,
        "name": made.row.name,
        "test": made.row.test,
        "wanted": made.row.wanted,
        "database": made.database,
        "form": if made.full { "full" } else { "short" },
        "seed": made.seed,
        "passed": finding.faults.is_empty(),
        "faults": faults,
        "figures": finding.figures,
        "took_s": made.took.as_secs(),
        "on": machine::today(),
        "program": machine::program(made.program),
        "commit": machine::commit(),
        "machine": machine::size(),
    })
}

/// Keeps a result: one file a row and database, the newest.
///
/// # Errors
/// When the file cannot be written.
pub fn keep(folder: &Path, result: &Value) -> Outcome<PathBuf> {
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let word = |name: &str| result.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let path = folder.join(format!("{}-{}.json", word("id"), word("database")));
    let text = serde_json::to_string_pretty(result).map_err(|error| error.to_string())?;
    std::fs::write(&path, text + "\n").map_err(|error| error.to_string())?;
    Ok(path)
}

/// All kept results, by file name.
fn kept(folder: &Path) -> Outcome<Vec<Value>> {
    let entries = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "json"));
    paths.sort();
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    };
    paths.iter().map(read).collect()
}

/// Writes the table of all rows from the kept results.
///
/// # Errors
/// When a result cannot be read or the page not be written.
pub fn write_page(folder: &Path, page: &Path) -> Outcome<()> {
    let results = kept(folder)?;
    let mut text = String::from(HEAD);
    for row in ROWS {
        let of_row = results.iter().filter(|result| result.get("id") == Some(&json!(row.id)));
        let of_row: Vec<&Value> = of_row.collect();
        let has_run = |kind: &Kind| {
            of_row.iter().any(|result| result.get("database") == Some(&json!(kind.name())))
        };
        for kind in row.databases.iter().filter(|kind| !has_run(kind)) {
            let cells = [row.id, row.test, row.wanted, kind.name(), "red: not run", row.plan];
            line(&mut text, &cells);
        }
        if row.databases.is_empty() {
            line(&mut text, &[row.id, row.test, row.wanted, "—", "red: not run", row.plan]);
        }
        for result in of_row {
            let word = |name: &str| plain(result.get(name));
            let colour = match result.get("passed") {
                Some(Value::Bool(true)) if word("form") == "full" => "green".to_owned(),
                Some(Value::Bool(true)) => format!("short form green; full form: {}", row.plan),
                _ => format!("**red**: {}", plain(result.get("faults"))),
            };
            let how = format!(
                "{}; {}; seed {}; {}; {} s; {} at {}; {}",
                word("database"),
                word("form"),
                word("seed"),
                word("on"),
                word("took_s"),
                word("program"),
                word("commit"),
                word("machine")
            );
            let figures = plain(result.get("figures"));
            line(&mut text, &[row.id, row.test, row.wanted, &how, &colour, &figures]);
        }
    }
    std::fs::write(page, text).map_err(|error| error.to_string())
}

const HEAD: &str = "# Trust\n\n\
Written by `scripts/faults` from `docs/trust/*.json`; do not edit. A row is run again with \
`scripts/faults NAME --seed N --full` (`scripts/faults list` has the names); its seed gives the same \
payments, moments and choices, while the operating system schedules threads as it likes. Green: run \
in full without a fault. Red: a fault, or not run, with the reason and the plan.\n\n\
| Row | Test | Wanted | Run | Result | Figures, or reason and plan |\n|---|---|---|---|---|---|\n";

fn line(text: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    let _ = writeln!(text, "| {} |", cells.join(" | ")); // writing to a String cannot fail
}

/// A value for people: names with blanks, lists with semicolons.
fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "—".to_owned(),
        Some(Value::String(text)) => text.replace('\n', " "),
        Some(Value::Array(values)) => {
            values.iter().map(|value| plain(Some(value))).collect::<Vec<_>>().join("; ")
        }
        Some(Value::Object(fields)) => {
            let field = |(name, value): (&String, &Value)| match value {
                Value::Object(_) => format!("{}: ({})", name.replace('_', " "), plain(Some(value))),
                _ => format!("{}: {}", name.replace('_', " "), plain(Some(value))),
            };
            fields.iter().map(field).collect::<Vec<_>>().join(", ")
        }
        Some(other) => other.to_string(),
    }
}
