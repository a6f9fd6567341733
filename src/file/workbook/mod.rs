//! Writes tables for people: exports, templates, annotated uploads.
//!
//! The same input gives the same bytes: nothing here reads a clock, and the creation time in the
//! document properties is an argument.

mod annotate;
mod csv;
mod template;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
    XlsxError,
};

use crate::domain::money::Fen;

pub use annotate::{AnnotateError, ERROR_COLUMN, RowIssue, annotate};
pub(super) use csv::{BOM, quote_field};
pub use csv::{plain_csv, to_csv};
pub use template::{TemplateColumn, template, template_csv};

/// The largest amount a spreadsheet cell holds to the fen: 15 significant digits.
const MAX_AMOUNT: u64 = 999_999_999_999_999;
/// The largest whole number a spreadsheet cell holds exactly.
const MAX_INTEGER: u64 = 999_999_999_999_999;
/// Characters of a comment at the foot of a printed page: a footer holds 255, its commands included.
const MARK_MAX: usize = 90;
/// Text of the total row.
const TOTAL: &str = "合计";

/// What a column holds; decides its format and alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text, identifiers and account numbers included: never converted by the program.
    Text,
    /// Yuan with two decimals.
    Amount,
    /// A day, shown as `2026-11-23`.
    Date,
    /// A whole number.
    Integer,
}

/// One column of an exported table.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnSpec {
    /// Header text.
    pub name: String,
    /// Width in characters of the default font; a Han character takes two.
    pub width: f64,
    /// What it holds.
    pub kind: ColumnKind,
}

impl ColumnSpec {
    /// A column by its parts.
    pub fn new(name: &str, width: f64, kind: ColumnKind) -> Self {
        Self { name: name.to_owned(), width, kind }
    }
}

/// One cell of an exported table. The cell decides how it is written, the column only how an empty
/// one looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CellOut {
    /// Nothing.
    Empty,
    /// Text, kept as it is: `=1+1` stays these four characters.
    Text(String),
    /// Money.
    Amount(Fen),
    /// A day.
    Date(NaiveDate),
    /// A whole number.
    Integer(i64),
}

/// Everything of an exported table but its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Name of the sheet and title in the document properties.
    pub title: String,
    /// The columns, left to right.
    pub columns: Vec<ColumnSpec>,
    /// Adds a last row with the sums of the amount columns.
    pub total_row: bool,
    /// Comment in the document properties: filters, who exported, for what.
    pub comment: String,
    /// Creation time in the document properties, local time.
    pub created_at: NaiveDateTime,
}

/// Why a table cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A text beyond what a spreadsheet cell holds (32,767 UTF-16 units).
    #[error("有单元格的文字超过 32767 个字符，无法导出为 Excel；请改用 CSV 导出")]
    CellTooLong,
    /// Beyond the rows or columns of a worksheet.
    #[error("行数超过 Excel 的上限（1048576 行）；请缩小筛选范围，或改用 CSV 导出")]
    TooManyRows,
    /// More than 15 digits, which a spreadsheet would round.
    #[error("金额 {0} 元超出 Excel 能精确保存的范围，无法导出")]
    AmountTooLarge(Fen),
    /// The sum does not fit.
    #[error("合计金额超出可处理的范围，无法导出")]
    TotalTooLarge,
    /// The writer failed, for example for lack of disk space.
    #[error("生成文件失败，请稍后重试；如仍失败请联系系统管理员")]
    Failed(#[source] XlsxError),
}

impl From<XlsxError> for WriteError {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::MaxStringLengthExceeded => Self::CellTooLong,
            XlsxError::RowColumnLimitError => Self::TooManyRows,
            other => Self::Failed(other),
        }
    }
}

/// Writes an `.xlsx` with a frozen bold header. Rows stream to a temporary file, so memory does not
/// grow with their number.
///
/// # Errors
///
/// Any [`WriteError`].
pub fn write_xlsx(
    table: &Table,
    rows: impl IntoIterator<Item = Vec<CellOut>>,
) -> Result<Vec<u8>, WriteError> {
    Ok(filled(table, rows)?.save_to_buffer()?)
}

/// The same into a file, so that not even the finished workbook is held in memory.
///
/// # Errors
///
/// Any [`WriteError`].
pub fn write_xlsx_to<W: std::io::Write + std::io::Seek + Send>(
    to: W,
    table: &Table,
    rows: impl IntoIterator<Item = Vec<CellOut>>,
) -> Result<(), WriteError> {
    Ok(filled(table, rows)?.save_to_writer(to)?)
}

fn filled(
    table: &Table,
    rows: impl IntoIterator<Item = Vec<CellOut>>,
) -> Result<Workbook, WriteError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(&table.title, &table.comment, table.created_at)?);
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    fill_table(sheet, table, rows)?;
    Ok(workbook)
}

/// Fills one sheet: name, widths, frozen header, rows, totals.
pub(super) fn fill_table(
    sheet: &mut Worksheet,
    table: &Table,
    rows: impl IntoIterator<Item = Vec<CellOut>>,
) -> Result<(), WriteError> {
    let formats = Formats::new();
    sheet.set_name(sheet_name(&table.title))?;
    sheet.set_freeze_panes(1, 0)?;
    set_print(sheet, table)?;
    for (index, column) in (0_u16..).zip(&table.columns) {
        sheet.set_column_width(index, column.width)?;
        sheet.set_column_format(index, formats.of(column.kind))?;
    }
    for (index, column) in (0_u16..).zip(&table.columns) {
        sheet.write_string_with_format(0, index, &column.name, &formats.header)?;
    }
    let mut totals = Totals::new(table);
    let mut next = 1_u32;
    for cells in rows {
        totals.add(&cells)?;
        for (index, cell) in (0_u16..).zip(&cells) {
            write_cell(sheet, next, index, cell, &formats.plain)?;
        }
        next = next.saturating_add(1);
    }
    if table.total_row {
        for (index, cell) in (0_u16..).zip(&totals.row(table)) {
            write_cell(sheet, next, index, cell, &formats.bold)?;
        }
    }
    Ok(())
}

/// How a table with a comment prints: one page wide, its header on every page, and at the foot of
/// each who took it, for what and when, so that a copy on paper leads back to them.
fn set_print(sheet: &mut Worksheet, table: &Table) -> Result<(), WriteError> {
    if table.comment.is_empty() {
        return Ok(());
    }
    sheet.set_landscape();
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(0, 0)?;
    let mark: String = table.comment.chars().take(MARK_MAX).collect();
    // An ampersand begins a command of the footer.
    let mark = mark.replace('&', "&&");
    let at = table.created_at.format("%Y-%m-%d %H:%M");
    sheet.set_footer(format!("&L&8{mark}；{at}&R&8第 &P 页，共 &N 页"));
    Ok(())
}

/// Sums of the amount columns.
struct Totals(Vec<Option<Fen>>);

impl Totals {
    fn new(table: &Table) -> Self {
        let sum = |column: &ColumnSpec| (column.kind == ColumnKind::Amount).then_some(Fen::ZERO);
        Self(table.columns.iter().map(sum).collect())
    }

    fn add(&mut self, cells: &[CellOut]) -> Result<(), WriteError> {
        for (total, cell) in self.0.iter_mut().zip(cells) {
            if let (Some(sum), CellOut::Amount(amount)) = (total, cell) {
                *sum = sum.checked_add(*amount).ok_or(WriteError::TotalTooLarge)?;
            }
        }
        Ok(())
    }

    /// The row to write: the word for it in the first column that has no sum.
    fn row(&self, table: &Table) -> Vec<CellOut> {
        let label = table.columns.iter().position(|column| column.kind != ColumnKind::Amount);
        let cell = |(index, sum): (usize, &Option<Fen>)| match sum {
            Some(sum) => CellOut::Amount(*sum),
            None if Some(index) == label => CellOut::Text(TOTAL.to_owned()),
            None => CellOut::Empty,
        };
        self.0.iter().enumerate().map(cell).collect()
    }
}

/// Cell formats by kind.
struct Kinds {
    text: Format,
    amount: Format,
    date: Format,
    integer: Format,
}

/// The formats of a table.
struct Formats {
    header: Format,
    plain: Kinds,
    bold: Kinds,
}

impl Formats {
    fn new() -> Self {
        let kinds = |base: &Format| Kinds {
            text: base.clone().set_num_format("@"),
            amount: base.clone().set_num_format("0.00"),
            date: base.clone().set_num_format("yyyy-mm-dd"),
            integer: base.clone().set_num_format("0"),
        };
        let header = Format::new()
            .set_bold()
            .set_num_format("@")
            .set_align(FormatAlign::VerticalCenter)
            .set_background_color(Color::RGB(0x00E7_EDF5))
            .set_border_bottom(FormatBorder::Thin);
        Self { header, plain: kinds(&Format::new()), bold: kinds(&Format::new().set_bold()) }
    }

    fn of(&self, kind: ColumnKind) -> &Format {
        match kind {
            ColumnKind::Text => &self.plain.text,
            ColumnKind::Amount => &self.plain.amount,
            ColumnKind::Date => &self.plain.date,
            ColumnKind::Integer => &self.plain.integer,
        }
    }
}

fn write_cell(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &CellOut,
    formats: &Kinds,
) -> Result<(), WriteError> {
    match cell {
        CellOut::Empty => {}
        CellOut::Text(text) => {
            sheet.write_string_with_format(row, column, text, &formats.text)?;
        }
        CellOut::Amount(amount) => {
            sheet.write_number_with_format(row, column, to_yuan(*amount)?, &formats.amount)?;
        }
        CellOut::Date(date) => match excel_date(*date) {
            Some(day) => {
                sheet.write_datetime_with_format(row, column, &day, &formats.date)?;
            }
            None => {
                sheet.write_string_with_format(row, column, date.to_string(), &formats.text)?;
            }
        },
        CellOut::Integer(number) if number.unsigned_abs() <= MAX_INTEGER => {
            #[expect(clippy::cast_precision_loss, reason = "15 digits are exact")]
            let exact = *number as f64;
            sheet.write_number_with_format(row, column, exact, &formats.integer)?;
        }
        CellOut::Integer(number) => {
            sheet.write_string_with_format(row, column, number.to_string(), &formats.text)?;
        }
    }
    Ok(())
}

/// Yuan as the floating-point number a spreadsheet cell is. The only place where money leaves
/// integers: up to 15 digits, the quotient is the double nearest to the decimal amount, whose
/// shortest text, which the file stores, has at most two decimals (no 12345.332 behind a format).
fn to_yuan(amount: Fen) -> Result<f64, WriteError> {
    if amount.get().unsigned_abs() > MAX_AMOUNT {
        return Err(WriteError::AmountTooLarge(amount));
    }
    #[expect(clippy::cast_precision_loss, reason = "15 digits are exact")]
    let fen = amount.get() as f64;
    Ok(fen / 100.0)
}

/// `None` for days before 1900, which a spreadsheet does not know.
fn excel_date(date: NaiveDate) -> Option<ExcelDateTime> {
    let year = u16::try_from(date.year()).ok().filter(|year| *year >= 1900)?;
    let (month, day) = (u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?);
    ExcelDateTime::from_ymd(year, month, day).ok()
}

pub(super) fn properties(
    title: &str,
    comment: &str,
    created_at: NaiveDateTime,
) -> Result<DocProperties, WriteError> {
    let time = created_at.time();
    let part = |value: u32| u16::try_from(value).unwrap_or(0);
    let (hour, minute, second) = (part(time.hour()), part(time.minute()), time.second());
    let day = match excel_date(created_at.date()) {
        Some(day) => day,
        None => ExcelDateTime::from_ymd(2000, 1, 1)?,
    };
    let created = day.and_hms(hour, u8::try_from(minute).unwrap_or(0), f64::from(second))?;
    Ok(DocProperties::new()
        .set_title(title)
        .set_author("骏才")
        .set_comment(comment)
        .set_creation_datetime(&created))
}

/// A title as the name of a sheet: without the characters spreadsheet programs refuse there, at
/// most 31 UTF-16 units.
pub(super) fn sheet_name(title: &str) -> String {
    let mut name = String::new();
    let mut units = 0;
    for character in title.chars() {
        if character.is_control() || "[]:*?/\\'".contains(character) {
            continue;
        }
        units += character.len_utf16();
        if units > 31 {
            break;
        }
        name.push(character);
    }
    if name.trim().is_empty() { "Sheet1".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reaches_the_sheet_with_two_decimals_at_most() {
        for fen in [0, 1, -5, 20_000_000, 123_456_789, 999_999_999_999_999, 30, 10_001] {
            let text = to_yuan(Fen::new(fen)).unwrap().to_string();
            assert_eq!(text.parse::<Fen>(), Ok(Fen::new(fen)), "{text}");
        }
        let large = Fen::new(1_000_000_000_000_000);
        assert!(matches!(to_yuan(large), Err(WriteError::AmountTooLarge(_))));
    }

    #[test]
    fn sheet_names_fit_what_programs_accept() {
        assert_eq!(sheet_name("发放明细[2026/11]"), "发放明细202611");
        assert_eq!(sheet_name("/?*"), "Sheet1");
        assert_eq!(sheet_name(&"𬱖".repeat(20)).chars().count(), 15);
    }
}
