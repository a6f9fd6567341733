//! Why an amount is what it is.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use super::samples;
use crate::web::frame::Frame;
use crate::web::words::{Deed, Yuan};

/// A parameter of the policy that was used.
#[derive(Debug, Clone, Default)]
pub struct ParameterUsed {
    pub name: String,
    pub value: String,
    /// Clause it rests on; empty when it is a default of the rule set.
    pub clause: String,
    pub is_default: bool,
}

/// A fact that went in.
#[derive(Debug, Clone, Default)]
pub struct InputFact {
    pub subject: String,
    pub content: String,
    pub period: String,
    pub source: String,
    pub recorded_at: String,
}

/// A month of the award year.
#[derive(Debug, Clone, Default)]
pub struct Month {
    /// 1 to 12.
    pub number: i64,
    pub counted: bool,
    /// Qualifying days.
    pub days: i64,
    pub enterprise: String,
    /// Why it does not count.
    pub reason: String,
}

/// A step of the calculation.
#[derive(Debug, Clone, Default)]
pub struct Step {
    pub text: String,
    /// The calculation in words and figures.
    pub lines: Vec<String>,
    pub result: String,
    /// Document and clause of the parameters it reads.
    pub basis: String,
}

/// A share of the amount.
#[derive(Debug, Clone, Default)]
pub struct Share {
    pub enterprise: String,
    pub source: String,
    pub months: i64,
    pub amount: Yuan,
}

/// A version of this entitlement.
#[derive(Debug, Clone, Default)]
pub struct EntitlementVersion {
    pub version: i64,
    pub computed_at: String,
    pub known_at: String,
    pub net: Yuan,
    /// Difference to the version before.
    pub change: Yuan,
    pub reason: String,
    /// Whether it stands now.
    pub is_current: bool,
    pub is_shown: bool,
}

/// A payment of this entitlement.
#[derive(Debug, Clone, Default)]
pub struct PaymentRow {
    /// Number of the batch or of the recovery.
    pub batch_no: String,
    /// Where that is found.
    pub area: &'static str,
    pub amount: Yuan,
    pub account_last4: String,
    pub state: String,
    pub bank_reply: String,
    pub replied_on: String,
}

/// `/engineers/{no}/years/{year}`.
#[derive(Debug, Clone, Template)]
#[template(path = "engineers/explanation.html")]
pub struct Explanation {
    pub frame: Frame,
    pub name: String,
    pub no: String,
    pub year: i32,
    /// Whether the person it is about reads it, on their own page.
    pub is_own: bool,
    /// Whether only one employer's part of the year is told.
    pub is_part: bool,
    /// Where the money can be kept back, for those who may.
    pub hold_href: Option<String>,
    pub net: Yuan,
    pub status: String,
    /// The answer in one sentence.
    pub sentence: String,
    /// Name of the rule set, such as RS-1, whose defaults were used.
    pub default_rules: Option<String>,
    pub edition: String,
    pub parameters: Vec<ParameterUsed>,
    pub inputs: Vec<InputFact>,
    /// Twelve of them, or none when the year has not been computed.
    pub months: Vec<Month>,
    pub steps: Vec<Step>,
    pub offset: Option<String>,
    pub shares: Vec<Share>,
    pub versions: Vec<EntitlementVersion>,
    pub adjustment: Option<String>,
    pub payments: Vec<PaymentRow>,
    pub deeds: Vec<Deed>,
    /// Hash of the frozen explanation.
    pub hash: String,
    /// Whether computing again gives the same.
    pub is_reproduced: bool,
}

impl Explanation {
    /// Address of the page.
    pub fn here(&self) -> String {
        if self.is_own {
            format!("/me/years/{}", self.year)
        } else {
            format!("/engineers/{}/years/{}", self.no, self.year)
        }
    }

    /// Months that count.
    pub fn counted(&self) -> usize {
        self.months.iter().filter(|month| month.counted).count()
    }

    /// Number of the version shown, when it no longer stands.
    pub fn outdated(&self) -> Option<i64> {
        let shown = self.versions.iter().find(|version| version.is_shown && !version.is_current);
        shown.map(|version| version.version)
    }

    /// A full year, a year of two employers with an adjustment, a zero with its reason.
    pub fn samples() -> Vec<Self> {
        samples::explanations()
    }
}
