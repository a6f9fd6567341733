//! The payment voucher of a batch and what the bank receipted of each line, with the field names
//! of DA/T 95-2022 (domain.md 5.3), as a workbook.
//!
//! Amounts are what the bank pays. A failed line is receipted with 0.00 and the reason; a line
//! without an answer has no receipt yet.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::{NaiveDate, NaiveDateTime};
use rust_xlsxwriter::Workbook;

use super::workbook::{CellOut, ColumnKind, ColumnSpec, Table, WriteError, fill_table, properties};
use crate::domain::ledger::BudgetCodes;
use crate::domain::money::Fen;

/// Codes by field.
type Codes = BTreeMap<String, String>;

/// The codes in use: those of this installation once [`put_into_use`] said so, else the shipped ones.
static CODES: OnceLock<Codes> = OnceLock::new();

fn shipped() -> Codes {
    toml::from_str(include_str!("../../profiles/voucher.toml"))
        .expect("the shipped codes are read by a test")
}

fn codes() -> &'static Codes {
    CODES.get_or_init(shipped)
}

/// The shipped codes with an installation's own over them.
///
/// # Errors
/// What is wrong with the text: no TOML, or a field that a voucher takes no code for.
pub fn own_codes(text: &str) -> Result<Codes, String> {
    let own: Codes = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut all = shipped();
    for (field, code) in own {
        match all.get_mut(&field) {
            Some(known) => *known = code,
            None => return Err(format!("凭证没有代码字段 {field}")),
        }
    }
    Ok(all)
}

/// Puts codes into use, once, before the first voucher is written; whether they are.
pub fn put_into_use(codes: Codes) -> bool {
    CODES.set(codes).is_ok()
}

/// The voucher of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voucher {
    /// Region of the payer: six digits.
    pub division: String,
    /// Year whose budget pays.
    pub budget_year: i64,
    /// Day of the voucher.
    pub made_on: NaiveDate,
    /// Its number.
    pub voucher_no: String,
    /// Name of the paying unit.
    pub agency: String,
    /// Its account, as the treasury names it.
    pub payer_account: String,
    /// What it is paid for.
    pub purpose: String,
    /// Number of the batch.
    pub batch_no: String,
    /// What the document of the money says to the treasury; stands before the province's own codes.
    pub codes: BudgetCodes,
}

/// A line of the batch and what the bank receipted of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Identity of the line.
    pub line_ref: String,
    /// Account number.
    pub account_no: String,
    /// Name of its holder.
    pub payee_name: String,
    /// Bank.
    pub bank_name: String,
    /// Bank code (联行号); may be empty.
    pub cnaps: String,
    /// What the bank was asked to pay.
    pub asked: Fen,
    /// What it paid: zero when it failed or the money came back, `None` without an answer.
    pub paid: Option<Fen>,
    /// Day of the payment.
    pub paid_on: Option<NaiveDate>,
    /// The bank's serial number; may be empty.
    pub serial: String,
    /// Why it failed; may be empty.
    pub reason: String,
}

/// The voucher on sheet 支付凭证, receipts with their sums on sheet 回单明细.
///
/// # Errors
/// [`WriteError`] when a sum overflows or the workbook cannot be written.
pub fn voucher_xlsx(
    voucher: &Voucher,
    receipts: &[Receipt],
    created_at: NaiveDateTime,
) -> Result<Vec<u8>, WriteError> {
    let total = Fen::checked_sum(receipts.iter().map(|receipt| receipt.asked))
        .ok_or(WriteError::TotalTooLarge)?;
    let mut workbook = Workbook::new();
    let title = format!("国库集中支付凭证 {}", voucher.voucher_no);
    workbook.set_properties(&properties(&title, &voucher.batch_no, created_at)?);
    let fields = fields(voucher, total);
    let columns =
        fields.iter().map(|(name, width, cell)| ColumnSpec::new(name, *width, kind_of(cell)));
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    let table = table("支付凭证", columns.collect(), false, created_at);
    fill_table(sheet, &table, [fields.into_iter().map(|(_, _, cell)| cell).collect()])?;
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    let rows = receipts.iter().map(|receipt| receipt_row(voucher, receipt));
    fill_table(sheet, &self::table("回单明细", receipt_columns(), true, created_at), rows)?;
    Ok(workbook.save_to_buffer()?)
}

fn text(text: &str) -> CellOut {
    if text.is_empty() { CellOut::Empty } else { CellOut::Text(text.to_owned()) }
}

fn kind_of(cell: &CellOut) -> ColumnKind {
    match cell {
        CellOut::Empty | CellOut::Text(_) => ColumnKind::Text,
        CellOut::Amount(_) => ColumnKind::Amount,
        CellOut::Date(_) => ColumnKind::Date,
        CellOut::Integer(_) => ColumnKind::Integer,
    }
}

/// The fields of a voucher in the order of the standard.
fn fields(voucher: &Voucher, total: Fen) -> Vec<(&'static str, f64, CellOut)> {
    let code = |field: &'static str| {
        let given = match field {
            "AgencyCode" => &voucher.codes.agency,
            "ExpFuncCode" => &voucher.codes.function,
            "DepProCode" => &voucher.codes.project,
            _ => "",
        };
        let known = codes().get(field).map_or("", String::as_str);
        (field, 16.0, text(if given.is_empty() { known } else { given }))
    };
    vec![
        ("AdmDivCode", 12.0, text(&voucher.division)),
        ("StYear", 10.0, CellOut::Integer(voucher.budget_year)),
        code("VtCode"),
        ("VouDate", 12.0, CellOut::Date(voucher.made_on)),
        ("VoucherNo", 28.0, text(&voucher.voucher_no)),
        code("FundTypeCode"),
        code("BgtTypeCode"),
        code("PayTypeCode"),
        code("ProCatCode"),
        code("AgencyCode"),
        ("AgencyName", 24.0, text(&voucher.agency)),
        code("ExpFuncCode"),
        code("GovExpEcoCode"),
        code("DepExpEcoCode"),
        code("DepProCode"),
        ("PayAcctNo", 30.0, text(&voucher.payer_account)),
        ("PayAcctName", 24.0, text(&voucher.agency)),
        code("PayAcctBankName"),
        ("PaySummaryName", 28.0, text(&voucher.purpose)),
        ("PayAmt", 18.0, CellOut::Amount(total)),
    ]
}

fn receipt_columns() -> Vec<ColumnSpec> {
    use ColumnKind::{Amount, Date, Text};
    [
        ("VoucherNo", 28.0, Text),
        ("行标识", 22.0, Text),
        ("PayeeAcctNo", 26.0, Text),
        ("PayeeAcctName", 16.0, Text),
        ("PayeeAcctBankName", 32.0, Text),
        ("PayeeAcctBankNo", 16.0, Text),
        ("PayAmt", 16.0, Amount),
        ("XPayDate", 12.0, Date),
        ("XAgentBusinessNo", 26.0, Text),
        ("XPayAmt", 16.0, Amount),
        ("XPayeeAcctNo", 26.0, Text),
        ("XPayeeAcctName", 16.0, Text),
        ("XPayeeAcctBankName", 32.0, Text),
        ("XAddWord", 30.0, Text),
    ]
    .into_iter()
    .map(|(name, width, kind)| ColumnSpec::new(name, width, kind))
    .collect()
}

fn receipt_row(voucher: &Voucher, receipt: &Receipt) -> Vec<CellOut> {
    // The bank's fields about the payee repeat what it was sent, once it has answered.
    let answered = |told: &str| if receipt.paid.is_some() { text(told) } else { CellOut::Empty };
    vec![
        text(&voucher.voucher_no),
        text(&receipt.line_ref),
        text(&receipt.account_no),
        text(&receipt.payee_name),
        text(&receipt.bank_name),
        text(&receipt.cnaps),
        CellOut::Amount(receipt.asked),
        receipt.paid_on.map_or(CellOut::Empty, CellOut::Date),
        text(&receipt.serial),
        receipt.paid.map_or(CellOut::Empty, CellOut::Amount),
        answered(&receipt.account_no),
        answered(&receipt.payee_name),
        answered(&receipt.bank_name),
        text(&receipt.reason),
    ]
}

fn table(
    title: &str,
    columns: Vec<ColumnSpec>,
    total_row: bool,
    created_at: NaiveDateTime,
) -> Table {
    Table { title: title.to_owned(), columns, total_row, comment: String::new(), created_at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_code_is_a_field_of_the_voucher() {
        let day = NaiveDate::MIN;
        let voucher = Voucher {
            division: String::new(),
            budget_year: 2027,
            made_on: day,
            voucher_no: String::new(),
            agency: String::new(),
            payer_account: String::new(),
            purpose: String::new(),
            batch_no: String::new(),
            codes: BudgetCodes { function: "2080799".to_owned(), ..BudgetCodes::default() },
        };
        let fields = fields(&voucher, Fen::ZERO);
        let given = fields.iter().find(|(name, ..)| *name == "ExpFuncCode");
        assert_eq!(given.map(|(.., cell)| cell.clone()), Some(text("2080799")));
        let known: Vec<_> = fields.iter().map(|(name, _, _)| *name).collect();
        let codes = shipped();
        assert!(codes.keys().all(|code| known.contains(&code.as_str())), "{codes:?}");
    }

    #[test]
    fn an_installation_fills_in_its_codes_and_no_others() {
        let codes = own_codes("FundTypeCode = \"11\"").unwrap();
        assert_eq!((&*codes["FundTypeCode"], &*codes["DepExpEcoCode"]), ("11", "30309"));
        assert!(own_codes("PayAmt = \"1\"").unwrap_err().contains("PayAmt"));
        assert!(own_codes("FundTypeCode = 11").is_err());
    }
}
