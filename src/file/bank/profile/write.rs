//! A batch in the form of a profile.

use std::borrow::Cow;

use super::template::{Part, Template, Value};
use super::{AmountForm, Content, Encoding, Field, Profile};
use crate::domain::money::Fen;
use crate::file::bank::check::text_fault;
use crate::file::bank::{BankError, BankFault, BankLine, NeutralFile};
use crate::file::hash::sha256_hex;
use crate::file::workbook::{BOM, quote_field};

const LINE_END: &str = "\r\n";

/// Who pays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payer {
    /// Name of the paying unit.
    pub name: String,
    /// Its account, as the treasury names it.
    pub account: String,
}

impl Profile {
    /// The file of a batch. The same batch gives the same bytes.
    ///
    /// # Errors
    /// [`BankError`] with every problem of every order: what a bank would refuse or misread, and
    /// what the profile's characters or separators cannot hold. Nothing is replaced or left out.
    pub fn write(&self, file: &NeutralFile, payer: &Payer) -> Result<Vec<u8>, BankError> {
        let unquotable = (!self.is_quoted()).then_some(self.delimiter);
        let total = file.check_with(self.charset(), unquotable)?;
        self.check_payer(payer)?;
        self.bytes(file, payer, total)
    }

    /// The file, without looking at its orders.
    pub(in crate::file::bank) fn bytes(
        &self,
        file: &NeutralFile,
        payer: &Payer,
        total: Fen,
    ) -> Result<Vec<u8>, BankError> {
        let mut head = String::new();
        let mut foot = String::new();
        let writing = Writing { profile: self, file, payer, total };
        let body = self.body(file, payer);
        for line in &self.trailer_lines {
            foot.push_str(&writing.line(line, "")?);
        }
        let below = self.encoded(&(body + &foot))?;
        let sha256 = sha256_hex(&below);
        for line in &self.header_lines {
            head.push_str(&writing.line(line, &sha256)?);
        }
        let mark = if self.encoding == Encoding::Utf8Bom { BOM.as_bytes() } else { b"" };
        Ok([mark, &self.encoded(&head)?, &below].concat())
    }

    /// Column names, if the form has them, and orders.
    pub(in crate::file::bank) fn body(&self, file: &NeutralFile, payer: &Payer) -> String {
        let mut out = String::new();
        if self.column_names {
            let names = self.columns.iter().map(|column| Cow::Borrowed(column.header.as_str()));
            self.push_record(&mut out, names);
        }
        for line in &file.lines {
            let cells = self.columns.iter().map(|column| match &column.content {
                Content::Text(text) => Cow::Borrowed(text.as_str()),
                Content::Field(field) => self.cell(*field, line, file, payer),
            });
            self.push_record(&mut out, cells);
        }
        out
    }

    fn push_record<'c>(&self, out: &mut String, cells: impl Iterator<Item = Cow<'c, str>>) {
        for (index, cell) in cells.enumerate() {
            if index > 0 {
                out.push(self.delimiter);
            }
            if self.is_quoted() {
                quote_field(out, &cell);
            } else {
                out.push_str(&cell);
            }
        }
        out.push_str(LINE_END);
    }

    fn cell<'c>(
        &self,
        field: Field,
        line: &'c BankLine,
        file: &'c NeutralFile,
        payer: &'c Payer,
    ) -> Cow<'c, str> {
        match field {
            Field::Seq => line.seq.to_string().into(),
            Field::PayeeName => line.payee_name.as_str().into(),
            Field::AccountNo => line.account_no.as_str().into(),
            Field::BankName => line.bank_name.as_str().into(),
            Field::Cnaps => line.cnaps.as_str().into(),
            Field::Amount => self.amount.write(line.amount).into(),
            Field::Purpose => line.purpose.as_str().into(),
            Field::LineId => line.line_id.as_str().into(),
            Field::PayerName => payer.name.as_str().into(),
            Field::PayerAccount => payer.account.as_str().into(),
            Field::BatchNo => file.batch_no.as_str().into(),
        }
    }

    /// What is wrong with the payer in a form that writes it.
    fn check_payer(&self, payer: &Payer) -> Result<(), BankError> {
        let known = [
            ("付款单位", &payer.name, Field::PayerName, Value::PayerName),
            ("付款账户", &payer.account, Field::PayerAccount, Value::PayerAccount),
        ];
        for (label, text, field, value) in known {
            let in_line = self
                .header_lines
                .iter()
                .chain(&self.trailer_lines)
                .any(|line| line.values().any(|found| found == value));
            let in_column = self
                .columns
                .iter()
                .any(|column| matches!(column.content, Content::Field(found) if found == field));
            // Lines above and below are written as they are, whatever the columns do.
            let separator = (in_line || !self.is_quoted()).then_some(self.delimiter);
            if (in_line || in_column)
                && let Some(fault) = text_fault(label, text, self.charset(), separator)
            {
                return Err(BankError::Payer(label, fault));
            }
        }
        Ok(())
    }

    /// The fixed texts were checked when the profile was read, the others before this.
    fn encoded(&self, text: &str) -> Result<Vec<u8>, BankError> {
        self.encoding.encode(text).ok_or_else(|| BankError::Profile(self.name.clone()))
    }
}

impl AmountForm {
    fn write(self, amount: Fen) -> String {
        match self {
            Self::Yuan => amount.to_string(),
            Self::Fen => amount.get().to_string(),
        }
    }
}

/// What placeholders read from.
struct Writing<'a> {
    profile: &'a Profile,
    file: &'a NeutralFile,
    payer: &'a Payer,
    total: Fen,
}

impl Writing<'_> {
    fn line(&self, line: &Template, sha256: &str) -> Result<String, BankError> {
        let mut out = String::new();
        for part in &line.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Value(value, fill) => {
                    let text = self.value(*value, sha256);
                    let taken = self.profile.encoded(&text)?.len();
                    out.push_str(&text);
                    let Some(fill) = fill else { continue };
                    let missing = fill.width.checked_sub(taken).ok_or_else(|| {
                        BankError::Payer("表头", BankFault::TooWide(text.clone(), fill.width))
                    })?;
                    out.extend(std::iter::repeat_n(fill.with, missing));
                }
            }
        }
        out.push_str(LINE_END);
        Ok(out)
    }

    fn value(&self, value: Value, sha256: &str) -> String {
        let day = || self.file.created_at.chars().filter(char::is_ascii_digit).take(8).collect();
        match value {
            Value::BatchNo => self.file.batch_no.clone(),
            Value::Count => self.file.lines.len().to_string(),
            Value::Total => self.profile.amount.write(self.total),
            Value::Date => day(),
            Value::CreatedAt => self.file.created_at.clone(),
            Value::Purpose => {
                self.file.lines.first().map_or_else(String::new, |line| line.purpose.clone())
            }
            Value::PayerName => self.payer.name.clone(),
            Value::PayerAccount => self.payer.account.clone(),
            Value::Sha256 => sha256.to_owned(),
        }
    }
}
