//! Files in and out: hostile uploads, honest ones, exports and bank files.

mod bank;
pub mod build;
mod hostile;
mod iso20022;
mod profiles;
mod reading;
mod writing;

use std::ops::ControlFlow;

use juncai::file::reader::{Limits, ReadError, TableSummary, read_table};
use juncai::file::table::{Cell, Row};

/// All rows of an upload under the default limits.
fn rows(bytes: &[u8], name: &str) -> Result<(TableSummary, Vec<Row>), ReadError> {
    let mut rows = Vec::new();
    let summary = read_table(bytes, name, &Limits::default(), &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
    Ok((summary, rows))
}

/// The row numbers with their cells as text, empty ones as `""`.
pub fn texts(bytes: &[u8], name: &str) -> Vec<(u32, Vec<String>)> {
    let (_, rows) = rows(bytes, name).expect("a readable table");
    rows.into_iter().map(|row| (row.number, row.cells.into_iter().map(shown).collect())).collect()
}

fn shown(cell: Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) | Cell::Number(text) | Cell::Invalid(text) => text,
        Cell::Date(date) => date.to_string(),
    }
}
