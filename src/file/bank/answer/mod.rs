//! What a bank answers to a batch: a table in the neutral form or in that of the batch's profile,
//! or a status report of ISO 20022 (pain.002.001.10). Whatever the form, rows come out that the
//! domain can judge, and a file of which any cell is unclear is refused as a whole.

mod pain002;
mod table;

use super::Profile;
use crate::domain::payment::ReturnedRow;
use crate::file::reader::ReadError;

/// Faults named in one message.
const NAMED: usize = 10;

/// A file that a bank sent back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankAnswer {
    /// The bank's own number of the file; empty where the form has none.
    pub bank_no: String,
    /// The batch that the file says it is about; empty where the form does not say.
    pub about: String,
    /// Its rows, at least one.
    pub rows: Vec<ReturnedRow>,
}

/// Why a file from a bank is not read. The texts are for the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// No table at all.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// Nothing in it.
    #[error("回单中没有内容")]
    Empty,
    /// A header without rows, a report without payments.
    #[error("回单中没有明细")]
    NoRows,
    /// The header does not fit.
    #[error("{0}")]
    Header(String),
    /// Cells or payments that are wrong, all of them.
    #[error("回单有误，未载入：{}", named(.0))]
    Rows(Vec<String>),
    /// XML, but no status report that this program reads.
    #[error("{0}")]
    Report(&'static str),
}

fn named(faults: &[String]) -> String {
    let first: Vec<&str> = faults.iter().take(NAMED).map(String::as_str).collect();
    let more = if faults.len() > NAMED {
        format!("……共 {} 处", faults.len())
    } else {
        String::new()
    };
    format!("{}{more}", first.join("；"))
}

/// Reads a file from a bank. `profile` is the one in which the batch was sent; the neutral form
/// and status reports are always understood. `file_name` is not trusted.
///
/// # Errors
/// [`AnswerError`], with every fault of every row.
pub fn read_answer(
    profile: &Profile,
    file_name: &str,
    bytes: &[u8],
) -> Result<BankAnswer, AnswerError> {
    if pain002::is_markup(bytes) {
        return pain002::read(bytes);
    }
    let rows = table::read(profile, file_name, bytes)?;
    Ok(BankAnswer { bank_no: String::new(), about: String::new(), rows })
}
