//! Workbooks, cell by cell. `worksheet_range` is never used: it allocates the whole rectangle
//! between the first and the last cell, which two cells far apart make unbounded.

use std::io::Cursor;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Reader, SheetType, SheetVisible, Xlsx};

use super::super::table::Cell;
use super::{Limits, ReadError, Sink, TableFormat, package, place, value};

pub(super) fn read(
    bytes: &[u8],
    limits: &Limits,
    sink: &mut Sink<'_>,
) -> Result<(TableFormat, ControlFlow<()>), ReadError> {
    package::inspect(bytes, limits)?;
    let mut workbook: Xlsx<_> = parse(|| Xlsx::new(Cursor::new(bytes)))?;
    let is_1904 = workbook.has_1904_epoch();
    let sheet = workbook
        .sheets_metadata()
        .iter()
        .find(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .ok_or(ReadError::NoVisibleSheet)?;
    let mut reader = parse(|| workbook.worksheet_cells_reader(&sheet))?;

    let (mut number, mut cells) = (1_u32, Vec::new());
    let mut flow = ControlFlow::Continue(());
    while let Some(found) = parse(|| reader.next_cell())? {
        let cell = value::cell(found.get_value(), is_1904);
        // Cells that only carry a format reach far beyond the data in many real files.
        if cell == Cell::Empty {
            continue;
        }
        let (row, column) = found.get_position();
        let row = row.saturating_add(1);
        if row < number {
            return Err(ReadError::Damaged);
        }
        if row > number {
            flow = sink.row(number, std::mem::take(&mut cells))?;
            if flow.is_break() {
                break;
            }
            number = row;
        }
        if number > limits.max_rows.saturating_add(1) {
            return Err(ReadError::TooManyRows { row: number, limit: limits.max_rows });
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        place(&mut cells, number, column, cell, limits)?;
    }
    if flow.is_continue() {
        flow = sink.row(number, cells)?;
    }
    Ok((TableFormat::Xlsx { sheet }, flow))
}

/// Runs one step of the workbook parser; what it cannot parse, or what makes it panic on an
/// arithmetic overflow in debug builds, is a damaged file. The parser is dropped after an error.
fn parse<T, E>(step: impl FnOnce() -> Result<T, E>) -> Result<T, ReadError> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) | Err(_) => Err(ReadError::Damaged),
    }
}
