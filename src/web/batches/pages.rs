//! From a draft to a closed batch, and money that came back without an owner.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use super::ready::ReadyRow;
use super::samples;
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::{Deed, Pager, Yuan};

/// A line of the list.
#[derive(Debug, Clone, Default)]
pub struct BatchRow {
    pub no: String,
    pub year: i64,
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
    /// What is wrong, for the first persons.
    pub examples: Vec<String>,
}

/// What a new batch would hold.
#[derive(Debug, Clone, Default)]
pub struct BatchPreview {
    pub payable: i64,
    pub sum: Yuan,
    pub sum_capital: String,
    /// Could be paid but are beyond the most lines of a batch.
    pub waiting: i64,
    pub excluded: Vec<Excluded>,
    pub available: Yuan,
    /// How much the budget lacks; zero when it suffices.
    pub shortfall: Yuan,
    /// How tax is handled; empty while that is undetermined.
    pub treatment: String,
    /// Withheld of the sum.
    pub tax: Yuan,
}

/// How the tax of a batch is handled.
#[derive(Debug, Clone, Default)]
pub struct BatchTax {
    pub treatment: String,
    pub formula: String,
    pub tax: Yuan,
    /// What the bank pays.
    pub net: Yuan,
}

/// `/batches/new`: choose (GET), then make (POST `/batches`).
#[derive(Debug, Clone, Template)]
#[template(path = "batches/new.html")]
pub struct BatchNew {
    pub frame: Frame,
    /// Fields: programme, award_year, source, payer_division, city_unit, enterprise, max_lines.
    pub form: FormState,
    /// Fields: purpose, payer_account, all.
    pub details: FormState,
    pub programmes: Vec<Choice>,
    pub years: Vec<Choice>,
    pub sources: Vec<Choice>,
    pub payers: Vec<Choice>,
    pub cities: Vec<Choice>,
    pub enterprises: Vec<Choice>,
    /// Whose budget pays.
    pub budget_year: i64,
    /// Once everything is chosen.
    pub preview: Option<BatchPreview>,
    /// What could be paid, until then.
    pub ready: Vec<ReadyRow>,
}

impl BatchNew {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.form.has_errors() || self.details.has_errors()
    }

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
    pub tax: Yuan,
    pub net: Yuan,
    pub state: String,
    pub remark: String,
}

/// A field of an action.
#[derive(Debug, Clone, Default)]
pub struct ActionField {
    pub name: &'static str,
    pub label: &'static str,
    pub hint: String,
    /// Several lines of text.
    pub is_long: bool,
    /// A password: never shown again.
    pub is_secret: bool,
    /// What to choose from; empty for a text.
    pub choices: Vec<Choice>,
}

/// Something that can be done with the batch now.
#[derive(Debug, Clone, Default)]
pub struct BatchAction {
    pub label: String,
    /// Address it is sent to.
    pub href: String,
    /// Name of its idempotency key; unique on the page.
    pub key: String,
    /// What it does.
    pub hint: String,
    /// Why this person cannot do it now.
    pub why_not: Option<String>,
    /// What has to be typed.
    pub fields: Vec<ActionField>,
    pub form: FormState,
    /// It has a page of its own.
    pub is_page: bool,
    /// The main thing to do.
    pub is_main: bool,
    /// Gives something up.
    pub is_danger: bool,
}

/// A payment that the checker compares with the papers.
#[derive(Debug, Clone, Default)]
pub struct CheckRow {
    pub number: i64,
    pub name: String,
    pub no: String,
    pub enterprise: String,
    pub bank: String,
    pub cnaps: String,
    /// The whole number, in fours.
    pub account: String,
    pub amount: Yuan,
    /// Document behind the account.
    pub source: String,
    /// Who recorded the account, when.
    pub recorded: String,
    pub reason: &'static str,
    /// Names of its two fields.
    pub finding: String,
    pub note: String,
}

/// `/batches/{no}/check`.
#[derive(Debug, Clone, Template)]
#[template(path = "batches/check.html")]
pub struct BatchCheck {
    pub frame: Frame,
    pub facts: BatchRow,
    pub sum_capital: String,
    pub taxed: Option<BatchTax>,
    pub purpose: String,
    pub payer_account: String,
    pub hash: String,
    pub version: i64,
    pub regions: Vec<SummaryRow>,
    pub rows: Vec<CheckRow>,
    pub findings: Vec<Choice>,
    /// Fields: also, finding-N, note-N.
    pub form: FormState,
}

impl BatchCheck {
    /// As it opens, and with an open question.
    pub fn samples() -> Vec<Self> {
        samples::checks()
    }
}

/// A payment that a checker looked at.
#[derive(Debug, Clone, Default)]
pub struct Sampled {
    pub revision: i64,
    pub number: i64,
    pub name: String,
    pub reason: &'static str,
    pub finding: &'static str,
    pub note: String,
    pub who: String,
}

/// A file that belongs to the batch.
#[derive(Debug, Clone, Default)]
pub struct BatchFile {
    pub name: String,
    pub href: String,
    /// What form it has and for whom.
    pub note: String,
    /// SHA-256; empty where none is on record.
    pub hash: String,
    pub made_at: String,
    pub who: String,
}

/// A row of a return file that is no plain success.
#[derive(Debug, Clone, Default)]
pub struct ReturnedRow {
    pub row_no: i64,
    pub line: String,
    pub payee: String,
    pub amount: Yuan,
    pub state: String,
    pub remark: String,
}

/// A return file of the batch.
#[derive(Debug, Clone, Default)]
pub struct BatchReturn {
    pub no: String,
    pub file_name: String,
    /// The bank's own number of it; empty when unknown.
    pub bank_no: String,
    pub loaded: String,
    /// Who confirmed it; empty while nobody did.
    pub confirmed: String,
    pub paid: i64,
    pub paid_sum: Yuan,
    pub failed: i64,
    pub repeated: i64,
    /// The bank has no result yet.
    pub waiting: i64,
    pub suspense: i64,
    pub rows: Vec<ReturnedRow>,
}

impl BatchReturn {
    /// Whether it has taken effect.
    pub fn state(&self) -> &'static str {
        if self.confirmed.is_empty() { "待确认" } else { "已确认" }
    }
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
    /// `None` for a draft.
    pub taxed: Option<BatchTax>,
    pub purpose: String,
    pub payer_account: String,
    /// Whose money it takes.
    pub selection: String,
    pub budget_year: i64,
    pub voucher_no: String,
    pub hash: Option<String>,
    /// Sent back with every action.
    pub version: i64,
    pub steps: Vec<BatchStep>,
    pub actions: Vec<BatchAction>,
    /// What checkers looked at.
    pub sampled: Vec<Sampled>,
    pub lines: Vec<BatchLine>,
    pub pager: Pager,
    pub files: Vec<BatchFile>,
    pub returns: Vec<BatchReturn>,
    /// Fields: file, bank_no. `None` when no return file is expected.
    pub return_form: Option<FormState>,
    /// What freezing a draft would fix.
    pub preview: Option<BatchPreview>,
    pub reconciliation: Option<Reconciliation>,
    pub deeds: Vec<Deed>,
}

impl Batch {
    /// All forms on the page.
    pub fn forms(&self) -> Vec<&FormState> {
        self.actions.iter().map(|action| &action.form).chain(&self.return_form).collect()
    }

    /// Whether the bank pays less than the gross sum.
    pub fn is_withheld(&self) -> bool {
        self.taxed.as_ref().is_some_and(|taxed| !taxed.tax.is_zero())
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

/// Who signs what is printed, with the moment where it was done.
#[derive(Debug, Clone, Default)]
pub struct SignedBy {
    pub made_by: String,
    pub checked_by: String,
    pub approved_by: String,
    /// Whether the approver's electronic signature holds; `None` where there is none.
    pub is_good: Option<bool>,
}

/// `/batches/{no}/summary`: the form that is printed and signed.
#[derive(Debug, Clone, Template)]
#[template(path = "batches/summary.html")]
pub struct BatchSummary {
    pub frame: Frame,
    pub facts: BatchRow,
    pub sum_capital: String,
    pub taxed: Option<BatchTax>,
    pub purpose: String,
    pub policy: String,
    pub payer_account: String,
    pub budget_year: i64,
    pub voucher_no: String,
    pub hash: String,
    pub rows: Vec<SummaryRow>,
    pub signed: SignedBy,
}

impl BatchSummary {
    /// One form.
    pub fn samples() -> Vec<Self> {
        samples::summaries()
    }
}

/// `/batches/{no}/details`: the table of payments that is printed and signed.
#[derive(Debug, Clone, Template)]
#[template(path = "batches/details.html")]
pub struct BatchDetails {
    pub frame: Frame,
    pub facts: BatchRow,
    pub sum_capital: String,
    pub taxed: Option<BatchTax>,
    pub purpose: String,
    pub hash: String,
    pub signed: SignedBy,
    pub lines: Vec<BatchLine>,
    /// Number of the printed sheet, from 1.
    pub sheet: i64,
    pub sheets: i64,
    /// Sums of the sheet.
    pub amount: Yuan,
    pub tax: Yuan,
    pub net: Yuan,
    pub pager: Pager,
}

impl BatchDetails {
    /// Whether the bank pays less than the gross sum.
    pub fn is_withheld(&self) -> bool {
        self.taxed.as_ref().is_some_and(|taxed| !taxed.tax.is_zero())
    }

    /// Tax withheld, on the last of two sheets; none withheld.
    pub fn samples() -> Vec<Self> {
        samples::details()
    }
}

/// A row of a return file that matched nothing.
#[derive(Debug, Clone, Default)]
pub struct SuspenseRow {
    pub id: i64,
    pub batch_no: String,
    /// Return file and row.
    pub place: String,
    /// What the bank calls the payment.
    pub line_ref: String,
    pub received_on: String,
    pub payee: String,
    pub account_last4: String,
    pub amount: Yuan,
    pub bank_text: String,
    /// Class of the question; empty for old rows.
    pub class: &'static str,
    pub problem: String,
    /// 待处理 or 已处理.
    pub state: String,
    pub resolution: String,
    /// Fields: line (number in the batch), reason. `None` when done or not allowed.
    pub form: Option<FormState>,
}

/// How many rows in suspense are of a class.
#[derive(Debug, Clone)]
pub struct ClassRow {
    pub label: &'static str,
    /// Empty for rows older than the classes.
    pub code: &'static str,
    pub open: i64,
    pub open_sum: Yuan,
    pub explained: i64,
}

/// `/suspense`.
#[derive(Debug, Clone, Template)]
#[template(path = "batches/suspense.html")]
pub struct SuspenseList {
    pub frame: Frame,
    /// Field: class.
    pub filter: FormState,
    pub choices: Vec<Choice>,
    pub classes: Vec<ClassRow>,
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
