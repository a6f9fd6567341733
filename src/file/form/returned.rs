//! 银行回单: what became of each line of a payment file (domain.md 5.4).

use chrono::NaiveDateTime;

use super::cell::{self, Problem};
use super::columns::RETURN_STATUSES;
use super::{Fields, FormRow, ImportKind, Seen};
use crate::domain::money::Fen;
use crate::domain::registry::Code;

crate::code_list! {
    /// What the bank says about a line.
    ReturnStatus {
        /// Paid.
        Paid = "S", "成功";
        /// Not paid.
        Failed = "F", "失败";
        /// Paid, and sent back later.
        SentBack = "R", "退回";
    }
}

/// One line that came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnRow {
    /// Our identity of the line, as the payment file gave it.
    pub line_id: String,
    /// What became of it.
    pub status: ReturnStatus,
    /// Positive for a paid line, zero for a failed one; for one sent back what the bank states.
    pub paid_amount: Fen,
    /// The bank's serial number; always there for a paid line.
    pub bank_serial: String,
    /// When it was paid, in Asia/Shanghai, midnight when only the day is known; always there for a
    /// paid line.
    pub paid_at: Option<NaiveDateTime>,
    /// The bank's reason code; may be empty.
    pub reason_code: String,
    /// The bank's reason; with the code, not empty for a failed line.
    pub reason_text: String,
    /// Payee as the bank repeats it; may be empty.
    pub payee_name: String,
    /// Account number as the bank repeats it; may be empty.
    pub account_no: String,
}

impl FormRow for ReturnRow {
    const KIND: ImportKind = ImportKind::BankReturn;

    fn read(fields: &mut Fields<'_>, seen: &mut Seen) -> Option<Self> {
        let line_id = fields.value("line_id", cell::short_code);
        let earlier = line_id.as_ref().and_then(|id| seen.earlier(id.clone(), fields.row_number()));
        if let Some(first) = earlier {
            let reason = format!("与第{first}行line_id重复");
            fields.refuse("line_id", Problem::new(reason, "每行发放只应返回一次，请向银行核实"));
        }
        let status = fields.choice("status", RETURN_STATUSES).and_then(ReturnStatus::from_code);
        let paid_amount = fields.value("paid_amount", cell::amount);
        let bank_serial = fields.value("bank_serial", cell::identifier);
        let paid_at = fields.value("paid_at", cell::moment);
        let reason_code = fields.words("reason_code");
        let reason_text = fields.words("reason_text");
        let payee_name = fields.words("payee_name");
        let account_no = fields.value("account_no", cell::identifier);
        match status {
            Some(ReturnStatus::Paid) => require_payment(fields, paid_amount),
            Some(ReturnStatus::Failed) => require_failure(fields, paid_amount),
            _ => {}
        }
        Some(Self {
            line_id: line_id?,
            status: status?,
            paid_amount: paid_amount.unwrap_or(Fen::ZERO),
            bank_serial: bank_serial.unwrap_or_default(),
            paid_at,
            reason_code: reason_code?,
            reason_text: reason_text?,
            payee_name: payee_name?,
            account_no: account_no.unwrap_or_default(),
        })
    }
}

fn require_payment(fields: &mut Fields<'_>, paid_amount: Option<Fen>) {
    if paid_amount == Some(Fen::ZERO) {
        let problem = Problem::new("成功行的paid_amount应大于0", "请向银行核实实付金额");
        fields.refuse("paid_amount", problem);
    }
    for column in ["paid_amount", "bank_serial", "paid_at"] {
        if fields.is_empty(column) {
            let problem = Problem::new(format!("成功行的{column}必填"), "请向银行索取完整回单");
            fields.refuse(column, problem);
        }
    }
}

fn require_failure(fields: &mut Fields<'_>, paid_amount: Option<Fen>) {
    if paid_amount.is_some_and(|amount| amount > Fen::ZERO) {
        let problem = Problem::new("失败行的paid_amount应为0或不填", "请向银行核实该行状态");
        fields.refuse("paid_amount", problem);
    }
    if fields.is_empty("reason_code") && fields.is_empty("reason_text") {
        let problem = Problem::new("失败行应填写原因", "请填写原因代码或原因");
        fields.refuse("reason_code", problem);
    }
}
