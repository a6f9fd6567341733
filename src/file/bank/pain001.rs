//! The orders of a batch as a customer credit transfer initiation of ISO 20022, pain.001.001.09.
//!
//! The order of elements and the lengths are those of the published schema. Amounts are what the
//! bank pays, and the identities are the batch's own, so that the status report about the message
//! names lines that the registry knows.

use std::io;

use chrono::NaiveDate;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::writer::Writer;

use super::{BankError, BankLine, CURRENCY, Charset, NeutralFile, Payer};
use crate::domain::money::Fen;

/// The namespace, which is the version.
const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";
/// Code of the clearing system whose member numbers are the twelve digits of banks in China.
const CLEARING: &str = "CNAPS";
/// What stands for a debtor's bank that the registry does not know; the message must name one.
const NOT_PROVIDED: &str = "NOTPROVIDED";
/// Longest identity (Max35Text).
const MAX_ID: usize = 35;
/// Longest number of an account that is no IBAN (Max34Text).
const MAX_ACCOUNT: usize = 34;
/// Longest name or remittance text (Max140Text).
const MAX_TEXT: usize = 140;

/// What a message says besides the orders.
#[derive(Debug, Clone, Copy)]
pub struct Initiation<'a> {
    /// Identity of the one group of payments in the message.
    pub group: &'a str,
    /// Who pays.
    pub payer: &'a Payer,
    /// Day on which the bank is asked to pay.
    pub pay_on: NaiveDate,
    /// Our number of each payment, in the order of the file's lines.
    pub payment_numbers: &'a [&'a str],
}

/// The message for a batch; the same batch gives the same bytes. UTF-8, valid by the schema.
///
/// # Errors
/// [`BankError`] with every problem of every order, and for what is longer than the schema allows.
pub fn pain001(file: &NeutralFile, initiation: &Initiation<'_>) -> Result<Vec<u8>, BankError> {
    let total = file.check(Charset::Gb18030)?;
    let Initiation { group, payer, payment_numbers, .. } = initiation;
    let ids = file.lines.iter().map(|line| ("行标识", line.line_id.as_str(), MAX_ID));
    let numbers = payment_numbers.iter().map(|number| ("待付资金编号", *number, MAX_ID));
    let heads = [
        ("批次号", file.batch_no.as_str(), MAX_ID),
        ("批次号", group, MAX_ID),
        ("付款单位", payer.name.as_str(), MAX_TEXT),
        ("付款账户", payer.account.as_str(), MAX_ACCOUNT),
    ];
    for (label, text, most) in heads.into_iter().chain(ids).chain(numbers) {
        if !(1..=most).contains(&text.chars().count()) {
            return Err(BankError::Message(label, most));
        }
    }
    if payment_numbers.len() != file.lines.len() {
        return Err(BankError::Header);
    }
    let mut out = Message(Writer::new(Vec::new()));
    out.document(file, initiation, total).map_err(|_| BankError::Header)?;
    Ok(out.0.into_inner())
}

/// Writes elements; text is escaped by the library.
struct Message(Writer<Vec<u8>>);

impl Message {
    fn document(
        &mut self,
        file: &NeutralFile,
        initiation: &Initiation<'_>,
        total: Fen,
    ) -> io::Result<()> {
        let declaration = BytesDecl::new("1.0", Some("UTF-8"), None);
        self.0.write_event(Event::Decl(declaration))?;
        let root = BytesStart::new("Document").with_attributes([("xmlns", NAMESPACE)]);
        self.0.write_event(Event::Start(root))?;
        self.within(&["CstmrCdtTrfInitn"], |out| {
            let count = file.lines.len().to_string();
            out.within(&["GrpHdr"], |out| {
                out.leaf("MsgId", &file.batch_no)?;
                out.leaf("CreDtTm", &file.created_at)?;
                out.leaf("NbOfTxs", &count)?;
                out.leaf("CtrlSum", &total.to_string())?;
                out.within(&["InitgPty"], |out| out.leaf("Nm", &initiation.payer.name))
            })?;
            out.within(&["PmtInf"], |out| {
                out.leaf("PmtInfId", initiation.group)?;
                out.leaf("PmtMtd", "TRF")?;
                out.leaf("NbOfTxs", &count)?;
                out.leaf("CtrlSum", &total.to_string())?;
                out.within(&["ReqdExctnDt"], |out| out.leaf("Dt", &initiation.pay_on.to_string()))?;
                out.debtor(initiation.payer)?;
                for (line, number) in file.lines.iter().zip(initiation.payment_numbers) {
                    out.transfer(line, number)?;
                }
                Ok(())
            })
        })?;
        self.0.write_event(Event::End(BytesEnd::new("Document")))
    }

    fn debtor(&mut self, payer: &Payer) -> io::Result<()> {
        self.within(&["Dbtr"], |out| out.leaf("Nm", &payer.name))?;
        self.within(&["DbtrAcct"], |out| {
            out.within(&["Id", "Othr"], |out| out.leaf("Id", &payer.account))?;
            out.leaf("Ccy", CURRENCY)
        })?;
        self.within(&["DbtrAgt", "FinInstnId", "Othr"], |out| out.leaf("Id", NOT_PROVIDED))
    }

    fn transfer(&mut self, line: &BankLine, number: &str) -> io::Result<()> {
        self.within(&["CdtTrfTxInf"], |out| {
            out.within(&["PmtId"], |out| {
                out.leaf("InstrId", number)?;
                out.leaf("EndToEndId", &line.line_id)
            })?;
            out.within(&["Amt"], |out| {
                let amount = BytesStart::new("InstdAmt").with_attributes([("Ccy", CURRENCY)]);
                out.0.write_event(Event::Start(amount))?;
                out.text(&line.amount.to_string())?;
                out.0.write_event(Event::End(BytesEnd::new("InstdAmt")))
            })?;
            if !(line.cnaps.is_empty() && line.bank_name.is_empty()) {
                out.within(&["CdtrAgt", "FinInstnId"], |out| out.creditor_bank(line))?;
            }
            out.within(&["Cdtr"], |out| out.leaf("Nm", &line.payee_name))?;
            out.within(&["CdtrAcct", "Id", "Othr"], |out| out.leaf("Id", &line.account_no))?;
            out.within(&["RmtInf"], |out| out.leaf("Ustrd", &line.purpose))
        })
    }

    fn creditor_bank(&mut self, line: &BankLine) -> io::Result<()> {
        if !line.cnaps.is_empty() {
            self.within(&["ClrSysMmbId"], |out| {
                out.within(&["ClrSysId"], |out| out.leaf("Cd", CLEARING))?;
                out.leaf("MmbId", &line.cnaps)
            })?;
        }
        if line.bank_name.is_empty() { Ok(()) } else { self.leaf("Nm", &line.bank_name) }
    }

    /// Elements one in another around what `inside` writes.
    fn within(
        &mut self,
        names: &[&str],
        inside: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        for name in names {
            self.0.write_event(Event::Start(BytesStart::new(*name)))?;
        }
        inside(self)?;
        for name in names.iter().rev() {
            self.0.write_event(Event::End(BytesEnd::new(*name)))?;
        }
        Ok(())
    }

    fn leaf(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.within(&[name], |out| out.text(text))
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        self.0.write_event(Event::Text(BytesText::new(text)))
    }
}
