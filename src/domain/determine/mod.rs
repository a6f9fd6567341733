//! The rule engine: one pure function from policy and facts to an amount (engine.md).
//!
//! `determine` and `explain` serve single persons; a [`Run`] is prepared once for many.

mod amount;
mod days;
mod describe;
mod eligibility;
mod explain;
mod facts;
mod outcome;
mod run;
mod text;
mod trace;
mod wire;

use chrono::{DateTime, FixedOffset};

pub use self::amount::split;
pub use self::facts::{
    Employment, EnterpriseFacts, Enterprises, EnterprisesError, EntitledBefore, EvidenceMonth,
    ExclusionSpan, Listing, OtherAward, PersonFacts, RecognitionSpan, RosterSpan, Stamps,
    SuspensionSpan, is_division,
};
pub use self::outcome::{Determination, FundingAmount, Portion, Reason, Status};
pub use self::run::Run;
pub use self::text::Text;
pub use self::trace::{
    AdjustmentInputs, AdjustmentResult, AwardLine, EligibleDaysInputs, EligibleDaysResult,
    FundingInputs, FundingResult, GrossInputs, GrossResult, InForceInputs, InForceResult, Missing,
    MonthDays, MonthLine, MonthsInputs, MonthsResult, OffsetInputs, OffsetResult, PartLine,
    PortionsInputs, PortionsResult, ReasonsInputs, ReasonsResult, ShareLine, Step, Term, Trace,
    VersionInForce,
};
use crate::domain::edition::Policy;

/// Message of a fact whose last day lies before its first; it concerns the key `through`.
pub const THROUGH_BEFORE_FROM: &str = "截止日期早于起始日期";

/// Why no result can be given for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DetermineError {
    /// The calendar has no such year.
    #[error("年度 {0} 超出可处理的范围")]
    Year(i32),
    /// A sum does not fit; names the fact or parameter.
    #[error("金额合计超出可处理的范围")]
    Overflow(&'static str),
    /// An enterprise gets a portion and the last version does not say who pays in its division.
    #[error("企业 {enterprise} 所在行政区划 {division} 没有资金分担规则")]
    NoFunding {
        /// USCC.
        enterprise: Text,
        /// Its division.
        division: Text,
    },
}

impl DetermineError {
    /// The fact or parameter that the error is about.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Year(_) => "year",
            Self::Overflow(field) => field,
            Self::NoFunding { .. } => "division",
        }
    }
}

/// The result for one person and one year. Pure: equal arguments give equal results. `known_at`
/// limits the facts to those recorded by then and not yet superseded; `None` takes exactly the
/// facts that nothing supersedes.
pub fn determine(
    policy: &Policy,
    enterprises: &Enterprises,
    person: &PersonFacts,
    year: i32,
    known_at: Option<DateTime<FixedOffset>>,
) -> Result<Determination, DetermineError> {
    Run::new(policy, enterprises, year, known_at)?.determine(person)
}

/// As [`determine`], with the steps that lead to the result.
pub fn explain(
    policy: &Policy,
    enterprises: &Enterprises,
    person: &PersonFacts,
    year: i32,
    known_at: Option<DateTime<FixedOffset>>,
) -> Result<(Determination, Trace), DetermineError> {
    Run::new(policy, enterprises, year, known_at)?.explain(person)
}
