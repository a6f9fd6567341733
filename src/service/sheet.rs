//! A report as a workbook to take away.

use crate::app::App;
use crate::clock::china_time;
use crate::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, write_xlsx};
use crate::service::{Actor, Error};

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
