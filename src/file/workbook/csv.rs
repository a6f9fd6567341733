//! CSV for people: opens in Excel and WPS without a wizard, and cannot run a formula there.

use super::{CellOut, Table, Totals, WriteError};

/// UTF-8 byte order mark; without it Excel on Chinese Windows takes the file for GBK.
pub(in super::super) const BOM: &str = "\u{FEFF}";
/// Characters that make spreadsheet programs take a text for a formula; the full-width forms count
/// in Chinese and Japanese versions.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\0', '＝', '＋', '－', '＠'];

/// Writes UTF-8 with byte order mark and CRLF line ends.
///
/// A text that a program could take for a formula gets a leading `'`; amounts, days and whole
/// numbers are typed here and need none. Programs turn long digit strings into rounded numbers when
/// they open a CSV, so identifiers and accounts belong in [`super::write_xlsx`].
///
/// # Errors
///
/// [`WriteError::TotalTooLarge`] if a total row is asked for and does not fit.
pub fn to_csv(
    table: &Table,
    rows: impl IntoIterator<Item = Vec<CellOut>>,
) -> Result<Vec<u8>, WriteError> {
    let mut out = String::from(BOM);
    let header = table.columns.iter().map(|column| CellOut::Text(column.name.clone()));
    push_record(&mut out, &header.collect::<Vec<_>>());
    let mut totals = Totals::new(table);
    for cells in rows {
        if table.total_row {
            totals.add(&cells)?;
        }
        push_record(&mut out, &cells);
    }
    if table.total_row {
        push_record(&mut out, &totals.row(table));
    }
    Ok(out.into_bytes())
}

/// Writes texts exactly as they are, for our own reader: what a machine hands in becomes a file of
/// the same form as a person's, and is never meant for a spreadsheet program as it stands.
pub fn plain_csv<'a>(header: &[&str], rows: impl IntoIterator<Item = Vec<&'a str>>) -> Vec<u8> {
    let mut out = String::from(BOM);
    let mut push = |cells: &[&str]| {
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            quote_field(&mut out, cell);
        }
        out.push_str("\r\n");
    };
    push(header);
    for row in rows {
        push(&row);
    }
    out.into_bytes()
}

fn push_record(out: &mut String, cells: &[CellOut]) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        match cell {
            CellOut::Empty => {}
            CellOut::Text(text) => quote_field(out, &defused(text)),
            CellOut::Amount(amount) => out.push_str(&amount.to_string()),
            CellOut::Date(date) => out.push_str(&date.to_string()),
            CellOut::Integer(number) => out.push_str(&number.to_string()),
        }
    }
    out.push_str("\r\n");
}

fn defused(text: &str) -> std::borrow::Cow<'_, str> {
    if text.starts_with(FORMULA) { format!("'{text}").into() } else { text.into() }
}

/// Appends a field by RFC 4180, quoted only where needed.
pub(in super::super) fn quote_field(out: &mut String, field: &str) {
    if field.contains(['"', ',', ';', '\t', '\r', '\n']) {
        out.push('"');
        out.push_str(&field.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(field);
    }
}
