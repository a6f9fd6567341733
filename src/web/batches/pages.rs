//! From a draft to a closed batch, and money that came back without an owner.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use super::samples;
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::{Deed, Pager, Yuan};

/// A line of the list.
#[derive(Debug, Clone, Default)]
pub struct BatchRow {
    pub no: String,
    pub year: i32,
    pub source: String,
    pub payer: String,
    pub lines: i64,
    pub sum: Yuan,
    pub state: String,
    /// Maker, checker and approver so far.
    pub people: String,
    pub changed_at: String,
}

/// `/batches`.
#[derive(Debug, Clone, Template)]
#[template(path = "batches/list.html")]
pub struct BatchList {
    pub frame: Frame,
    /// Fields: year, state.
    pub filter: FormState,
    pub years: Vec<Choice>,
    pub states: Vec<Choice>,
    pub rows: Vec<BatchRow>,
    pub pager: Pager,
    pub may_create: bool,
}

impl BatchList {
    /// Some and none.
    pub fn samples() -> Vec<Self> {
        samples::lists()
    }
}

/// Persons left out, by reason.
#[derive(Debug, Clone, Default)]
pub struct Excluded {
    pub reason: String,
    pub persons: i64,
    pub amount: Yuan,
    pub remedy: String,
}

/// What a new batch would hold.
#[derive(Debug, Clone, Default)]
pub struct BatchPreview {
    pub payable: i64,
    pub sum: Yuan,
    pub sum_capital: String,
    pub excluded: Vec<Excluded>,
    pub available: Yuan,
    /// How much the budget lacks; zero when it suffices.
    pub shortfall: Yuan,
}

/// `/batches/new`: choose (GET), then make (POST `/batches`).
#[derive(Debug, Clone, Template)]
#[template(path = "batches/new.html")]
pub struct BatchNew {
    pub frame: Frame,
    /// Fields: year, source, payer.
    pub form: FormState,
    pub years: Vec<Choice>,
    pub sources: Vec<Choice>,
    pub payers: Vec<Choice>,
    /// Once everything is chosen.
    pub preview: Option<BatchPreview>,
}

impl BatchNew {
    /// Nothing chosen, enough money, too little, nobody payable.
    pub fn samples() -> Vec<Self> {
        samples::drafts()
    }
}

/// A step of the batch's way.
#[derive(Debug, Clone, Default)]
pub struct BatchStep {
    pub label: &'static str,
    /// `done`, `now` or `later`.
    pub state: &'static str,
    pub who: String,
    pub at: String,
}

/// A payment of the batch.
#[derive(Debug, Clone, Default)]
pub struct BatchLine {
    pub number: i64,
    pub name: String,
    pub no: String,
    pub enterprise: String,
    pub bank: String,
    pub account_last4: String,
    pub amount: Yuan,
    pub state: String,
    pub remark: String,
}

/// Something that can be done with the batch now.
#[derive(Debug, Clone, Default)]
pub struct BatchAction {
    pub label: String,
    /// Address it is sent to; also the name of its idempotency key.
    pub href: String,
    pub key: String,
    /// What it does.
    pub hint: String,
    /// Why this person cannot do it now.
    pub why_not: Option<String>,
    /// Sends something back or cancels: asks for a reason (field `reason`).
    pub needs_reason: Option<FormState>,
    /// The main thing to do.
    pub is_main: bool,
}

impl BatchAction {
    /// Label of the field that asks why.
    pub fn reason_label(&self) -> String {
        format!("{}的原因", self.label)
    }
}

/// A file that belongs to the batch.
#[derive(Debug, Clone, Default)]
pub struct BatchFile {
    pub name: String,
    pub href: String,
    pub hash: String,
    pub made_at: String,
    pub who: String,
}

/// Sent = paid + failed + in transit.
#[derive(Debug, Clone, Default)]
pub struct Reconciliation {
    pub sent: Yuan,
    pub paid: Yuan,
    pub failed: Yuan,
    pub in_transit: Yuan,
    pub holds: bool,
}

/// `/batches/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "batches/batch.html")]
pub struct Batch {
    pub frame: Frame,
    pub facts: BatchRow,
    pub sum_capital: String,
    pub purpose: String,
    pub hash: Option<String>,
    pub steps: Vec<BatchStep>,
    pub actions: Vec<BatchAction>,
    pub lines: Vec<BatchLine>,
    pub pager: Pager,
    pub files: Vec<BatchFile>,
    /// Fields: file. `None` when no return file is expected.
    pub return_form: Option<FormState>,
    pub reconciliation: Option<Reconciliation>,
    pub deeds: Vec<Deed>,
}

impl Batch {
    /// All forms on the page.
    pub fn forms(&self) -> Vec<&FormState> {
        let reasons = self.actions.iter().filter_map(|action| action.needs_reason.as_ref());
        reasons.chain(&self.return_form).collect()
    }

    /// Whether a form on the page has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.forms().into_iter().any(FormState::has_errors)
    }

    /// Draft, waiting for the checker, own batch, part returned, closed, reason missing.
    pub fn samples() -> Vec<Self> {
        samples::batches()
    }
}

/// A sum by city or enterprise on the summary.
#[derive(Debug, Clone, Default)]
pub struct SummaryRow {
    pub name: String,
    pub lines: i64,
    pub amount: Yuan,
}

/// `/batches/{no}/summary`: the form that is printed and signed.
#[derive(Debug, Clone, Template)]
#[template(path = "batches/summary.html")]
pub struct BatchSummary {
    pub frame: Frame,
    pub facts: BatchRow,
    pub sum_capital: String,
    pub purpose: String,
    pub policy: String,
    pub hash: String,
    pub rows: Vec<SummaryRow>,
    pub made_by: String,
    pub checked_by: String,
    pub approved_by: String,
}

impl BatchSummary {
    /// One form.
    pub fn samples() -> Vec<Self> {
        samples::summaries()
    }
}

/// A row of a return file that matched nothing.
#[derive(Debug, Clone, Default)]
pub struct SuspenseRow {
    pub id: i64,
    pub batch_no: String,
    pub received_on: String,
    pub payee: String,
    pub account_last4: String,
    pub amount: Yuan,
    pub bank_text: String,
    pub problem: String,
    /// 待处理 or 已处理.
    pub state: String,
    pub resolution: String,
    /// Fields: line (number in the batch), reason. `None` when done or not allowed.
    pub form: Option<FormState>,
}

/// `/suspense`.
#[derive(Debug, Clone, Template)]
#[template(path = "batches/suspense.html")]
pub struct SuspenseList {
    pub frame: Frame,
    pub rows: Vec<SuspenseRow>,
    pub total: Yuan,
    pub pager: Pager,
}

impl SuspenseList {
    /// Whether a form has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.rows.iter().filter_map(|row| row.form.as_ref()).any(FormState::has_errors)
    }

    /// Some, none, a reason missing.
    pub fn samples() -> Vec<Self> {
        samples::suspense()
    }
}
