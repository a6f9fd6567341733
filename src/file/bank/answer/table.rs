//! Answers as tables. The headers and words of a profile are put back into those of the neutral
//! return file, whose reader then judges every cell; what it finds is told in the bank's words.

use std::ops::ControlFlow;

use chrono::{DateTime, Duration, NaiveDateTime, SubsecRound, Utc};

use super::super::Profile;
use super::super::profile::{AmountForm, AnswerForm};
use super::AnswerError;
use crate::domain::money::Fen;
use crate::domain::payment::{BankWord, Payee, ReturnedRow};
use crate::domain::registry::Code;
use crate::file::form::{
    Binding, CellIssue, HeaderIssue, ImportKind, ReturnParser, ReturnRow, bind_header, header_key,
};
use crate::file::reader::{Limits, read_table};
use crate::file::table::{Cell, Row};

/// China Standard Time, in which banks write their times.
const CHINA_OFFSET_SECONDS: i64 = 8 * 3600;

pub(super) fn read(
    profile: &Profile,
    file_name: &str,
    bytes: &[u8],
) -> Result<Vec<ReturnedRow>, AnswerError> {
    let mut rows: Vec<Row> = Vec::new();
    read_table(bytes, file_name, &Limits::default(), &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
    let (header, rows) = rows.split_first().ok_or(AnswerError::Empty)?;
    let form = Form::of(profile, &header.cells)?;
    if rows.is_empty() {
        return Err(AnswerError::NoRows);
    }
    let mut returned = Vec::with_capacity(rows.len());
    let mut wrong = Vec::new();
    for row in rows {
        match form.row(row) {
            Ok(row) => returned.push(row),
            Err(faults) => wrong.extend(faults),
        }
    }
    if wrong.is_empty() { Ok(returned) } else { Err(AnswerError::Rows(wrong)) }
}

/// Where the columns are and what they are called in this file.
struct Form<'a> {
    answer: &'a AnswerForm,
    binding: Binding,
    /// Column of the neutral form, and its header in the file or what the bank calls it.
    shown: Vec<(&'static str, String)>,
}

impl<'a> Form<'a> {
    fn of(profile: &'a Profile, header: &[Cell]) -> Result<Self, AnswerError> {
        let answer = profile.answer();
        let neutral = |cell: &Cell| {
            let key = header_key(cell);
            let means = |names: &[String]| {
                names.iter().any(|name| header_key(&Cell::Text(name.clone())) == key)
            };
            let found = answer.headers().into_iter().find(|(_, names)| means(names));
            found.map_or_else(|| cell.clone(), |(column, _)| Cell::Text(column.to_owned()))
        };
        let translated: Vec<Cell> = header.iter().map(neutral).collect();
        let by_bank = |column: &'static str| {
            let found = answer.headers().into_iter().find(|(known, _)| *known == column);
            found.and_then(|(_, names)| names.first()).map(String::as_str)
        };
        let called = |column: &'static str| match by_bank(column) {
            Some(name) => format!("{name}（或 {column}）"),
            None => column.to_owned(),
        };
        let binding = bind_header(ImportKind::BankReturn, &translated).map_err(|issues| {
            let told: Vec<String> = issues
                .iter()
                .map(|issue| match issue {
                    HeaderIssue::Missing(column) => format!(
                        "缺少“{}”列，请核对是否为本批次银行格式的回单，或向银行索取完整回单",
                        called(column)
                    ),
                    HeaderIssue::Repeated(column) => {
                        format!("列“{}”出现了两次，请只保留一列", called(column))
                    }
                })
                .collect();
            AnswerError::Header(told.join("；"))
        })?;
        let in_file = |column: &'static str| match binding.position(column) {
            Some(at) => match header.get(at) {
                Some(Cell::Text(text)) => text.trim().to_owned(),
                _ => column.to_owned(),
            },
            None => by_bank(column).unwrap_or(column).to_owned(),
        };
        let columns = ImportKind::BankReturn.columns();
        let shown = columns.iter().map(|column| (column.name, in_file(column.name))).collect();
        Ok(Self { answer, binding, shown })
    }

    fn row(&self, row: &Row) -> Result<ReturnedRow, Vec<String>> {
        let mut row = row.clone();
        let mut wrong = Vec::new();
        if let Some(cell) = self.cell(&mut row, "status") {
            wrong.extend(self.status(cell));
        }
        if self.answer.amount == AmountForm::Fen
            && let Some(cell) = self.cell(&mut row, "paid_amount")
        {
            wrong.extend(self.yuan(cell));
        }
        if self.answer.repeats_amount
            && self.is_failed(&mut row)
            && let Some(cell) = self.cell(&mut row, "paid_amount")
        {
            *cell = Cell::Empty;
        }
        // What a spreadsheet has cut to fifteen digits says nothing of the account.
        if let Some(cell) = self.cell(&mut row, "account_no")
            && !matches!(cell, Cell::Text(text) if is_whole(text))
        {
            *cell = Cell::Empty;
        }
        let told = |fault: String| format!("第 {} 行 {fault}", row.number);
        let mut wrong: Vec<String> = wrong.into_iter().map(told).collect();
        let parsed = ReturnParser::new(self.binding.clone()).parse(&row);
        let read = match parsed {
            Ok((read, _)) if wrong.is_empty() => read,
            Ok(_) => return Err(wrong),
            Err(issues) => {
                wrong.extend(issues.iter().map(|issue| self.told(issue)));
                return Err(wrong);
            }
        };
        returned(row.number, read).ok_or_else(|| vec![told("状态无法识别".to_owned())])
    }

    fn cell<'r>(&self, row: &'r mut Row, column: &str) -> Option<&'r mut Cell> {
        row.cells.get_mut(self.binding.position(column)?)
    }

    fn is_failed(&self, row: &mut Row) -> bool {
        let failed = BankWord::Failed.code();
        self.cell(row, "status").is_some_and(|cell| *cell == Cell::Text(failed.to_owned()))
    }

    /// Puts the bank's word into ours. An unknown word is told with those that are known; the rest
    /// of its row is then read as that of a line sent back, which asks for nothing further.
    fn status(&self, cell: &mut Cell) -> Option<String> {
        let text = match cell {
            Cell::Text(text) | Cell::Number(text) => text.trim().to_owned(),
            _ => return None,
        };
        let words = self.answer.words();
        let means = |bank: &[String]| bank.contains(&text);
        if let Some((ours, _)) = words.iter().find(|(_, bank)| means(bank)) {
            *cell = Cell::Text((*ours).to_owned());
            return None;
        }
        let known: Vec<&str> =
            words.iter().flat_map(|(_, bank)| bank.iter()).map(String::as_str).collect();
        if text.is_empty() || known.is_empty() || BankWord::from_code(&text).is_some() {
            return None;
        }
        *cell = Cell::Text(BankWord::SentBack.code().to_owned());
        Some(format!(
            "{}：“{}”无法识别，应为 {}",
            self.name("status"),
            text.chars().take(20).collect::<String>(),
            known.join("、")
        ))
    }

    /// Puts a whole number of fen into yuan.
    fn yuan(&self, cell: &mut Cell) -> Option<String> {
        let text = match cell {
            Cell::Text(text) | Cell::Number(text) => text.trim(),
            _ => return None,
        };
        if text.is_empty() {
            return None;
        }
        match text.parse::<i64>() {
            Ok(fen) if fen >= 0 => {
                *cell = Cell::Text(Fen::new(fen).to_string());
                None
            }
            _ => Some(format!("{}：应为以分为单位的整数，请核对", self.name("paid_amount"))),
        }
    }

    fn name(&self, column: &str) -> &str {
        let found = self.shown.iter().find(|(known, _)| *known == column);
        found.map_or("", |(_, shown)| shown.as_str())
    }

    /// An issue in the words of the file.
    fn told(&self, issue: &CellIssue) -> String {
        let text = format!("{}：{}，{}", issue.column, issue.reason, issue.fix);
        let text = self.shown.iter().fold(text, |text, (ours, shown)| text.replace(ours, shown));
        format!("第 {} 行 {text}", issue.row)
    }
}

/// Whether a text can be an account number as a bank writes it, with digits masked or not.
fn is_whole(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '*' | ' ' | '-'))
}

fn returned(number: u32, read: ReturnRow) -> Option<ReturnedRow> {
    Some(ReturnedRow {
        row_no: i64::from(number),
        word: BankWord::from_code(read.status.code())?,
        line_ref: read.line_id,
        paid: read.paid_amount,
        bank_serial: read.bank_serial,
        paid_at: read.paid_at.map(from_china),
        reason_code: read.reason_code,
        reason_text: read.reason_text,
        payee: Payee { name: read.payee_name, account: read.account_no },
    })
}

/// The instant of a time on a clock in China, in whole seconds.
pub(super) fn from_china(local: NaiveDateTime) -> DateTime<Utc> {
    (local.and_utc() - Duration::seconds(CHINA_OFFSET_SECONDS)).trunc_subsecs(0)
}
