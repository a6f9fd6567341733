//! Separated text by RFC 4180, with the leniency of Excel where the RFC is silent.
//!
//! Own parser rather than a crate: row numbers must be those that Excel shows (a blank line counts,
//! a line break inside quotes does not), and the bounds must hold before a field is copied.

use std::ops::ControlFlow;

use super::super::table::Cell;
use super::{Limits, ReadError, Sink, TableFormat, place, text};

/// The widest row any spreadsheet program can hold.
const EXCEL_COLUMNS: usize = 16_384;

pub(super) fn read(
    bytes: &[u8],
    limits: &Limits,
    sink: &mut Sink<'_>,
) -> Result<(TableFormat, ControlFlow<()>), ReadError> {
    let (text, encoding) = text::decode(bytes)?;
    let mut records = Records::new(&text, detect_delimiter(&text), limits);
    let format = TableFormat::Csv { encoding, delimiter: char::from(records.delimiter) };
    while let Some((number, cells)) = records.next()? {
        if sink.row(number, cells)?.is_break() {
            return Ok((format, ControlFlow::Break(())));
        }
    }
    Ok((format, ControlFlow::Continue(())))
}

/// The most frequent of `,` `;` `|` and tab outside quotes in the header line; a comma when in doubt.
fn detect_delimiter(text: &str) -> u8 {
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted => break,
            _ if quoted => {}
            _ => {
                if let Some(entry) = counts.iter_mut().find(|entry| entry.0 == byte) {
                    entry.1 += 1;
                }
            }
        }
    }
    // max_by_key keeps the last of equals, so the comma goes last.
    counts.iter().rev().max_by_key(|entry| entry.1).map_or(b',', |entry| entry.0)
}

/// The records of a separated text, one by one.
pub(in super::super) struct Records<'t> {
    rest: &'t str,
    delimiter: u8,
    limits: &'t Limits,
    number: u32,
}

impl<'t> Records<'t> {
    /// Starts at the beginning of `text`; `delimiter` is an ASCII character.
    pub(in super::super) fn new(text: &'t str, delimiter: u8, limits: &'t Limits) -> Self {
        Self { rest: text, delimiter, limits, number: 0 }
    }

    /// The next record with its number from 1, blank lines included; `None` at the end.
    pub(in super::super) fn next(&mut self) -> Result<Option<(u32, Vec<Cell>)>, ReadError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.number = self.number.saturating_add(1);
        let mut cells = Vec::new();
        for column in 0.. {
            if column >= EXCEL_COLUMNS {
                let limit = self.limits.max_columns;
                return Err(ReadError::TooManyColumns { row: self.number, limit });
            }
            let field = self.field(column)?;
            let cell = if field.is_empty() { Cell::Empty } else { Cell::Text(field) };
            place(&mut cells, self.number, column, cell, self.limits)?;
            if !self.skip_delimiter() {
                break;
            }
        }
        Ok(Some((self.number, cells)))
    }

    /// Steps over what ended a field; true if another field of the same record follows.
    fn skip_delimiter(&mut self) -> bool {
        let bytes = self.rest.as_bytes();
        let (skip, more) = match bytes.first() {
            None => (0, false),
            Some(b'\r') if bytes.get(1) == Some(&b'\n') => (2, false),
            Some(b'\r' | b'\n') => (1, false),
            Some(_) => (1, true),
        };
        self.rest = &self.rest[skip..];
        more
    }

    fn field(&mut self, column: usize) -> Result<String, ReadError> {
        let mut field = String::new();
        if let Some(inner) = self.rest.strip_prefix('"') {
            self.rest = inner;
            loop {
                let end =
                    self.rest.find('"').ok_or(ReadError::UnclosedQuote { row: self.number })?;
                self.take(&mut field, end, column)?;
                self.rest = &self.rest[1..];
                match self.rest.strip_prefix('"') {
                    Some(after) => {
                        field.push('"');
                        self.rest = after;
                    }
                    None => break,
                }
            }
        }
        // The whole field when it is not quoted; else what follows the closing quote, kept as it is.
        let stop = |byte: u8| byte == self.delimiter || byte == b'\r' || byte == b'\n';
        let end = self.rest.bytes().position(stop).unwrap_or(self.rest.len());
        self.take(&mut field, end, column)?;
        Ok(field)
    }

    /// Moves `len` bytes, which end at an ASCII character or the end, from the rest to `field`.
    fn take(&mut self, field: &mut String, len: usize, column: usize) -> Result<(), ReadError> {
        let limit = self.limits.max_cell_bytes;
        if field.len() + len > limit {
            let (row, column) = (self.number, column + 1);
            return Err(ReadError::CellTooLong { row, column, limit });
        }
        let (taken, rest) = self.rest.split_at(len);
        field.push_str(taken);
        self.rest = rest;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<(u32, Vec<String>)>, ReadError> {
        let limits = Limits::default();
        let mut records = Records::new(text, detect_delimiter(text), &limits);
        let mut out = Vec::new();
        while let Some((number, cells)) = records.next()? {
            let show = |cell: Cell| if let Cell::Text(text) = cell { text } else { String::new() };
            out.push((number, cells.into_iter().map(show).collect()));
        }
        Ok(out)
    }

    #[test]
    fn quotes_line_ends_and_blank_lines_read_as_excel_shows_them() {
        let text = "a,b\r\n\"1\n2\",\"say \"\"hi\"\"\"\n\r\nx\"y,\"p\"q\rlast";
        let rows = all(text).unwrap();
        let expected: [(u32, &[&str]); 5] = [
            (1, &["a", "b"]),
            (2, &["1\n2", "say \"hi\""]),
            (3, &[]),
            (4, &["x\"y", "pq"]),
            (5, &["last"]),
        ];
        let owned = |cells: &[&str]| cells.iter().map(ToString::to_string).collect();
        assert_eq!(rows, expected.map(|(number, cells)| (number, owned(cells))));
    }

    #[test]
    fn the_delimiter_is_the_most_frequent_outside_quotes_in_the_header() {
        for (header, delimiter) in [
            ("a;b;c\n1,2,3,4", b';'),
            ("a\tb\n", b'\t'),
            ("a|b|c,d\n1|2", b'|'),
            ("\"x;y;z\",b", b','),
            ("single", b','),
            ("a,b;c", b','),
        ] {
            assert_eq!(detect_delimiter(header), delimiter, "{header:?}");
        }
    }

    #[test]
    fn a_quote_that_never_closes_is_named_by_its_row() {
        assert_eq!(all("a,b\n\"open,2\n3,4"), Err(ReadError::UnclosedQuote { row: 2 }));
    }
}
