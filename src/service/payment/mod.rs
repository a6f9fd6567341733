//! Payment batches: made, checked and approved by three people, sent to a bank and read back
//! (domain.md 7.9).
//!
//! Every step is one transaction: it locks the batch, recomputes the hash of what was frozen,
//! lets the domain decide, saves, and records itself in the batch's steps and in the audit chain.
//! Killed between or inside steps, a batch is in the state of the last step that was answered.

mod bank;
mod create;
mod download;
mod freeze;
mod hold;
mod preview;
mod returned;
mod review;
mod sample;
mod signature;
mod step;

use crate::domain::authority::Act;
use crate::domain::money::Fen;
use crate::domain::payment::State;
use crate::store::budget::BudgetKey;
use crate::store::payment::{Batch, Scope};

use super::Error;

pub use bank::{IssuedFile, issue_file, mark_sent};
pub(super) use create::create_found;
pub use create::{create, create_all};
pub use download::{FileFormat, file};
pub use freeze::freeze;
pub use hold::{HOLDS_A_PAGE, HoldLine, HoldOf, hold, holds, may_hold, release_hold};
pub(super) use preview::account_no;
pub use preview::{Excluded, Preview, preview};
pub use returned::{
    Confirmed, LoadedReturn, Resolution, ReturnFile, confirm_return, load_return, resolve_suspense,
};
pub use review::{Approval, approve, cancel, check, close, send_back};
pub(super) use sample::plan as sample_plan;
pub use sample::{Check, Looked};
pub(super) use signature::is_good;

/// What a batch is about. One batch has one source, payer, year and purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criteria {
    /// Programme code, for instance `core-engineer`.
    pub programme: String,
    /// Year the money is for.
    pub award_year: i64,
    /// Calendar year whose budget pays; a batch can only be frozen within it.
    pub budget_year: i64,
    /// Funding source code, for instance `province`.
    pub source: String,
    /// Division of the finance office that pays; the actor's own.
    pub payer_division: String,
    /// City-level unit whose people it is about; empty for all.
    pub city_unit: String,
    /// Code of the enterprise whose people it is about; empty for all.
    pub enterprise_uscc: String,
    /// What payees read on their statement, 1 to 20 characters.
    pub purpose: String,
    /// Account that pays, as the treasury names it, 1 to 64 characters.
    pub payer_account: String,
    /// Most lines to take, 1 to 50,000.
    pub max_lines: i64,
}

impl Criteria {
    fn scope(&self) -> Scope {
        Scope {
            programme: self.programme.clone(),
            award_year: self.award_year,
            source: self.source.clone(),
            payer_division: self.payer_division.clone(),
            city_unit: self.city_unit.clone(),
            enterprise_uscc: self.enterprise_uscc.clone(),
        }
    }

    fn budget_key(&self) -> BudgetKey {
        BudgetKey {
            programme: self.programme.clone(),
            source: self.source.clone(),
            payer_division: self.payer_division.clone(),
            budget_year: self.budget_year,
        }
    }
}

/// The criteria that a batch was drawn up with.
impl From<&Batch> for Criteria {
    fn from(batch: &Batch) -> Self {
        Self {
            programme: batch.programme.clone(),
            award_year: batch.award_year,
            budget_year: batch.budget_year,
            source: batch.source.clone(),
            payer_division: batch.payer_division.clone(),
            city_unit: batch.city_unit.clone(),
            enterprise_uscc: batch.enterprise_uscc.clone(),
            purpose: batch.purpose.clone(),
            payer_account: batch.payer_account.clone(),
            max_lines: batch.max_lines,
        }
    }
}

/// Where a batch stands after a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Official number.
    pub batch_no: String,
    /// State.
    pub state: State,
    /// Version; the next step has to name it.
    pub version: i64,
    /// How often the batch was drawn up.
    pub revision: i64,
    /// Number of lines; 0 for a draft.
    pub line_count: i64,
    /// Sum of the lines.
    pub total: Fen,
    /// SHA-256 of the frozen content in hexadecimal; empty for a draft.
    pub content_hash: String,
}

/// An act of which a role needs one, for the error when it has none.
const fn first(acts: &'static [Act]) -> Act {
    acts[0]
}

/// [`required_text`] of a form that tells all its faults together: a wrong one adds to them and
/// leaves the text empty.
pub(super) fn text_or_fault(
    faults: &mut Vec<(String, String)>,
    (field, label): (&str, &str),
    text: &str,
    max: usize,
) -> String {
    required_text(field, label, text, max).unwrap_or_else(|error| {
        if let Error::Invalid(more) = error {
            faults.extend(more);
        }
        String::new()
    })
}

/// A text that the user has to give: trimmed, not empty, at most `max` characters, one line.
pub(super) fn required_text(
    field: &str,
    label: &str,
    text: &str,
    max: usize,
) -> Result<String, Error> {
    let text = text.trim();
    let wrong = if text.is_empty() {
        format!("请填写{label}")
    } else if text.chars().count() > max {
        format!("{label}不能超过 {max} 个字")
    } else if text.chars().any(char::is_control) {
        format!("{label}不能含换行等控制字符")
    } else {
        return Ok(text.to_owned());
    };
    Err(Error::Invalid(vec![(field.to_owned(), wrong)]))
}
