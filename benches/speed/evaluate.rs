//! `juncai evaluate` over NDJSON beside reading and writing the same lines without deciding, both on one
//! core.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::process::Command;
use std::time::Instant;

use juncai::domain::determine::{Determination, PersonFacts, Run};
use juncai::domain::edition::Policy;

use crate::engine;
use crate::figure::{Figure, say};
use crate::place::Place;

const LINES: usize = 200_000;
const ROUNDS: usize = 3;

pub fn run(_: &str, place: &Place) {
    let file = |name: &str| place.folder.join(name);
    let mut lines = String::new();
    (0..LINES).for_each(|number| writeln!(lines, "{}", engine::person(number)).expect("memory"));
    fs::write(file("persons.ndjson"), &lines).expect("written");
    let enterprises: Vec<String> = (0..40).map(engine::enterprise).collect();
    fs::write(file("enterprises.ndjson"), enterprises.join("\n")).expect("written");
    fs::write(file("policy.toml"), engine::POLICY).expect("written");
    let answers = answers(&lines);
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        limit.push(around(place, &answers));
        ours.push(evaluated(place));
    }
    let a_second = |seconds: Vec<f64>| LINES as f64 / median(seconds);
    let limit = (a_second(limit), "read and written only");
    say(&Figure::rate("evaluate, NDJSON", a_second(ours), "lines/s", limit).goal(0.6));
}

/// What the program answers to each line.
fn answers(lines: &str) -> Vec<Determination> {
    let policy = Policy::parse(engine::POLICY, "policy.toml").expect("the shipped policy is sound");
    let enterprises = engine::enterprises();
    let run = Run::new(&policy, &enterprises, 2026, None).expect("a year");
    let answer = |line: &str| {
        let person: PersonFacts = serde_json::from_str(line).expect("a sound line");
        run.determine(&person).expect("decided")
    };
    lines.lines().map(answer).collect()
}

/// Seconds for reading every line and writing an answer that is known already.
fn around(place: &Place, answers: &[Determination]) -> f64 {
    let start = Instant::now();
    let reader = BufReader::new(File::open(place.folder.join("persons.ndjson")).expect("there"));
    let out = File::create(place.folder.join("around.ndjson")).expect("created");
    let mut out = BufWriter::with_capacity(1 << 20, out);
    for (line, answer) in reader.split(b'\n').zip(answers) {
        let line = line.expect("read");
        black_box(serde_json::from_slice::<PersonFacts>(&line).expect("a sound line"));
        serde_json::to_writer(&mut out, answer).expect("written");
        out.write_all(b"\n").expect("written");
    }
    out.flush().expect("written");
    start.elapsed().as_secs_f64()
}

/// The middle of some figures.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Seconds that the program takes on one core.
fn evaluated(place: &Place) -> f64 {
    let start = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_juncai"))
        .current_dir(&place.folder)
        .env("RAYON_NUM_THREADS", "1")
        .args(["evaluate", "--policy", "policy.toml", "--year", "2026"])
        .args(["--enterprises", "enterprises.ndjson", "--persons", "persons.ndjson"])
        .args(["--out", "answers.ndjson"])
        .status();
    assert!(status.expect("starts").success());
    start.elapsed().as_secs_f64()
}
