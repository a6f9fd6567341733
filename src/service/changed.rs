//! Lists of persons whose amount differs, as workbooks: between two texts, between two runs.

use serde_json::json;

use super::{Actor, Error, log};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::money::Fen;
use crate::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, write_xlsx};

/// The table without its rows: what it is called and about, and the heads of both amounts.
pub(super) fn table(
    app: &App,
    actor: &Actor,
    (title, about): (&str, &str),
    [before, after]: [&'static str; 2],
) -> Table {
    let column = ColumnSpec::new;
    Table {
        title: title.to_owned(),
        columns: vec![
            column("编号", 12.0, ColumnKind::Text),
            column("姓名", 14.0, ColumnKind::Text),
            column(before, 16.0, ColumnKind::Amount),
            column(after, 16.0, ColumnKind::Amount),
            column("差额（元）", 16.0, ColumnKind::Amount),
            column("原因", 48.0, ColumnKind::Text),
        ],
        total_row: true,
        comment: format!("{about}；导出人：{}（{}）", actor.name, actor.organisation),
        created_at: china_time(app.clock.now()).naive_local(),
    }
}

/// A row: number and name of the person, both amounts, why they differ.
pub(super) fn cells(
    [person_no, name]: [&str; 2],
    [before, after]: [Fen; 2],
    reason: &str,
) -> Vec<CellOut> {
    vec![
        CellOut::Text(person_no.to_owned()),
        CellOut::Text(name.to_owned()),
        CellOut::Amount(before),
        CellOut::Amount(after),
        CellOut::Amount(after.checked_sub(before).unwrap_or_default()),
        CellOut::Text(reason.to_owned()),
    ]
}

/// The workbook with the rows that were found; logged under `action`.
///
/// # Errors
/// [`Error::Refused`] when a cell cannot be written; when the log cannot.
pub(super) async fn workbook(
    app: &App,
    actor: &Actor,
    (action, object): (&str, (&str, &str)),
    (table, found): (Table, Option<(Vec<Vec<CellOut>>, i64)>),
) -> Result<Vec<u8>, Error> {
    let rows = found.map(|(rows, _)| rows).unwrap_or_default();
    let count = rows.len();
    let written = write_xlsx(&table, rows);
    let bytes = written.map_err(|error| Error::Refused(error.to_string()))?;
    let tx = app.db.begin().await?;
    log(app, &tx, actor, action, object, &json!({ "rows": count })).await?;
    tx.commit().await?;
    Ok(bytes)
}
