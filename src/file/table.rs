//! One uploaded table, whatever its format: a header and numbered rows of cells.

use chrono::NaiveDate;

/// One cell as the file holds it, before any meaning is read into it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Cell {
    /// Nothing there.
    #[default]
    Empty,
    /// Text, as typed.
    Text(String),
    /// A number cell, in its shortest exact decimal form. Identifiers in number cells have already
    /// lost digits and must be refused by whoever expects an identifier.
    Number(String),
    /// A date cell.
    Date(NaiveDate),
    /// A formula error such as `#N/A`, or a type no form expects; holds what to show.
    Invalid(String),
}

/// One row of an uploaded table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row number that the user's spreadsheet program shows (the header is 1).
    pub number: u32,
    /// Cells by header position; missing ones at the end are [`Cell::Empty`].
    pub cells: Vec<Cell>,
}
