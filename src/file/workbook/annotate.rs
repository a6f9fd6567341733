//! The user's own rows with what is wrong written next to them.

use std::collections::HashMap;
use std::ops::ControlFlow;

use chrono::DateTime;
use rust_xlsxwriter::{Color, Format, Workbook, Worksheet};

use super::super::reader::{Limits, ReadError, read_table};
use super::super::table::{Cell, Row};
use super::template::note_of;
use super::{Formats, WriteError, excel_date, properties};

/// Header of the added column. Whoever reads an upload must skip a column of this name: people
/// correct the annotated file and upload it again.
pub const ERROR_COLUMN: &str = "错误说明";

/// Notes beyond this many make spreadsheet programs crawl; the added column still says everything.
const MAX_NOTES: usize = 2_000;

/// One thing that is wrong with one row of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowIssue {
    /// The row number that the spreadsheet program shows.
    pub row: u32,
    /// Header of the column it is about; any other text for the row as a whole.
    pub column: String,
    /// What is wrong and why.
    pub reason: String,
    /// How to put it right; may be empty.
    pub fix: String,
}

/// Why an upload cannot be annotated.
#[derive(Debug, thiserror::Error)]
pub enum AnnotateError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The result cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Writes the rows of `original`, an `.xlsx` or CSV, to an `.xlsx` with the same row numbers and a
/// last column 错误说明; the cells in question are red and carry a note.
///
/// Formulas become their values, and formats other than dates are not kept. A column 错误说明 from an
/// earlier round is replaced.
///
/// # Errors
///
/// As for [`read_table`] and [`super::write_xlsx`].
pub fn annotate(
    original: &[u8],
    file_name: &str,
    limits: &Limits,
    issues: &[RowIssue],
) -> Result<Vec<u8>, AnnotateError> {
    let mut by_row: HashMap<u32, Vec<&RowIssue>> = HashMap::new();
    for issue in issues {
        by_row.entry(issue.row).or_default().push(issue);
    }
    let mut workbook = Workbook::new();
    let comment = "红色单元格需要修改，原因见最后一列；改好后可直接上传本文件";
    let properties = properties("导入标注", comment, DateTime::UNIX_EPOCH.naive_utc())?;
    workbook.set_properties(&properties);
    let sheet = workbook.add_worksheet_with_constant_memory().map_err(WriteError::from)?;
    let mut page = Page::new(sheet, by_row)?;
    let mut failure = None;
    read_table(original, file_name, limits, &mut |row| match page.row(row) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            failure = Some(error);
            ControlFlow::Break(())
        }
    })?;
    match failure {
        Some(error) => Err(error.into()),
        None => Ok(workbook.save_to_buffer().map_err(WriteError::from)?),
    }
}

struct Page<'a> {
    sheet: &'a mut Worksheet,
    issues: HashMap<u32, Vec<&'a RowIssue>>,
    header: Vec<String>,
    /// Where the explanations go: the earlier column of that name, or the one after the header.
    error_column: usize,
    formats: Formats,
    general: Format,
    red: Format,
    notes: usize,
}

impl<'a> Page<'a> {
    fn new(
        sheet: &'a mut Worksheet,
        issues: HashMap<u32, Vec<&'a RowIssue>>,
    ) -> Result<Self, WriteError> {
        sheet.set_name("导入标注")?;
        sheet.set_freeze_panes(1, 0)?;
        let red = Format::new()
            .set_font_color(Color::RGB(0x009C_0006))
            .set_background_color(Color::RGB(0x00FF_C7CE));
        let (formats, general) = (Formats::new(), Format::new());
        Ok(Self {
            sheet,
            issues,
            header: Vec::new(),
            error_column: 0,
            formats,
            general,
            red,
            notes: 0,
        })
    }

    fn row(&mut self, row: Row) -> Result<(), WriteError> {
        let line = row.number - 1;
        if row.number == 1 {
            return self.header(&row.cells);
        }
        let issues = self.issues.remove(&row.number).unwrap_or_default();
        let width = row.cells.len().max(self.header.len());
        for column in 0..width {
            if column == self.error_column {
                continue;
            }
            let name = self.header.get(column).map(|name| name.trim());
            let bad = issues.iter().filter(|issue| Some(issue.column.trim()) == name);
            let reasons: Vec<String> = bad.map(|issue| explain(issue)).collect();
            let cell = row.cells.get(column).unwrap_or(&Cell::Empty);
            self.cell(line, index(column), cell, !reasons.is_empty())?;
            if !reasons.is_empty() && self.notes < MAX_NOTES {
                self.notes += 1;
                self.sheet.insert_note(line, index(column), &note_of(reasons.join("\n")))?;
            }
        }
        if !issues.is_empty() {
            let texts: Vec<String> = issues
                .iter()
                .map(|issue| format!("【{}】{}", issue.column, explain(issue)))
                .collect();
            let red = self.red.clone().set_num_format("@");
            let column = index(self.error_column);
            self.sheet.write_string_with_format(line, column, clip(texts.join("\n")), &red)?;
        }
        Ok(())
    }

    fn header(&mut self, cells: &[Cell]) -> Result<(), WriteError> {
        self.header = cells.iter().map(text_of).collect();
        let earlier = self.header.iter().position(|name| name.trim() == ERROR_COLUMN);
        self.error_column = earlier.unwrap_or(self.header.len());
        for (column, name) in self.header.iter().enumerate() {
            self.sheet.set_column_width(index(column), 16.0)?;
            self.sheet.write_string_with_format(0, index(column), name, &self.formats.header)?;
        }
        let column = index(self.error_column);
        self.sheet.set_column_width(column, 60.0)?;
        self.sheet.write_string_with_format(0, column, ERROR_COLUMN, &self.formats.header)?;
        // What is wrong with the header itself, such as a missing column.
        let issues = self.issues.remove(&1).unwrap_or_default();
        if !issues.is_empty() {
            let texts: Vec<String> = issues.iter().map(|issue| explain(issue)).collect();
            self.sheet.insert_note(0, column, &note_of(clip(texts.join("\n"))))?;
        }
        Ok(())
    }

    fn cell(&mut self, row: u32, column: u16, cell: &Cell, bad: bool) -> Result<(), WriteError> {
        let dress = |format: &Format, number_format: &str| {
            if bad { self.red.clone().set_num_format(number_format) } else { format.clone() }
        };
        let text = dress(&self.formats.plain.text, "@");
        match cell {
            Cell::Empty if bad => {
                self.sheet.write_blank(row, column, &text)?;
            }
            Cell::Empty => {}
            Cell::Text(value) | Cell::Invalid(value) => {
                self.sheet.write_string_with_format(row, column, value, &text)?;
            }
            // Stays a number, so that an identifier that lost digits is found again next time.
            Cell::Number(value) => match value.parse::<f64>() {
                Ok(number) => {
                    let format = dress(&self.general, "General");
                    self.sheet.write_number_with_format(row, column, number, &format)?;
                }
                Err(_) => {
                    self.sheet.write_string_with_format(row, column, value, &text)?;
                }
            },
            Cell::Date(date) => match excel_date(*date) {
                Some(day) => {
                    let format = dress(&self.formats.plain.date, "yyyy-mm-dd");
                    self.sheet.write_datetime_with_format(row, column, &day, &format)?;
                }
                None => {
                    self.sheet.write_string_with_format(row, column, date.to_string(), &text)?;
                }
            },
        }
        Ok(())
    }
}

fn explain(issue: &RowIssue) -> String {
    if issue.fix.is_empty() {
        issue.reason.clone()
    } else {
        format!("{}；{}", issue.reason, issue.fix)
    }
}

fn text_of(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) | Cell::Number(text) | Cell::Invalid(text) => text.clone(),
        Cell::Date(date) => date.to_string(),
    }
}

/// Readers bound the columns far below what a `u16` holds.
fn index(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}

/// Keeps the explanations of one row within what a cell of an upload may hold, so that the annotated
/// file can be uploaded again.
fn clip(text: String) -> String {
    const ROOM: usize = 3_000;
    if text.len() <= ROOM {
        return text;
    }
    let end = (0..=ROOM).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    format!("{}…", &text[..end])
}
