//! Templates to fill in: one sheet for the data, one that explains it, one with the choices.

use chrono::DateTime;
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, Format, Formula, Note, Workbook, Worksheet,
};

use super::csv::{BOM, quote_field};
use super::{ColumnKind, Formats, WriteError, properties, sheet_name};

/// Rows prepared with drop-downs: the most a table may have.
const LAST_ROW: u32 = 100_000;
const HELP_SHEET: &str = "填表说明";
const CHOICE_SHEET: &str = "字典";

/// One column of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplateColumn<'a> {
    /// Header text; the upload must carry the same.
    pub name: &'a str,
    /// How to fill it in; shown as a note on the header.
    pub hint: &'a str,
    /// Whether it may stay empty.
    pub required: bool,
    /// Allowed values, offered as a drop-down; empty if free.
    pub choices: &'a [&'a str],
    /// A filled-in example. Shown on the help sheet only: in the data sheet someone would leave it
    /// there and register a person who does not exist.
    pub example: &'a str,
    /// What it holds; identifiers must be [`ColumnKind::Text`].
    pub kind: ColumnKind,
}

/// Writes an `.xlsx` template: sheet 1 is named `title` and has nothing but the frozen header, sheet
/// 2 填表说明 holds `help` and a table of the columns, sheet 3 字典 the choices, if there are any.
///
/// # Errors
///
/// Any [`WriteError`].
pub fn template(
    title: &str,
    columns: &[TemplateColumn<'_>],
    help: &[&str],
) -> Result<Vec<u8>, WriteError> {
    let mut workbook = Workbook::new();
    // A template has no birthday that matters, and its bytes should not change from day to day.
    let fixed = DateTime::UNIX_EPOCH.naive_utc();
    workbook.set_properties(&properties(title, "填写模板", fixed)?);
    data_sheet(workbook.add_worksheet(), title, columns)?;
    help_sheet(workbook.add_worksheet(), columns, help)?;
    if columns.iter().any(|column| !column.choices.is_empty()) {
        choice_sheet(workbook.add_worksheet(), columns)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// The same header as a CSV file.
pub fn template_csv(columns: &[TemplateColumn<'_>]) -> Vec<u8> {
    let mut out = String::from(BOM);
    for (index, column) in columns.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        quote_field(&mut out, column.name);
    }
    out.push_str("\r\n");
    out.into_bytes()
}

fn data_sheet(
    sheet: &mut Worksheet,
    title: &str,
    columns: &[TemplateColumn<'_>],
) -> Result<(), WriteError> {
    let formats = Formats::new();
    let required = formats.header.clone().set_font_color("C00000");
    sheet.set_name(sheet_name(title))?;
    sheet.set_freeze_panes(1, 0)?;
    for (index, column) in (0_u16..).zip(columns) {
        sheet.set_column_width(index, width(column))?;
        sheet.set_column_format(index, formats.of(column.kind))?;
        let header = if column.required { &required } else { &formats.header };
        sheet.write_string_with_format(0, index, column.name, header)?;
        let note = format!("{}：{}", obligation(column), column.hint);
        let note = if column.example.is_empty() {
            note
        } else {
            format!("{note}\n示例：{}", column.example)
        };
        sheet.insert_note(0, index, &note_of(note))?;
        if !column.choices.is_empty() {
            sheet.add_data_validation(1, index, LAST_ROW, index, &drop_down(index, column)?)?;
        }
    }
    Ok(())
}

pub(super) fn note_of(text: String) -> Note {
    Note::new(text).set_author("骏才").add_author_prefix(false).set_width(260).set_height(110)
}

fn drop_down(index: u16, column: &TemplateColumn<'_>) -> Result<DataValidation, WriteError> {
    // A range, because a list inside the rule ends at 255 characters.
    let letter = rust_xlsxwriter::utility::column_number_to_name(index);
    let range = format!("='{CHOICE_SHEET}'!${letter}$2:${letter}${}", column.choices.len() + 1);
    Ok(DataValidation::new()
        .allow_list_formula(Formula::new(range))
        .ignore_blank(!column.required)
        .set_error_style(DataValidationErrorStyle::Stop)
        .set_error_title("不在可选范围内")?
        .set_error_message("请从下拉列表中选择")?)
}

fn help_sheet(
    sheet: &mut Worksheet,
    columns: &[TemplateColumn<'_>],
    help: &[&str],
) -> Result<(), WriteError> {
    let formats = Formats::new();
    let wrapped = Format::new().set_text_wrap().set_num_format("@");
    sheet.set_name(HELP_SHEET)?;
    for (index, width) in (0_u16..).zip([22.0, 8.0, 60.0, 28.0, 40.0]) {
        sheet.set_column_width(index, width)?;
    }
    let mut row = 0;
    for line in help {
        sheet.write_string(row, 0, *line)?;
        row += 1;
    }
    row += u32::from(!help.is_empty());
    for (index, name) in (0_u16..).zip(["列名", "填写", "说明", "示例", "可选值"]) {
        sheet.write_string_with_format(row, index, name, &formats.header)?;
    }
    for column in columns {
        row += 1;
        let choices = column.choices.join("、");
        let texts = [column.name, obligation(column), column.hint, column.example, &choices];
        for (index, text) in (0_u16..).zip(texts) {
            sheet.write_string_with_format(row, index, text, &wrapped)?;
        }
    }
    Ok(())
}

fn choice_sheet(sheet: &mut Worksheet, columns: &[TemplateColumn<'_>]) -> Result<(), WriteError> {
    let formats = Formats::new();
    sheet.set_name(CHOICE_SHEET)?;
    // Each list stays in the column it has in the data sheet, so that a range is easy to find.
    for (index, column) in (0_u16..).zip(columns).filter(|(_, column)| !column.choices.is_empty()) {
        sheet.set_column_width(index, width(column))?;
        sheet.write_string_with_format(0, index, column.name, &formats.header)?;
        for (row, choice) in (1_u32..).zip(column.choices) {
            sheet.write_string_with_format(row, index, *choice, &formats.plain.text)?;
        }
    }
    Ok(())
}

fn obligation(column: &TemplateColumn<'_>) -> &'static str {
    if column.required { "必填" } else { "选填" }
}

/// Wide enough for the header, the example and every choice; a Han character takes two units.
fn width(column: &TemplateColumn<'_>) -> f64 {
    let units = |text: &str| text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<u32>();
    let texts = [column.name, column.example];
    let widest = texts.iter().chain(column.choices).map(|text| units(text)).max().unwrap_or(0);
    f64::from(widest.clamp(8, 40) + 4)
}
