//! How many person-years the engine decides a second on one core, without and with the trace. Bounded to
//! a few seconds.

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use juncai::domain::determine::{Enterprises, PersonFacts, Run};
use juncai::domain::edition::Policy;

use crate::figure::{Figure, say};
use crate::place::Place;

pub const POLICY: &str = include_str!("../../policies/core-engineer.toml");
const PERSONS: usize = 5_000;
const YEARS: [i32; 4] = [2025, 2026, 2027, 2028];
const ROUND: Duration = Duration::from_millis(1_200);

/// Runs whole rounds until the time is up; items a second.
pub fn rate(items: usize, mut round: impl FnMut()) -> f64 {
    round();
    let start = Instant::now();
    let mut rounds = 0;
    while start.elapsed() < ROUND {
        round();
        rounds += 1;
    }
    (items * rounds) as f64 / start.elapsed().as_secs_f64()
}

/// One person of four years: 1 to 3 employers in turn, some transfers that overlap, some gaps,
/// evidence by month, a few suspensions and awards.
pub fn person(number: usize) -> String {
    let mut line = format!("{{\"person\":\"P{number:06}\",");
    let (mut work, mut evidence) = (String::new(), String::new());
    for part in 0..1 + number % 3 {
        let (year, month) = (2026 + part, 1 + (number / 7 + part * 5) % 12);
        let enterprise = (number + part * 17) % 40;
        let comma = if part > 0 { "," } else { "" };
        let _ = write!(
            work,
            "{comma}{{\"enterprise\":\"91350100M00{enterprise:03}0Y43\",\"from\":\"{year}-{month:02}-{:02}\",\"through\":\"{}-{:02}-17\"}}",
            1 + number % 28,
            year + 1,
            1 + (month + number) % 12,
        );
    }
    for month in 0..36 {
        if (month + number).is_multiple_of(23) {
            continue;
        }
        let comma = if evidence.is_empty() { "" } else { "," };
        let (year, month) = (2026 + month / 12, 1 + month % 12);
        let _ = write!(
            evidence,
            "{comma}{{\"month\":\"{year}-{month:02}\",\"enterprise\":\"91350100M000000Y43\"}}"
        );
    }
    let _ = write!(line, "\"employments\":[{work}],\"roster\":[{work}],\"evidence\":[{evidence}]");
    if number.is_multiple_of(9) {
        line.push_str(",\"suspensions\":[{\"from\":\"2026-05-03\",\"through\":\"2026-06-20\"}]");
    }
    if number.is_multiple_of(7) {
        line.push_str(
            ",\"other_awards\":[{\"group\":\"provincial-talent\",\"year\":2027,\"amount\":\"5000.00\"}]",
        );
    }
    line.push('}');
    line
}

/// One of forty enterprises, NDJSON.
pub fn enterprise(number: usize) -> String {
    let division = ["350102", "350203", "350503", "350128"][number % 4];
    format!(
        "{{\"uscc\":\"91350100M00{number:03}0Y43\",\"division\":\"{division}\",\"listings\":[{{\"from\":\"2025-12-01\"}}]}}"
    )
}

/// All forty.
pub fn enterprises() -> Enterprises {
    let read = |number| serde_json::from_str(&enterprise(number)).expect("a sound line");
    Enterprises::new((0..40).map(read).collect()).expect("no code twice")
}

pub fn run(_: &str, _: &Place) {
    let policy = Policy::parse(POLICY, "core-engineer.toml").expect("the shipped policy is sound");
    let enterprises = enterprises();
    let facts: Vec<PersonFacts> = (0..PERSONS)
        .map(|number| serde_json::from_str(&person(number)).expect("a sound line"))
        .collect();
    let runs = YEARS.map(|year| Run::new(&policy, &enterprises, year, None).expect("a year"));
    let years = PERSONS * YEARS.len();
    let plain = rate(years, || {
        for person in &facts {
            for run in &runs {
                black_box(run.determine(person).expect("decided"));
            }
        }
    });
    let traced = rate(years, || {
        for person in &facts {
            for run in &runs {
                black_box(run.explain(person).expect("decided"));
            }
        }
    });
    let wanted = "wanted of a core";
    say(&Figure::rate("engine, no trace", plain, "person-years/s", (3e6, wanted)));
    say(&Figure::rate("engine, with the trace", traced, "person-years/s", (6e5, wanted)));
}
