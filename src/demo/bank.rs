//! The bank of the demonstration: reads the file it was sent and answers with a return file.

use std::fmt::Write;

use crate::domain::money::Fen;
use crate::file::bank::{NeutralError, parse_neutral};

/// What the bank could not do with a line.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trouble {
    /// The account name is not the payee's.
    NameMismatch,
    /// The account is closed.
    Closed,
}

/// An answer to every line: the `failing` ones by their place, counted from 0, the rest paid.
/// With `stray`, one row names a line that this bank was never sent.
pub(super) fn answer(
    sent: &[u8],
    day: &str,
    failing: &[(usize, Trouble)],
    stray: bool,
) -> Result<Vec<u8>, NeutralError> {
    let file = parse_neutral(sent)?;
    let mut out =
        "\u{feff}line_id,status,paid_amount,bank_serial,paid_at,reason_code,reason_text\r\n"
            .to_owned();
    for (i, line) in file.lines.iter().enumerate() {
        let serial = format!("{}{:06}", day.replace('-', ""), i + 1);
        let failed = failing.iter().find(|(place, _)| *place == i).map(|(_, why)| why);
        let row = match failed {
            None => format!("{},S,{},{serial},{day},,", line.line_id, line.amount),
            Some(Trouble::NameMismatch) => {
                format!("{},F,0.00,{serial},{day},name_mismatch,户名不符", line.line_id)
            }
            Some(Trouble::Closed) => {
                format!("{},F,0.00,{serial},{day},account_closed,账户已销户", line.line_id)
            }
        };
        let _ = write!(out, "{row}\r\n"); // writing to a String cannot fail
    }
    if stray {
        let _ = write!(out, "L-UNKNOWN-0001,S,{},{day}999999,{day},,\r\n", Fen::new(15_000_000));
    }
    Ok(out.into_bytes())
}
