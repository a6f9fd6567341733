//! One line of the table: what was measured beside what limit.

use serde::{Deserialize, Serialize};

/// A figure and its limit, both of one run on one machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Figure {
    /// What was done.
    pub what: String,
    /// On which database; empty when on none.
    pub database: String,
    /// How many persons, rows or lines; 0 where it does not matter.
    pub size: u64,
    /// Ours.
    pub ours: f64,
    /// Of both.
    pub unit: String,
    /// The limit.
    pub limit: f64,
    /// What the limit is.
    pub of: String,
    /// At least so much is wanted of `ratio`.
    pub goal: f64,
    /// Whether the unit counts work by time, so that more is better.
    pub is_rate: bool,
    /// Seconds of the whole work where it grows with the size: 0 where it does not.
    pub seconds: f64,
}

impl Figure {
    /// So much work in some time: more is better.
    pub fn rate(what: &str, ours: f64, unit: &str, (limit, of): (f64, &str)) -> Self {
        Self::new(what, ours, unit, (limit, of), true)
    }

    /// Time or memory: less is better.
    pub fn cost(what: &str, ours: f64, unit: &str, (limit, of): (f64, &str)) -> Self {
        Self::new(what, ours, unit, (limit, of), false)
    }

    fn new(what: &str, ours: f64, unit: &str, (limit, of): (f64, &str), is_rate: bool) -> Self {
        Self {
            what: what.to_owned(),
            database: String::new(),
            size: 0,
            ours,
            unit: unit.to_owned(),
            limit,
            of: of.to_owned(),
            goal: 1.0,
            is_rate,
            seconds: 0.0,
        }
    }

    /// The share of the limit that is wanted; all of it unless said.
    pub fn goal(mut self, goal: f64) -> Self {
        self.goal = goal;
        self
    }

    /// Whose growth is looked at: the whole work took so long.
    pub fn grows(mut self, seconds: f64) -> Self {
        self.seconds = seconds;
        self
    }

    /// How much of the limit is reached; 1 is as good as it.
    pub fn ratio(&self) -> f64 {
        if self.is_rate { self.ours / self.limit } else { self.limit / self.ours }
    }

    /// Whether the goal is reached.
    pub fn is_reached(&self) -> bool {
        self.ratio() >= self.goal
    }
}

/// Prints a figure for the process that gathers them.
pub fn say(figure: &Figure) {
    println!("{}", serde_json::to_string(figure).expect("numbers and texts"));
}

/// The figure of a printed line; nothing when the line is none.
pub fn heard(line: &str) -> Option<Figure> {
    serde_json::from_str(line).ok()
}

/// A number with as many places as say something.
fn short(number: f64) -> String {
    match number.abs() {
        n if n >= 10_000.0 => grouped(number.round()),
        n if n >= 100.0 => format!("{number:.0}"),
        n if n >= 10.0 => format!("{number:.1}"),
        n if n >= 0.1 => format!("{number:.2}"),
        _ => format!("{number:.4}"),
    }
}

fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The table of all figures.
pub fn table(figures: &[Figure]) -> String {
    let mut text = String::from(
        "| What | Database | Size | Ours | Limit | Ratio | Goal | |\n|---|---|---:|---:|---:|---:|---:|---|\n",
    );
    for figure in figures {
        let size = if figure.size == 0 { String::new() } else { grouped(figure.size as f64) };
        text.push_str(&format!(
            "| {} | {} | {size} | {} {} | {} ({}) | {:.2} | {:.2} | {} |\n",
            figure.what,
            figure.database,
            short(figure.ours),
            figure.unit,
            short(figure.limit),
            figure.of,
            figure.ratio(),
            figure.goal,
            if figure.is_reached() { "" } else { "MISSED" },
        ));
    }
    text
}

/// Time by person at each size against that at the smallest; empty with one size.
pub fn growth(figures: &[Figure]) -> String {
    let mut text = String::new();
    for first in figures.iter().filter(|figure| figure.seconds > 0.0) {
        let same = |other: &&Figure| {
            other.what == first.what && other.database == first.database && other.seconds > 0.0
        };
        let all: Vec<&Figure> = figures.iter().filter(same).collect();
        if all.len() < 2 || all.iter().any(|other| other.size < first.size) {
            continue;
        }
        let by_one = |figure: &Figure| figure.seconds / figure.size as f64;
        let steps: Vec<String> = all
            .iter()
            .map(|figure| {
                format!(
                    "{}: {} us ({:.2})",
                    grouped(figure.size as f64),
                    short(by_one(figure) * 1e6),
                    by_one(figure) / by_one(first)
                )
            })
            .collect();
        text.push_str(&format!("| {} | {} | {} |\n", first.what, first.database, steps.join("; ")));
    }
    if text.is_empty() {
        return text;
    }
    format!(
        "| What | Database | Time by person (beside that at the smallest size) |\n|---|---|---|\n{text}"
    )
}
