//! A list behind a figure as a workbook.

use serde_json::json;

use super::{Behind, Cell, Conditions, behind};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::registry::Code;
use crate::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, write_xlsx};
use crate::service::seen::{SeenKind, note_files_exported, note_many};
use crate::service::{Actor, Error, log};

/// Rows of one workbook; a longer list is narrowed first.
const MOST_ROWS: u64 = 200_000;

/// All rows of a list, and its title. The export is logged with its conditions.
///
/// # Errors
/// As [`behind`]; [`Error::Refused`] when there are too many rows.
pub async fn export(
    app: &App,
    actor: &Actor,
    what: Behind,
    wanted: &Conditions,
) -> Result<(String, Vec<u8>), Error> {
    let found = behind(app, actor, what, wanted, (0, MOST_ROWS)).await?;
    if found.total > MOST_ROWS {
        return Err(Error::Refused(format!(
            "共 {} 行，超过一次导出的上限 {MOST_ROWS} 行，请缩小范围后再导出",
            found.total
        )));
    }
    let kind = |at: usize| match found.rows.iter().find_map(|row| row.get(at)) {
        Some(Cell::Count(_)) => ColumnKind::Integer,
        Some(Cell::Money(_)) => ColumnKind::Amount,
        Some(Cell::Day(_)) => ColumnKind::Date,
        _ => ColumnKind::Text,
    };
    let mut columns = Vec::new();
    for (at, name) in found.columns.iter().enumerate() {
        let kind = kind(at);
        let width = if kind == ColumnKind::Text { 26.0 } else { 16.0 };
        columns.push(ColumnSpec { name: (*name).to_owned(), width, kind });
    }
    let table = Table {
        title: what.label().to_owned(),
        columns,
        total_row: false,
        comment: format!("{}；导出人：{}（{}）", found.title, actor.name, actor.organisation),
        created_at: china_time(app.clock.now()).naive_local(),
    };
    let rows = found.rows.iter().map(|row| row.iter().map(cell).collect());
    let bytes = write_xlsx(&table, rows).map_err(|error| Error::Refused(error.to_string()))?;
    let conditions: serde_json::Map<String, serde_json::Value> =
        wanted.pairs().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let detail = json!({ "conditions": conditions, "rows": found.total });
    let tx = app.db.begin().await?;
    let (persons, files) = named(&found.rows);
    note_many(app, &tx, actor, (SeenKind::Exported, &persons)).await?;
    note_files_exported(app, &tx, actor, &files).await?;
    log(app, &tx, actor, "overview.exported", ("overview", what.code()), &detail).await?;
    tx.commit().await?;
    Ok((found.title, bytes))
}

/// Numbers of the persons and of the files in rows.
fn named(rows: &[Vec<Cell>]) -> (Vec<&str>, Vec<&str>) {
    let (mut persons, mut files) = (Vec::new(), Vec::new());
    for cell in rows.iter().flatten() {
        match cell {
            Cell::Person(no, _) => persons.push(no.as_str()),
            Cell::Case(no) => files.push(no.as_str()),
            _ => {}
        }
    }
    (persons, files)
}

fn cell(cell: &Cell) -> CellOut {
    match cell {
        Cell::None => CellOut::Empty,
        Cell::Text(text) | Cell::Enterprise(_, text) | Cell::Case(text) => {
            CellOut::Text(text.clone())
        }
        Cell::State(word) => CellOut::Text((*word).to_owned()),
        Cell::Person(no, name) => CellOut::Text(format!("{name} {no}")),
        Cell::Count(number) => CellOut::Integer(*number),
        Cell::Money(amount) => CellOut::Amount(*amount),
        Cell::Day(day) => CellOut::Date(*day),
    }
}
