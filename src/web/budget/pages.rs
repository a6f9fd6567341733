//! Money set aside, by source, payer and year.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::Yuan;

/// A line: balance = allotted - frozen - sent - paid.
#[derive(Debug, Clone, Default)]
pub struct BudgetRow {
    pub year: i64,
    pub source: String,
    pub payer: String,
    pub allotted: Yuan,
    /// In batches that have not gone to the bank.
    pub frozen: Yuan,
    /// At the bank, without an answer.
    pub sent: Yuan,
    pub paid: Yuan,
    /// Failed or sent back: part of the balance again.
    pub failed: Yuan,
    pub balance: Yuan,
}

/// A document that set money aside or took it back.
#[derive(Debug, Clone, Default)]
pub struct BudgetDocument {
    pub year: i64,
    pub source: String,
    pub payer: String,
    pub number: String,
    pub amount: Yuan,
    pub who: String,
    pub at: String,
}

/// `/budget`.
#[derive(Debug, Clone, Template)]
#[template(path = "budget/list.html")]
pub struct BudgetList {
    pub frame: Frame,
    pub rows: Vec<BudgetRow>,
    pub documents: Vec<BudgetDocument>,
    /// Fields: year, source, payer, amount, document_no. `None` when not allowed.
    pub form: Option<FormState>,
    pub sources: Vec<Choice>,
    pub payers: Vec<Choice>,
}

impl BudgetList {
    /// Whether the form has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.form.as_ref().is_some_and(FormState::has_errors)
    }

    /// Some, none, a wrong amount, read only.
    pub fn samples() -> Vec<Self> {
        let page = |rows: Vec<BudgetRow>, form| Self {
            frame: Frame::sample_finance("/budget"),
            documents: if rows.is_empty() { vec![] } else { documents() },
            rows,
            form,
            sources: Choice::list(&[("province", "省级财政"), ("xiamen", "厦门市财政")]),
            payers: Choice::list(&[("fj", "福建省财政")]),
        };
        let form = || FormState::new("budget").with("year", "2026");
        let wrong = form()
            .with("amount", "5000万")
            .with("source", "province")
            .wrong("amount", "金额应为最多两位小数的数字，例如 50000000.00")
            .wrong("document_no", "请填写指标文号");
        vec![
            page(rows(), Some(form())),
            page(vec![], Some(form())),
            page(rows(), Some(wrong)),
            page(rows(), None),
        ]
    }
}

fn rows() -> Vec<BudgetRow> {
    let row = |source: &str, payer: &str, sums: [i64; 6]| {
        let [allotted, frozen, sent, paid, failed, balance] = sums.map(Yuan::whole);
        BudgetRow {
            year: 2026,
            source: source.into(),
            payer: payer.into(),
            allotted,
            frozen,
            sent,
            paid,
            failed,
            balance,
        }
    };
    let province = [260_000_000, 40_000_000, 20_000_000, 168_200_000, 200_000, 31_800_000];
    vec![
        row("省级财政", "福建省财政", province),
        row("市级财政", "厦门市财政", [20_000_000, 21_400_000, 0, 0, 0, -1_400_000]),
    ]
}

fn documents() -> Vec<BudgetDocument> {
    let document = |number: &str, yuan| BudgetDocument {
        year: 2026,
        source: "省级财政".into(),
        payer: "福建省财政".into(),
        number: number.into(),
        amount: Yuan::whole(yuan),
        who: "黄颖".into(),
        at: "2026-11-20 09:12".into(),
    };
    vec![document("闽财指〔2026〕88 号", 270_000_000), document("闽财指〔2026〕93 号", -10_000_000)]
}
