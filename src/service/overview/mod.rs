//! Figures that people look at rather than read, each with the list that it counts.
//!
//! [`overview`] gives the figures of whoever looks, [`behind`] the list behind one of them. Both go
//! through the same choices of `store::directory::overview`, so that they cannot disagree.

mod export;
mod figures;
mod ground;
mod lists;

use chrono::NaiveDate;
use serde::Deserialize;

use crate::code_list;
use crate::domain::money::Fen;

pub use export::export;
pub use figures::overview;
pub use lists::{ROWS_A_PAGE, behind};

code_list! {
    /// A list behind figures; the code is part of its address.
    Behind {
        /// Files that wait for somebody.
        Cases = "cases", "在办办件";
        /// The confirmed roster today.
        Roster = "roster", "在册工程师";
        /// Enterprises with their engineers and money.
        Enterprises = "enterprises", "企业人数与金额";
        /// Places of the quota that are taken this year.
        Places = "places", "已用认定名额";
        /// Departures reported this year.
        Departures = "departures", "离职报告";
        /// What live entitlements grant.
        Entitled = "entitled", "核定明细";
        /// What was paid.
        Paid = "paid", "已付明细";
    }
}

/// Conditions of a list; an empty one does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Conditions {
    /// Kind of file.
    pub kind: String,
    /// State of a file.
    pub state: String,
    /// City-level unit; for a city, a county.
    pub unit: String,
    /// Code of an enterprise.
    pub uscc: String,
    /// Class of a place.
    pub class: String,
    /// Award year.
    pub year: String,
    /// Anything: only what is over its time.
    pub late: String,
}

impl Conditions {
    /// The conditions that restrict, as fields of an address.
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("kind", self.kind.as_str()),
            ("state", &self.state),
            ("unit", &self.unit),
            ("uscc", &self.uscc),
            ("class", &self.class),
            ("year", &self.year),
            ("late", &self.late),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    None,
    /// Words.
    Text(String),
    /// A word of the dictionary of states.
    State(&'static str),
    /// A person: number and name.
    Person(String, String),
    /// An enterprise: code and name.
    Enterprise(String, String),
    /// A file, by its number.
    Case(String),
    /// A number of things.
    Count(i64),
    /// An amount.
    Money(Fen),
    /// A day.
    Day(NaiveDate),
}

/// One bar of a figure, and its line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What it is about.
    pub label: String,
    /// Heading of the bars that stand together; empty without one.
    pub group: &'static str,
    /// Length of the part of each series, in thousandths of the longest bar.
    pub parts: Vec<u32>,
    /// What is written at the bar.
    pub value: Cell,
    /// More words at the bar; may be empty.
    pub note: String,
    /// Cells of the table after the label.
    pub cells: Vec<Cell>,
    /// The list that it counts.
    pub behind: Option<(Behind, Conditions)>,
    /// How many rows that list has.
    pub count: u64,
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Name for addresses.
    pub id: &'static str,
    /// Heading.
    pub title: &'static str,
    /// What it shows, in a sentence.
    pub about: String,
    /// Names of the series, in the order of the parts.
    pub series: Vec<&'static str>,
    /// Headers of the table; the first is that of the labels.
    pub columns: Vec<&'static str>,
    /// Bars, top to bottom.
    pub bars: Vec<Bar>,
    /// The whole list, where the figure shows a part of it.
    pub whole: Option<(Behind, Conditions)>,
}

/// A list behind a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// Heading.
    pub title: String,
    /// Headers.
    pub columns: Vec<&'static str>,
    /// Rows of this page.
    pub rows: Vec<Vec<Cell>>,
    /// How many there are.
    pub total: u64,
}
