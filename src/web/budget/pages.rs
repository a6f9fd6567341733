//! Money set aside, by source, payer and year.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::Yuan;

/// A line: balance = allotted - committed - paid.
#[derive(Debug, Clone, Default)]
pub struct BudgetRow {
    pub year: i32,
    pub source: String,
    pub payer: String,
    /// Document that allotted the money.
    pub documents: String,
    pub allotted: Yuan,
    /// In batches that are not paid yet.
    pub committed: Yuan,
    pub paid: Yuan,
    pub balance: Yuan,
}

/// `/budget`.
#[derive(Debug, Clone, Template)]
#[template(path = "budget/list.html")]
pub struct BudgetList {
    pub frame: Frame,
    pub rows: Vec<BudgetRow>,
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
        let row = |source: &str, payer: &str, sums: [i64; 4]| {
            let [allotted, committed, paid, balance] = sums.map(Yuan::whole);
            BudgetRow {
                year: 2026,
                source: source.into(),
                payer: payer.into(),
                documents: "闽财指〔2026〕88 号".into(),
                allotted,
                committed,
                paid,
                balance,
            }
        };
        let rows = || {
            vec![
                row(
                    "省级财政",
                    "福建省财政厅国库处",
                    [260_000_000, 60_000_000, 168_200_000, 31_800_000],
                ),
                row("厦门市财政", "厦门市财政局", [20_000_000, 21_400_000, 0, -1_400_000]),
            ]
        };
        let page = |rows: Vec<BudgetRow>, form| Self {
            frame: Frame::sample_finance("/budget"),
            rows,
            form,
            sources: Choice::list(&[("province", "省级财政"), ("xiamen", "厦门市财政")]),
            payers: Choice::list(&[("fj", "福建省财政厅国库处")]),
        };
        let form = || FormState::new("budget");
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
