//! What became of the money of a year: payments with the bank's answers, and what recoveries did.

use chrono::{DateTime, Utc};

use crate::clock::china_day_start;
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::store::recovery::{EntryKind, YearEntry};
use crate::store::stipend::explain as store;

/// A payment with the bank's answer, or what a recovery did to the year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedPayment {
    /// Number of the batch or of the recovery.
    pub batch_no: String,
    /// Whether it is a recovery.
    pub is_recovery: bool,
    /// Amount before tax; below zero for what came back.
    pub amount: Fen,
    /// Last digits of the account.
    pub last_four: String,
    /// 在途, 已付, 退票 or 作废; 归还, 抵扣 or 核销.
    pub state: &'static str,
    /// What the bank said.
    pub bank_reply: String,
    /// When it paid; the day of a recovery's entry.
    pub paid_at: Option<DateTime<Utc>>,
}

/// Payments and entries of recoveries as the reader sees them.
pub(super) fn payments(
    payments: Vec<store::Payment>,
    entries: Vec<YearEntry>,
) -> Vec<ExplainedPayment> {
    payments.into_iter().map(paid).chain(entries.into_iter().map(entered)).collect()
}

fn paid(payment: store::Payment) -> ExplainedPayment {
    let (state, bank_reply) = match payment.outcome.as_str() {
        "settled" => ("已付", format!("交易成功 {}{}", payment.bank_serial, net_words(&payment))),
        "failed" => ("退票", payment.reason_text),
        "released" => ("作废", "未送银行".to_owned()),
        _ => ("在途", "等待银行回单".to_owned()),
    };
    ExplainedPayment {
        batch_no: payment.batch_no,
        is_recovery: false,
        amount: Fen::new(payment.amount_fen),
        last_four: payment.last_four,
        state,
        bank_reply: bank_reply.trim().to_owned(),
        paid_at: payment.paid_at,
    }
}

/// What the person has of it, where something is withheld.
fn net_words(payment: &store::Payment) -> String {
    let net = Fen::new(payment.amount_fen.saturating_sub(payment.tax_fen)).grouped();
    let tax = Fen::new(payment.tax_fen);
    match tax {
        Fen::ZERO => String::new(),
        tax => format!("，代扣个税 {} 元，实发 {net} 元", tax.grouped()),
    }
}

fn entered(entry: YearEntry) -> ExplainedPayment {
    let kind = EntryKind::from_code(&entry.kind);
    let bank_reply = match kind {
        Some(EntryKind::SetOff) if entry.amount_fen > 0 => "抵扣以前年度的追回".to_owned(),
        Some(EntryKind::SetOff) => "用以后年度的奖补抵扣".to_owned(),
        _ => entry.document_no,
    };
    ExplainedPayment {
        batch_no: entry.recovery_no,
        is_recovery: true,
        amount: Fen::new(entry.amount_fen),
        last_four: String::new(),
        state: kind.map_or("", Code::label),
        bank_reply,
        paid_at: Some(china_day_start(entry.on_day)),
    }
}
