//! Travel subsidies and work allowances of invited visitors: one pure function from a policy and a
//! claim to amounts (engine.md "Travel subsidies and work allowances", rule set TR-1).

mod decide;
mod describe;
mod facts;
mod outcome;
mod parse;
mod trace;
mod wire;

use chrono::NaiveDate;

pub use self::facts::{Claim, ClaimLine, Expense, FARE_CLASSES, Fault};
pub use self::outcome::{Determination, Reason};
pub use self::parse::{Parameter, Rule};
pub use self::trace::{
    AllowanceDaysInputs, AllowanceDaysResult, AllowanceInputs, AllowanceResult, DayOutcome,
    EligibilityInputs, EligibilityResult, InForceInputs, InForceResult, LineStep, LinesInputs,
    LinesResult, Step, SubsidyInputs, SubsidyResult, TotalInputs, TotalResult, Trace, UsedDays,
    WorkDay,
};
use crate::domain::determine::Text;
use crate::domain::edition::{
    BasisTable, Dated, Editions, FundingRule, InForce, ParameterView, PolicyError, participates,
};
use crate::domain::money::Fen;
use crate::domain::period::Period;

/// A travel policy: an identifier and versions in force one after another.
pub type Policy = Editions<Version>;

impl Policy {
    /// Reads a policy from TOML. `file_name` only serves the error message. Errors: text that is
    /// no TOML, another kind, an unknown key or value, a missing parameter, overlapping versions.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, PolicyError> {
        parse::policy(text, file_name)
    }

    /// The result for one claim. Pure: equal arguments give equal results.
    ///
    /// # Errors
    /// Everything that is wrong with the claim, each with its field; see [`Claim::faults`]. An
    /// origin that no band names, when a version is in force on the day of arrival.
    pub fn decide(&self, claim: &Claim) -> Result<Determination, Vec<Fault>> {
        Ok(decide::Calculation::of(self, claim)?.determination())
    }

    /// As [`Policy::decide`], with the steps that lead to the result.
    ///
    /// # Errors
    /// As [`Policy::decide`].
    pub fn explain(&self, claim: &Claim) -> Result<(Determination, Trace), Vec<Fault>> {
        let calculation = decide::Calculation::of(self, claim)?;
        Ok((calculation.determination(), calculation.trace()))
    }
}

/// The parameters in force for a run of days.
#[derive(Debug, Clone)]
pub struct Version {
    in_force: InForce,
    max_age: u16,
    claim_within_days: u16,
    allowance_per_day: Fen,
    allowance_days_per_trip: u32,
    allowance_days_per_year: u32,
    bands: Vec<Band>,
    funding: Vec<FundingRule>,
    excluded_divisions: Vec<Text>,
    basis: BasisTable<Parameter>,
}

impl Dated for Version {
    fn covers(&self, day: NaiveDate) -> bool {
        self.in_force.period.covers(day)
    }
}

impl Version {
    /// The days in force.
    pub fn period(&self) -> &Period {
        &self.in_force.period
    }

    /// Last day in force (inclusive).
    pub fn through(&self) -> NaiveDate {
        self.in_force.through
    }

    /// Most completed years on the day of arrival.
    pub fn max_age(&self) -> u16 {
        self.max_age
    }

    /// Calendar days after the exit within which a claim is handed in.
    pub fn claim_within_days(&self) -> u16 {
        self.claim_within_days
    }

    /// Work allowance of a day.
    pub fn allowance_per_day(&self) -> Fen {
        self.allowance_per_day
    }

    /// Most allowance days of a trip.
    pub fn allowance_days_per_trip(&self) -> u32 {
        self.allowance_days_per_trip
    }

    /// Most allowance days of a calendar year, all trips together.
    pub fn allowance_days_per_year(&self) -> u32 {
        self.allowance_days_per_year
    }

    /// Caps by origin; the first that names an origin holds.
    pub fn bands(&self) -> &[Band] {
        &self.bands
    }

    /// Who pays, by division; empty where the text does not say.
    pub fn funding(&self) -> &[FundingRule] {
        &self.funding
    }

    /// Whether an employer in a division can be paid: not where the division does not follow the text.
    pub fn participates(&self, division: &str) -> bool {
        participates(&self.excluded_divisions, division)
    }

    /// The first band that names the origin or all.
    pub fn band_of(&self, origin: &str) -> Option<&Band> {
        self.bands.iter().find(|band| band.names(origin))
    }

    /// The legal basis that the file gives for a parameter.
    pub fn basis(&self, parameter: Parameter) -> Option<&str> {
        self.basis.of(parameter)
    }

    /// All parameters in a fixed order with value and basis, for display.
    pub fn parameters(&self) -> Vec<ParameterView<Parameter>> {
        let view = |parameter: &Parameter| self.basis.view(*parameter, parameter.value(self));
        Parameter::ALL.iter().map(view).collect()
    }
}

/// The cap of a trip from some places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// Name in the file.
    pub name: Text,
    /// Codes of countries and regions; `*` names all.
    pub origins: Vec<Text>,
    /// Most that a trip is subsidised with.
    pub cap: Fen,
}

impl Band {
    fn names(&self, origin: &str) -> bool {
        self.origins.iter().any(|named| *named == origin || *named == "*")
    }
}
