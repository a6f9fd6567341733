//! How fast the program is beside what this machine could do at most: each figure next to its limit,
//! both of the same run, as a ratio and with the ratio that is wanted. `scripts/bench` starts it.
//!
//!     speed [NAME ...] [--persons 10000,100000] [--json FILE]
//!
//! Measures on SQLite and, when `JUNCAI_TEST_POSTGRES` names a server, on PostgreSQL too. Every step runs
//! in a process of its own, so that its peak memory is its own. Nothing here fails when a goal is
//! missed: the table says so.

mod batch;
mod engine;
mod evaluate;
mod figure;
mod import;
mod lists;
mod place;
mod search;
mod serve;
mod sheet;
mod year;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use figure::Figure;
use place::{Database, Place};

/// What can be measured: some steps that follow each other over one database, or over none.
struct Job {
    name: &'static str,
    about: &'static str,
    on: On,
    steps: &'static [&'static str],
    run: fn(&str, &Place),
}

/// Over what a job runs.
#[derive(Clone, Copy, PartialEq)]
enum On {
    /// No database and one size.
    Nothing,
    /// Each database, with one size of its own.
    Databases,
    /// Each database and each size that is asked for.
    Sizes,
}

const JOBS: &[Job] = &[
    Job {
        name: "engine",
        about: "the rules alone",
        on: On::Nothing,
        steps: &["engine"],
        run: engine::run,
    },
    Job {
        name: "evaluate",
        about: "juncai evaluate over NDJSON",
        on: On::Nothing,
        steps: &["evaluate"],
        run: evaluate::run,
    },
    Job {
        name: "sheet",
        about: "spreadsheets read and written",
        on: On::Nothing,
        steps: sheet::STEPS,
        run: sheet::run,
    },
    Job {
        name: "import",
        about: "100,000 rows of a form, with all checks",
        on: On::Databases,
        steps: import::STEPS,
        run: import::run,
    },
    Job {
        name: "year",
        about: "a whole year computed, then served: pages, approvals, the server itself",
        on: On::Sizes,
        steps: &["state", "compute", "again", "limit", "start", "pages", "approve"],
        run: |step, place| match step {
            "start" | "pages" | "approve" => serve::run(step, place),
            _ => year::run(step, place),
        },
    },
    Job {
        name: "batch",
        about: "a batch from freezing to settlement",
        on: On::Sizes,
        steps: &["batch"],
        run: batch::run,
    },
    Job {
        name: "lists",
        about: "a page of each list, by who reads",
        on: On::Sizes,
        steps: &["lists"],
        run: lists::run,
    },
    Job {
        name: "search",
        about: "the search box",
        on: On::Sizes,
        steps: &["search"],
        run: search::run,
    },
];

/// Without `--persons`.
const SIZES: [u64; 2] = [10_000, 100_000];

fn main() {
    let given: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    if let [child, job, step, place] = given.as_slice()
        && child == "--child"
    {
        let job = JOBS.iter().find(|known| known.name == job).expect("a job of this program");
        return (job.run)(step, &Place::read(place));
    }
    let ask = Ask::of(&given).unwrap_or_else(|wrong| {
        eprintln!("{wrong}\nspeed [NAME ...] [--persons 10000,100000] [--json FILE]\n");
        JOBS.iter().for_each(|job| eprintln!("  {:<10}{}", job.name, job.about));
        std::process::exit(2)
    });
    let mut figures = Vec::new();
    for job in JOBS.iter().filter(|job| ask.jobs.is_empty() || ask.jobs.contains(&job.name)) {
        let sizes: &[u64] = if job.on == On::Sizes { &ask.sizes } else { &[0] };
        let databases = if job.on == On::Nothing { vec![Database::None] } else { Database::all() };
        for database in databases {
            for size in sizes {
                measure(job, database, *size, &mut figures);
            }
        }
    }
    print!("\n{}", figure::table(&figures));
    let growth = figure::growth(&figures);
    if !growth.is_empty() {
        print!("\n{growth}");
    }
    if let Some(file) = ask.json {
        let text = serde_json::to_string_pretty(&figures).expect("numbers and texts");
        std::fs::write(file, text + "\n").expect("the file takes it");
    }
}

/// The arguments.
struct Ask {
    jobs: Vec<&'static str>,
    sizes: Vec<u64>,
    json: Option<PathBuf>,
}

impl Ask {
    fn of(given: &[String]) -> Result<Self, String> {
        let mut ask = Self { jobs: Vec::new(), sizes: SIZES.to_vec(), json: None };
        let mut rest = given.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--persons" => {
                    let number = |text: &str| {
                        let bare = text.replace('_', "");
                        bare.parse::<u64>()
                            .ok()
                            .filter(|n| *n > 0)
                            .ok_or(format!("{text}: no number"))
                    };
                    ask.sizes = value()?.split(',').map(number).collect::<Result<_, _>>()?;
                }
                "--json" => ask.json = Some(PathBuf::from(value()?)),
                name => match JOBS.iter().find(|job| job.name == name) {
                    Some(job) => ask.jobs.push(job.name),
                    None => return Err(format!("{name}: nothing of that name is measured")),
                },
            }
        }
        Ok(ask)
    }
}

/// Takes the steps of a job, each in a process of its own, over a new database.
fn measure(job: &Job, database: Database, size: u64, figures: &mut Vec<Figure>) {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::made(database, size, folder.path());
    for step in job.steps {
        let this = std::env::current_exe().expect("this program has a path");
        let mut child = Command::new(this);
        child.args(["--child", job.name, step, &place.written()]).stdout(Stdio::piped());
        let out = child.output().expect("starts again");
        for line in String::from_utf8_lossy(&out.stdout).lines() {
            match figure::heard(line) {
                Some(figure) => {
                    let database = database.name().to_owned();
                    let size = if figure.size > 0 { figure.size } else { size };
                    let figure = Figure { database, size, ..figure };
                    eprint!(
                        "{}",
                        figure::table(std::slice::from_ref(&figure))
                            .lines()
                            .last()
                            .unwrap_or_default()
                    );
                    eprintln!();
                    figures.push(figure);
                }
                None => eprintln!("  {} {line}", database.name()),
            }
        }
        assert!(
            out.status.success(),
            "{} {step}:\n{}",
            job.name,
            String::from_utf8_lossy(&out.stderr)
        );
    }
    place.removed();
}
