//! The banks of the demonstration: one reads the neutral file and answers with a return file, one
//! takes a message of ISO 20022 and answers with a status report.

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

/// The status report of a bank that paid everything that the message `sent` asks for.
pub(super) fn report(sent: &str, batch_no: &str, day: &str) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt>\
         <GrpHdr><MsgId>{batch_no}-STS-1</MsgId><CreDtTm>{day}T17:30:00+08:00</CreDtTm></GrpHdr>\
         <OrgnlGrpInfAndSts><OrgnlMsgId>{batch_no}</OrgnlMsgId>\
         <OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts>\
         <OrgnlPmtInfAndSts><OrgnlPmtInfId>{}</OrgnlPmtInfId>",
        between(sent, "<PmtInfId>", "</PmtInfId>")
    );
    for (i, transfer) in sent.split("<CdtTrfTxInf>").skip(1).enumerate() {
        let line = between(transfer, "<EndToEndId>", "</EndToEndId>");
        let amount = between(transfer, "<InstdAmt Ccy=\"CNY\">", "</InstdAmt>");
        let serial = format!("{}{:06}", day.replace('-', ""), i + 1);
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "<TxInfAndSts><OrgnlEndToEndId>{line}</OrgnlEndToEndId><TxSts>ACCC</TxSts>\
             <AccptncDtTm>{day}T10:20:00+08:00</AccptncDtTm><AcctSvcrRef>{serial}</AcctSvcrRef>\
             <OrgnlTxRef><Amt><InstdAmt Ccy=\"CNY\">{amount}</InstdAmt></Amt></OrgnlTxRef>\
             </TxInfAndSts>"
        );
    }
    out + "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let after = text.split_once(start).map_or("", |(_, after)| after);
    after.split_once(end).map_or("", |(inside, _)| inside)
}
