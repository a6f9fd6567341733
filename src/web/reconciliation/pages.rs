//! The ten checks of a finance office.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::Yuan;

/// Something that does not agree.
#[derive(Debug, Clone, Default)]
pub struct DifferenceRow {
    pub object: String,
    pub href: Option<String>,
    pub expected: String,
    pub found: String,
}

/// One of the checks.
#[derive(Debug, Clone, Default)]
pub struct CheckRow {
    pub number: u8,
    pub title: &'static str,
    /// What its two sides are called.
    pub sides: (&'static str, &'static str),
    /// None when all is well.
    pub rows: Vec<DifferenceRow>,
    /// Whether there may be more.
    pub is_cut: bool,
}

impl CheckRow {
    /// The word for it.
    pub fn state(&self) -> &'static str {
        if self.rows.is_empty() { "通过" } else { "失配" }
    }
}

/// `/reconciliation`.
#[derive(Debug, Clone, Template)]
#[template(path = "reconciliation/checks.html")]
pub struct ReconciliationPage {
    pub frame: Frame,
    /// Fields: year, batch.
    pub filter: FormState,
    pub years: Vec<Choice>,
    pub payer: String,
    pub batches: usize,
    pub total: Yuan,
    /// How many checks do not agree.
    pub wrong: usize,
    pub checks: Vec<CheckRow>,
}

impl ReconciliationPage {
    /// All well; one that is not.
    pub fn samples() -> Vec<Self> {
        let check = |number, title, rows| CheckRow {
            number,
            title,
            sides: ("批次合计", "明细合计"),
            rows,
            is_cut: false,
        };
        let row = DifferenceRow {
            object: "B2027-0001".into(),
            href: Some("/batches/B2027-0001".into()),
            expected: "200,000.00".into(),
            found: "199,999.99".into(),
        };
        let page = |rows: Vec<DifferenceRow>| Self {
            frame: Frame::sample_finance("/reconciliation"),
            filter: FormState::new("filter").with("year", "2026"),
            years: Choice::list(&[("2026", "2026")]),
            payer: "福建省财政".into(),
            batches: 3,
            total: Yuan::whole(5_000_000),
            wrong: usize::from(!rows.is_empty()),
            checks: vec![
                check(1, "公示、批准的名单与批次明细一致", vec![]),
                check(2, "批次笔数、合计与明细一致", rows),
            ],
        };
        vec![page(vec![]), page(vec![row])]
    }
}
