//! The neutral file, read back. How it is written is the profile `neutral`.

use super::super::hash::sha256_hex;
use super::super::reader::{Limits, ReadError, Records};
use super::super::table::Cell;
use super::super::workbook::BOM;
use super::profile::{self, Payer};
use super::{BankLine, COLUMNS, CURRENCY, NeutralFile};
use crate::domain::money::Fen;

const MARK: &str = "#HDR";

/// Why a file is not the neutral bank file it claims to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NeutralError {
    /// No UTF-8, or no header line where it belongs.
    #[error("这不是本系统导出的银行文件（缺少 #HDR 首行），请选择原始文件")]
    NotNeutral,
    /// The body does not have the hash that the header states.
    #[error("文件内容与首行的校验值不符，可能被改动过，请使用原始文件")]
    Hash,
    /// Another number of lines than the header states.
    #[error("首行写明 {stated} 笔，实际有 {found} 笔，请使用原始文件")]
    Count {
        /// By the header.
        stated: usize,
        /// In the body.
        found: usize,
    },
    /// Another sum than the header states.
    #[error("首行写明合计 {stated} 元，明细合计不符，请使用原始文件")]
    Total {
        /// By the header.
        stated: Fen,
    },
    /// A line that cannot be read.
    #[error("第 {0} 行无法识别，请使用原始文件")]
    Line(u32),
    /// A quote or length problem in the body.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Readable, but not byte for byte what this system writes.
    #[error("文件格式被其他软件改动过，请使用原始文件，不要用 Excel 打开后另存")]
    Rewritten,
}

/// Reads a file written by [`NeutralFile::to_csv`] and verifies its count, total, hash and exact
/// form.
///
/// The hash covers the orders, not the header line: batch number and time can only be trusted after
/// comparing them with the batch on record, which the caller must do.
///
/// # Errors
///
/// [`NeutralError`]; a changed byte in the orders or in count, total, currency or hash always shows.
pub fn parse_neutral(bytes: &[u8]) -> Result<NeutralFile, NeutralError> {
    let text = std::str::from_utf8(bytes).map_err(|_| NeutralError::NotNeutral)?;
    let text = text.strip_prefix(BOM).ok_or(NeutralError::NotNeutral)?;
    let (header, body) = text.split_once("\r\n").ok_or(NeutralError::NotNeutral)?;
    let words: Vec<&str> = header.split(',').collect();
    let [MARK, batch_no, count, total, CURRENCY, created_at, hash] = words[..] else {
        return Err(NeutralError::NotNeutral);
    };
    let stated: usize = count.parse().map_err(|_| NeutralError::NotNeutral)?;
    let stated_total: Fen = total.parse().map_err(|_| NeutralError::NotNeutral)?;
    if sha256_hex(body.as_bytes()) != hash {
        return Err(NeutralError::Hash);
    }
    let lines = parse_lines(body)?;
    let file =
        NeutralFile { batch_no: batch_no.to_owned(), created_at: created_at.to_owned(), lines };
    if file.lines.len() != stated {
        return Err(NeutralError::Count { stated, found: file.lines.len() });
    }
    if file.total() != Some(stated_total) {
        return Err(NeutralError::Total { stated: stated_total });
    }
    match profile::neutral().bytes(&file, &Payer::default(), stated_total) {
        Ok(written) if written == bytes => Ok(file),
        _ => Err(NeutralError::Rewritten),
    }
}

fn parse_lines(body: &str) -> Result<Vec<BankLine>, NeutralError> {
    let limits = Limits { max_columns: COLUMNS.len(), ..Limits::default() };
    let mut records = Records::new(body, b',', &limits);
    let mut lines = Vec::new();
    while let Some((number, cells)) = records.next()? {
        // Counted in the whole file, below the header line.
        let number = number.saturating_add(1);
        let fields = fields(cells).ok_or(NeutralError::Line(number))?;
        if number == 2 {
            if fields != COLUMNS {
                return Err(NeutralError::Line(number));
            }
        } else {
            lines.push(line(fields).ok_or(NeutralError::Line(number))?);
        }
    }
    Ok(lines)
}

fn fields(cells: Vec<Cell>) -> Option<[String; 8]> {
    let text = |cell| match cell {
        Cell::Text(text) => Some(text),
        Cell::Empty => Some(String::new()),
        Cell::Number(_) | Cell::Date(_) | Cell::Invalid(_) => None,
    };
    cells.into_iter().map(text).collect::<Option<Vec<_>>>()?.try_into().ok()
}

fn line(fields: [String; 8]) -> Option<BankLine> {
    let [seq, payee_name, account_no, bank_name, cnaps, amount, purpose, line_id] = fields;
    let (seq, amount) = (seq.parse().ok()?, amount.parse().ok()?);
    Some(BankLine { seq, payee_name, account_no, bank_name, cnaps, amount, purpose, line_id })
}
