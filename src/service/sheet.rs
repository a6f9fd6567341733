//! A report as a workbook to take away, and small tables that come back filled in.

use std::ops::ControlFlow;

use crate::app::App;
use crate::clock::china_time;
use crate::file::reader::{Limits, read_table};
use crate::file::table::{Cell, Row};
use crate::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, write_xlsx};
use crate::service::{Actor, Error, invalid};

/// Most rows of a table that comes back.
const MOST_ROWS: u32 = 2_000;
/// Wrong cells that are told at once.
const MOST_FAULTS: usize = 100;
/// How the row of sums begins that [`workbook`] ends with.
const TOTAL: &str = "合计";

/// Name, kind and width (characters) of a column.
pub(super) type Column = (&'static str, ColumnKind, f64);

/// The workbook of a report, with a total row and the name of who takes it.
pub(super) fn workbook(
    app: &App,
    actor: &Actor,
    title: &str,
    columns: &[Column],
    rows: impl Iterator<Item = Vec<CellOut>>,
) -> Result<Vec<u8>, Error> {
    let spec = |(name, kind, width): &Column| ColumnSpec::new(name, *width, *kind);
    let table = Table {
        title: title.to_owned(),
        columns: columns.iter().map(spec).collect(),
        total_row: true,
        comment: format!("导出人：{}（{}）", actor.name, actor.organisation),
        created_at: china_time(app.clock.now()).naive_local(),
    };
    write_xlsx(&table, rows).map_err(|error| Error::Refused(error.to_string()))
}

/// A row of an uploaded table with these many columns.
#[derive(Debug, Clone)]
pub(super) struct SheetRow<const N: usize> {
    number: u32,
    cells: [String; N],
}

impl<const N: usize> SheetRow<N> {
    /// The cells in the order of the columns that were asked for, without space around them.
    pub(super) fn cells(&self) -> [&str; N] {
        self.cells.each_ref().map(String::as_str)
    }

    /// What is wrong with a cell, for the field `file`.
    pub(super) fn fault(&self, column: &str, text: &str) -> (String, String) {
        invalid("file", format!("第 {} 行 {column}：{text}", self.number))
    }

    /// What is wrong with the fields of a form that the row was read as, by column.
    pub(super) fn faults(
        &self,
        wrong: Vec<(String, String)>,
        column: impl Fn(&str) -> &'static str,
    ) -> Vec<(String, String)> {
        wrong.into_iter().map(|(field, text)| self.fault(column(&field), &text)).collect()
    }
}

/// Refuses a table as soon as one cell is wrong, with the first hundred of them.
pub(super) fn whole(mut faults: Vec<(String, String)>) -> Result<(), Error> {
    faults.truncate(MOST_FAULTS);
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// The rows of a table whose first row names these columns, in any order; a column that is not
/// there reads as empty unless it is the first. Rows without anything in these columns are left
/// out.
///
/// # Errors
/// [`Error::Invalid`] (`file`) when it cannot be read, holds no row or more than 2,000, or lacks
/// the first column.
pub(super) fn read_sheet<const N: usize>(
    (name, bytes): (&str, &[u8]),
    columns: &[&str; N],
) -> Result<Vec<SheetRow<N>>, Error> {
    let wrong = |text: String| Error::Invalid(vec![invalid("file", text)]);
    let text = |cell: &Cell| match cell {
        Cell::Text(text) | Cell::Number(text) | Cell::Invalid(text) => text.trim().to_owned(),
        Cell::Date(day) => day.to_string(),
        Cell::Empty => String::new(),
    };
    let limits = Limits { max_rows: MOST_ROWS, ..Limits::default() };
    let (mut rows, mut places) = (Vec::new(), None);
    let mut take = |row: Row| {
        let Some(places) = &places else {
            let named: Vec<String> = row.cells.iter().map(text).collect();
            let plain = |name: &String| name.trim_end_matches('*').trim().to_owned();
            let named: Vec<String> = named.iter().map(plain).collect();
            places = Some(columns.map(|column| named.iter().position(|name| name == column)));
            return ControlFlow::Continue(());
        };
        let cells = places.map(|at| at.and_then(|at| row.cells.get(at)).map(text));
        let cells = cells.map(Option::unwrap_or_default);
        if cells.iter().any(|cell| !cell.is_empty()) && cells[0] != TOTAL {
            rows.push(SheetRow { number: row.number, cells });
        }
        ControlFlow::Continue(())
    };
    read_table(bytes, name, &limits, &mut take).map_err(|error| wrong(error.to_string()))?;
    if places.is_none_or(|places| places.first().is_none_or(Option::is_none)) {
        let first = columns.first().copied().unwrap_or_default();
        return Err(wrong(format!("首行缺少列“{first}”，请使用本页下载的表格")));
    }
    if rows.is_empty() {
        return Err(wrong("表格中没有可读的行".to_owned()));
    }
    Ok(rows)
}
