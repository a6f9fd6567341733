//! The steps that lead to the amounts of a claim, as data; enough to redo the sum by hand.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::facts::Expense;
use super::outcome::Reason;
use super::parse::Rule;
use crate::domain::determine::Text;
use crate::domain::edition::vocabulary;
use crate::domain::money::Fen;
use crate::domain::steps::{records, steps};

/// The ordered steps of one determination.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Trace {
    /// The steps in the order of the calculation.
    pub steps: Vec<Step>,
}

vocabulary! {
    /// What became of a work day.
    DayOutcome {
        /// An allowance is due.
        Taken = "taken", "计发";
        /// Before the arrival or after the exit.
        OutsideStay = "outside_stay", "不在入境至离境期间";
        /// The version that decides is not in force on it.
        NotInForce = "not_in_force", "适用版本当日不在有效期内";
        /// The trip has all its days.
        TripFull = "trip_full", "超过每次天数上限";
        /// The calendar year has all its days.
        YearFull = "year_full", "超过每年天数上限";
    }
}

steps! {
    /// Which version decides.
    InForce(InForceInputs, InForceResult);
    /// Whether the conditions are met.
    Eligibility(EligibilityInputs, EligibilityResult);
    /// What each cost counts in yuan.
    Lines(LinesInputs, LinesResult);
    /// The subsidy under the cap.
    Subsidy(SubsidyInputs, SubsidyResult);
    /// Which days an allowance is due for.
    AllowanceDays(AllowanceDaysInputs, AllowanceDaysResult);
    /// The allowance.
    Allowance(AllowanceInputs, AllowanceResult);
    /// The sum.
    Total(TotalInputs, TotalResult);
}

records! {
    /// Inputs of [`Step::InForce`].
    InForceInputs {
        /// Day of arrival.
        arrival: NaiveDate,
    }
    /// Result of [`Step::InForce`]; none where no version is in force.
    InForceResult {
        /// Number among the versions, oldest 1.
        version: Option<u16>,
        /// Its first day.
        from: Option<NaiveDate>,
        /// Its last day.
        through: Option<NaiveDate>,
    }
    /// Inputs of [`Step::Eligibility`].
    EligibilityInputs {
        /// Birth date.
        birth: NaiveDate,
        /// Day of arrival.
        arrival: NaiveDate,
        /// Completed years on that day.
        age: i32,
        /// Most that is allowed.
        max_age: u16,
        /// Whether on a roster.
        on_roster: bool,
        /// Day of exit.
        exit: NaiveDate,
        /// Days to claim in.
        claim_within_days: u16,
        /// The last of them.
        last_day: Option<NaiveDate>,
        /// When the claim was handed in.
        submitted: NaiveDate,
    }
    /// Result of [`Step::Eligibility`].
    EligibilityResult {
        /// What stands in the way.
        reasons: Vec<Reason>,
    }
    /// A cost: `counted × rate ÷ 100`, half up to the fen.
    LineStep {
        /// What it is for.
        kind: Expense,
        /// Class of a fare.
        class: Option<Text>,
        /// Currency.
        currency: Text,
        /// What was paid.
        amount: Fen,
        /// Economy fare of the same flight.
        documented_economy: Option<Fen>,
        /// What counts, in the currency.
        counted: Fen,
        /// Yuan for 100 units; none for yuan.
        rate_per_100: Option<Text>,
        /// In yuan.
        yuan: Fen,
    }
    /// Inputs of [`Step::Lines`].
    LinesInputs {
        /// The costs in the order of the claim.
        lines: Vec<LineStep>,
    }
    /// Result of [`Step::Lines`].
    LinesResult {
        /// Their sum.
        accepted: Fen,
    }
    /// Inputs of [`Step::Subsidy`].
    SubsidyInputs {
        /// Sum of the costs.
        accepted: Fen,
        /// What others pay; taken off first.
        other_payer: Fen,
        /// Country or region of the first departure.
        origin: Text,
        /// The first band that names it.
        band: Text,
        /// Cap of the band.
        cap: Fen,
    }
    /// Result of [`Step::Subsidy`].
    SubsidyResult {
        /// The subsidy.
        subsidy: Fen,
    }
    /// Days used up before, in a calendar year.
    UsedDays {
        /// Year.
        year: i32,
        /// Days.
        days: u32,
    }
    /// A work day.
    WorkDay {
        /// The day.
        day: NaiveDate,
        /// What became of it.
        outcome: DayOutcome,
    }
    /// Inputs of [`Step::AllowanceDays`].
    AllowanceDaysInputs {
        /// First day of the stay.
        arrival: NaiveDate,
        /// Last day of the stay.
        exit: NaiveDate,
        /// Most days of a trip.
        allowance_days_per_trip: u32,
        /// Most days of a calendar year.
        allowance_days_per_year: u32,
        /// Days of earlier trips.
        used: Vec<UsedDays>,
        /// The distinct work days, oldest first.
        work_days: Vec<WorkDay>,
    }
    /// Result of [`Step::AllowanceDays`].
    AllowanceDaysResult {
        /// Days with an allowance.
        days: u32,
    }
    /// Inputs of [`Step::Allowance`].
    AllowanceInputs {
        /// Days with an allowance.
        days: u32,
        /// What a day gives.
        allowance_per_day: Fen,
    }
    /// Result of [`Step::Allowance`].
    AllowanceResult {
        /// The allowance.
        allowance: Fen,
    }
    /// Inputs of [`Step::Total`].
    TotalInputs {
        /// The subsidy.
        subsidy: Fen,
        /// The allowance.
        allowance: Fen,
    }
    /// Result of [`Step::Total`].
    TotalResult {
        /// Both together.
        total: Fen,
    }
}
