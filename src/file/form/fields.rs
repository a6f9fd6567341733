//! The fields of one row, and everything that is wrong with them.

use super::cell::{self, Problem, is_blank, words};
use super::{Binding, CellIssue, CellWarning, Column, ColumnKind, Parsed};
use crate::domain::identity::{
    Checked, DocumentType, IdentityDocument, IdentityError, PersonName, mask_mobile, mask_number,
};
use crate::file::table::{Cell, Row};

/// Reads the fields of one row and gathers issues, so that all of them are reported at once.
pub struct Fields<'a> {
    binding: &'a Binding,
    row: &'a Row,
    /// With the column's index in the form, to report in that order.
    issues: Vec<(usize, CellIssue)>,
    warnings: Vec<CellWarning>,
}

impl<'a> Fields<'a> {
    pub(super) const fn new(binding: &'a Binding, row: &'a Row) -> Self {
        Self { binding, row, issues: Vec::new(), warnings: Vec::new() }
    }

    /// The record when nothing was wrong, or the issues in the form's column order.
    pub(super) fn finish<R>(mut self, record: Option<R>) -> Parsed<R> {
        match record {
            Some(record) if self.issues.is_empty() => Ok((record, self.warnings)),
            _ => {
                self.issues.sort_by_key(|(index, _)| *index);
                Err(self.issues.into_iter().map(|(_, issue)| issue).collect())
            }
        }
    }

    /// Row number of the row being read.
    pub(super) const fn row_number(&self) -> u32 {
        self.row.number
    }

    fn cell(&self, column: &str) -> &'a Cell {
        const EMPTY: &Cell = &Cell::Empty;
        let position = self.binding.position(column);
        position.and_then(|position| self.row.cells.get(position)).unwrap_or(EMPTY)
    }

    fn column(&self, name: &str) -> (usize, &'static Column) {
        let columns = self.binding.kind().columns();
        let index = columns.iter().position(|column| column.name == name);
        let index = index.expect("records name columns of their own form");
        (index, &columns[index])
    }

    /// Whether the column is left empty in this row.
    pub(super) fn is_empty(&self, column: &str) -> bool {
        is_blank(self.cell(column))
    }

    /// Reports what is wrong with a column.
    pub(super) fn refuse(&mut self, column: &str, problem: Problem) {
        let (index, known) = self.column(column);
        let issue = CellIssue {
            row: self.row.number,
            column: known.name.to_owned(),
            reason: problem.reason,
            fix: problem.fix,
            shown: self.shown(known),
        };
        self.issues.push((index, issue));
    }

    /// Reports what to look at in a column.
    pub(super) fn warn(&mut self, column: &str, reason: String) {
        let (_, known) = self.column(column);
        let warning = CellWarning {
            row: self.row.number,
            column: known.name.to_owned(),
            reason,
            shown: self.shown(known),
        };
        self.warnings.push(warning);
    }

    /// What the cell holds, without what identifies a person or an account.
    fn shown(&self, column: &Column) -> String {
        let text: String = words(self.cell(column.name)).chars().take(60).collect();
        match column.kind {
            ColumnKind::Identifier => mask_number(&text),
            ColumnKind::ShortCode if text.len() > 6 => mask_mobile(&text),
            _ => text,
        }
    }

    /// Reads a column; an empty one is `None`, and an issue when the form requires it.
    pub(super) fn value<T>(
        &mut self,
        column: &str,
        read: impl FnOnce(&Cell) -> Result<T, Problem>,
    ) -> Option<T> {
        let cell = self.cell(column);
        if is_blank(cell) {
            let (_, known) = self.column(column);
            if known.required {
                let fix = format!("请填写，例如 {}", known.example);
                self.refuse(column, Problem::new(format!("{column}必填"), fix));
            }
            return None;
        }
        read(cell).map_err(|problem| self.refuse(column, problem)).ok()
    }

    /// Reads words; empty when an optional column is.
    pub(super) fn words(&mut self, column: &str) -> Option<String> {
        let optional = !self.column(column).1.required;
        if optional && self.is_empty(column) {
            return Some(String::new());
        }
        self.value(column, cell::text)
    }

    /// Reads an identifier from text, with its checks and warnings.
    pub(super) fn checked<T>(
        &mut self,
        column: &str,
        text: fn(&Cell) -> Result<String, Problem>,
        parse: impl FnOnce(&str) -> Result<Checked<T>, IdentityError>,
    ) -> Option<T> {
        let checked = self.value(column, |cell| Ok(parse(&text(cell)?)?))?;
        if let Some(warning) = checked.warning {
            self.warn(column, warning.to_string());
        }
        Some(checked.value)
    }

    /// Reads one of the values of a choice column.
    pub(super) fn choice(
        &mut self,
        column: &str,
        values: &'static [&'static str],
    ) -> Option<&'static str> {
        self.value(column, |cell| cell::choice(cell, values))
    }

    /// Reads the three columns that say who a person is. Without a kind of document its number
    /// cannot be judged, so it is not.
    pub(super) fn person(&mut self) -> (Option<PersonName>, Option<IdentityDocument>) {
        let name = self.checked("姓名", cell::text, PersonName::parse);
        let kind = self.value("证件类型", |cell| {
            DocumentType::from_label(&cell::text(cell)?)
                .ok_or_else(|| Problem::new("证件类型不在允许范围", "请从下拉列表选择证件类型"))
        });
        let document = kind.and_then(|kind| {
            self.checked("证件号码", cell::identifier, |text| {
                IdentityDocument::parse(kind, text)
            })
        });
        (name, document)
    }
}
