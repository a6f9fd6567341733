//! What goes to a bank and comes back (domain.md 5.4).
//!
//! The orders of a batch in the form of a [`Profile`], as a message of ISO 20022, and as a workbook
//! for people; and the bank's answers, tables or messages. The same lines give the same bytes.
//!
//! The file is read by machines that match account numbers digit by digit, so no field gets the `'`
//! that exports for people put before formulas. Instead a name that starts like a formula stops the
//! export, as does anything else a bank would refuse or read differently.

mod answer;
mod check;
mod neutral;
mod pain001;
mod profile;

use chrono::NaiveDateTime;
use rust_xlsxwriter::Workbook;

use super::hash::sha256_hex;
use super::workbook::{CellOut, ColumnKind, ColumnSpec, Table, WriteError, fill_table, properties};
use crate::domain::money::Fen;

pub use answer::{AnswerError, BankAnswer, read_answer};
pub use check::{BankError, BankFault, BankProblem, Charset, MAX_PURPOSE, unencodable};
pub use neutral::{NeutralError, parse_neutral};
pub use pain001::{Initiation, pain001};
pub use profile::{
    NEUTRAL, Payer, Profile, ProfileError, profile, profiles, put_into_use, with_own,
};

/// The only currency paid.
pub const CURRENCY: &str = "CNY";
/// The columns, in the order of the neutral file and the workbook.
pub const COLUMNS: [&str; 8] =
    ["seq", "payee_name", "account_no", "bank_name", "cnaps", "amount", "purpose", "line_id"];

/// One payment order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankLine {
    /// Position in the file, from 1 without gaps.
    pub seq: u32,
    /// Name of the account holder as the bank knows it.
    pub payee_name: String,
    /// Digits only.
    pub account_no: String,
    /// Bank or branch of the payee; may be empty.
    pub bank_name: String,
    /// Twelve digits of the CNAPS number (联行号), or empty.
    pub cnaps: String,
    /// Above zero.
    pub amount: Fen,
    /// What the payee reads on the statement, at most 20 characters.
    pub purpose: String,
    /// Unique for ever; comes back in the return file.
    pub line_id: String,
}

/// One batch of payment orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeutralFile {
    /// Number of the batch; a bank refuses a second file of the same number.
    pub batch_no: String,
    /// When the batch was drawn up, such as `2026-11-23T10:15:00+08:00`.
    pub created_at: String,
    /// The orders.
    pub lines: Vec<BankLine>,
}

impl NeutralFile {
    /// Sum of all orders, or `None` on overflow.
    pub fn total(&self) -> Option<Fen> {
        Fen::checked_sum(self.lines.iter().map(|line| line.amount))
    }

    /// The neutral file: UTF-8 with byte order mark, CRLF line ends.
    ///
    /// # Errors
    ///
    /// [`BankError`] if anything in the batch would be refused or misread; `charset` is the one the
    /// bank works with, although this file is UTF-8.
    pub fn to_csv(&self, charset: Charset) -> Result<Vec<u8>, BankError> {
        let total = self.check(charset)?;
        profile::neutral().bytes(self, &Payer::default(), total)
    }

    /// The same as a workbook: sheet 明细 with the columns of the CSV, sheet 汇总 with its header.
    ///
    /// # Errors
    ///
    /// As for [`Self::to_csv`], and if the workbook cannot be written.
    pub fn to_xlsx(
        &self,
        charset: Charset,
        created_at: NaiveDateTime,
    ) -> Result<Vec<u8>, BankError> {
        let total = self.check(charset)?;
        let mut workbook = Workbook::new();
        let title = format!("银行代发文件 {}", self.batch_no);
        workbook.set_properties(&properties(&title, "", created_at)?);
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(WriteError::from)?;
        let rows = self.lines.iter().map(cells_of);
        fill_table(sheet, &table("明细", &detail_columns(), created_at), rows)?;
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(WriteError::from)?;
        let columns = [("项目", 20.0, ColumnKind::Text), ("内容", 70.0, ColumnKind::Text)];
        let rows = self.summary(total);
        fill_table(sheet, &table("汇总", &columns, created_at), rows)?;
        Ok(workbook.save_to_buffer().map_err(WriteError::from)?)
    }

    fn summary(&self, total: Fen) -> [Vec<CellOut>; 6] {
        let text = |text: &str| CellOut::Text(text.to_owned());
        let count = i64::try_from(self.lines.len()).unwrap_or(i64::MAX);
        let hash = sha256_hex(profile::neutral().body(self, &Payer::default()).as_bytes());
        [
            vec![text("batch_no"), text(&self.batch_no)],
            vec![text("count"), CellOut::Integer(count)],
            vec![text("total"), CellOut::Amount(total)],
            vec![text("currency"), text(CURRENCY)],
            vec![text("created_at"), text(&self.created_at)],
            vec![text("sha256_of_body"), text(&hash)],
        ]
    }
}

fn detail_columns() -> [(&'static str, f64, ColumnKind); 8] {
    let [seq, payee, account, bank, cnaps, amount, purpose, line] = COLUMNS;
    [
        (seq, 8.0, ColumnKind::Integer),
        (payee, 16.0, ColumnKind::Text),
        (account, 26.0, ColumnKind::Text),
        (bank, 36.0, ColumnKind::Text),
        (cnaps, 16.0, ColumnKind::Text),
        (amount, 16.0, ColumnKind::Amount),
        (purpose, 30.0, ColumnKind::Text),
        (line, 30.0, ColumnKind::Text),
    ]
}

fn table(title: &str, columns: &[(&str, f64, ColumnKind)], created_at: NaiveDateTime) -> Table {
    let column = |(name, width, kind): &(&str, f64, ColumnKind)| ColumnSpec {
        name: (*name).to_owned(),
        width: *width,
        kind: *kind,
    };
    Table {
        title: title.to_owned(),
        columns: columns.iter().map(column).collect(),
        total_row: false,
        comment: String::new(),
        created_at,
    }
}

fn cells_of(line: &BankLine) -> Vec<CellOut> {
    let text = |text: &str| CellOut::Text(text.to_owned());
    vec![
        CellOut::Integer(i64::from(line.seq)),
        text(&line.payee_name),
        text(&line.account_no),
        text(&line.bank_name),
        text(&line.cnaps),
        CellOut::Amount(line.amount),
        text(&line.purpose),
        text(&line.line_id),
    ]
}
