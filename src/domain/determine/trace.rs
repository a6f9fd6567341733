//! The steps that lead to an amount, as data: small records, put into words only when someone
//! looks. Enough to redo the sum by hand.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::outcome::{FundingAmount, Reason};
use super::text::Text;
use crate::domain::edition::{Condition, Proration, Rounding, Rule, Stacking};
use crate::domain::money::Fen;
use crate::domain::steps::{records, steps};

/// The ordered steps of one determination.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Trace {
    /// The steps in the order of the calculation.
    pub steps: Vec<Step>,
}

impl Trace {
    /// The twelve months with the reason of each; empty only when no version is in force.
    pub fn months(&self) -> &[MonthLine] {
        let months = self.steps.iter().find_map(|step| match step {
            Step::CountedMonths { inputs, .. } => Some(inputs.months.as_slice()),
            _ => None,
        });
        months.unwrap_or_default()
    }
}

steps! {
    /// Which versions are in force in the year.
    InForce(InForceInputs, InForceResult);
    /// Which days are eligible at one enterprise.
    EligibleDays(EligibleDaysInputs, EligibleDaysResult);
    /// Which months count.
    CountedMonths(MonthsInputs, MonthsResult);
    /// The gross amount.
    Gross(GrossInputs, GrossResult);
    /// What other awards take away.
    Offset(OffsetInputs, OffsetResult);
    /// The split over enterprises.
    Portions(PortionsInputs, PortionsResult);
    /// The split of one portion over its sources.
    Funding(FundingInputs, FundingResult);
    /// What is still to be paid or recovered.
    Adjustment(AdjustmentInputs, AdjustmentResult);
    /// Why nothing is due.
    Reasons(ReasonsInputs, ReasonsResult);
}

records! {
    /// A version inside the year.
    VersionInForce {
        /// Number among the versions of the policy, oldest 1.
        version: u16,
        /// First day of the version.
        from: NaiveDate,
        /// Last day of the version.
        through: NaiveDate,
        /// Days of the year on which it is in force.
        days: u16,
        /// Amount per person and year.
        amount: Fen,
        /// Days that make a month count.
        month_min_days: u8,
        /// Conditions of an eligible day.
        conditions: Vec<Condition>,
    }
    /// Inputs of [`Step::InForce`].
    InForceInputs {
        /// Award year.
        year: i32,
        /// State of knowledge; none is the present record.
        known_at: Option<DateTime<FixedOffset>>,
        /// First paid year.
        first_award_year: Option<i32>,
        /// Versions that touch the year.
        versions: Vec<VersionInForce>,
    }
    /// Result of [`Step::InForce`].
    InForceResult {
        /// Days on which some version is in force.
        days: u16,
        /// The version in force on the last eligible day.
        last_version: Option<u16>,
    }
    /// Inputs of [`Step::EligibleDays`]: on how many days in force each condition holds here;
    /// none where no version of the year asks for it.
    EligibleDaysInputs {
        /// USCC.
        enterprise: Text,
        /// Division; none: not a known enterprise.
        division: Option<Text>,
        /// Listed days.
        listed: Option<u16>,
        /// Days on which its division takes part.
        participating: u16,
        /// Days of full-time employment here.
        employed: Option<u16>,
        /// Days on the roster here.
        rostered: Option<u16>,
        /// Days with an accepted recognition.
        recognised: Option<u16>,
        /// Days in months with evidence.
        evidenced: Option<u16>,
        /// Suspended days.
        suspended: Option<u16>,
        /// Excluded days.
        excluded: Option<u16>,
    }
    /// Result of [`Step::EligibleDays`].
    EligibleDaysResult {
        /// Days on which all conditions hold here.
        eligible: u16,
        /// Those that belong here; the others belong to an enterprise with an earlier entry.
        own: u16,
        /// First day that belongs here.
        first: Option<NaiveDate>,
        /// Last day that belongs here.
        last: Option<NaiveDate>,
    }
    /// Eligible days of an enterprise in a month.
    MonthDays {
        /// USCC.
        enterprise: Text,
        /// Days that belong to it.
        days: u8,
        /// The last of them.
        last: Option<NaiveDate>,
    }
    /// One month.
    MonthLine {
        /// 1 to 12.
        month: u8,
        /// Version that prices it: the one in force on its first eligible day.
        version: Option<u16>,
        /// Eligible days, all enterprises together.
        eligible_days: u8,
        /// Days that it needs; none without an eligible day.
        needed_days: Option<u8>,
        /// Whether it counts.
        counted: bool,
        /// The enterprise that it belongs to, when it counts.
        enterprise: Option<Text>,
        /// Days by enterprise, where several have some.
        split: Vec<MonthDays>,
        /// On how many days each condition failed everywhere.
        missing: Missing,
    }
    /// Inputs of [`Step::CountedMonths`].
    MonthsInputs {
        /// January to December.
        months: Vec<MonthLine>,
    }
    /// Result of [`Step::CountedMonths`].
    MonthsResult {
        /// Counted months.
        counted_months: u8,
        /// Eligible days of the year.
        eligible_days: u16,
    }
    /// One term of the gross amount: `amount × units ÷ divisor`.
    Term {
        /// Version.
        version: u16,
        /// Its amount per year.
        amount: Fen,
        /// Months, days, or 1.
        units: u16,
    }
    /// Inputs of [`Step::Gross`].
    GrossInputs {
        /// How a part of a year is priced.
        proration: Proration,
        /// The terms.
        terms: Vec<Term>,
        /// 12, 365, 366, or 1.
        divisor: u16,
        /// Counted months, or eligible days under daily proration.
        reached: u16,
        /// The least number of them.
        minimum: u16,
        /// Whether the year lies before the first award year.
        before_first_award_year: bool,
        /// The one rounding.
        rounding: Rounding,
    }
    /// Result of [`Step::Gross`].
    GrossResult {
        /// Gross amount.
        gross: Fen,
    }
    /// Another award of the year.
    AwardLine {
        /// Its group.
        group: Text,
        /// Its amount.
        amount: Fen,
        /// Whether its group is an exclusive one.
        exclusive: bool,
        /// What the conflict catalogue says of its group; left out where it says nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        relation: Option<Stacking>,
    }
    /// Inputs of [`Step::Offset`].
    OffsetInputs {
        /// What other awards take away.
        stacking: Stacking,
        /// Awards of the year.
        awards: Vec<AwardLine>,
        /// Sum of the exclusive ones.
        sum: Fen,
        /// Gross amount.
        gross: Fen,
    }
    /// Result of [`Step::Offset`].
    OffsetResult {
        /// What is taken away.
        offset: Fen,
        /// What is left.
        net: Fen,
    }
    /// The part of one enterprise: `net × weight ÷ total`, its remainder, and its fen.
    PartLine {
        /// USCC.
        enterprise: Text,
        /// First counted day; decides between equal remainders.
        first_day: Option<NaiveDate>,
        /// Months or days.
        weight: u64,
        /// Numerator of the remainder over the total weight.
        remainder: u64,
        /// Whether it gets a fen for its remainder.
        extra_fen: bool,
    }
    /// Inputs of [`Step::Portions`].
    PortionsInputs {
        /// Net amount.
        net: Fen,
        /// Weights are days under daily proration, months otherwise.
        proration: Proration,
        /// Sum of the weights.
        total_weight: u64,
        /// The parts, earliest first.
        parts: Vec<PartLine>,
    }
    /// Result of [`Step::Portions`].
    PortionsResult {
        /// Amounts in the order of the parts.
        amounts: Vec<Fen>,
    }
    /// One share: `amount × percent ÷ 100`, its remainder, and its fen.
    ShareLine {
        /// Source.
        source: Text,
        /// Percent, exact decimals.
        percent: Text,
        /// Remainder in 10⁻¹⁴ fen.
        remainder: u64,
        /// Whether it gets a fen for its remainder.
        extra_fen: bool,
    }
    /// Inputs of [`Step::Funding`].
    FundingInputs {
        /// USCC.
        enterprise: Text,
        /// Its division.
        division: Text,
        /// The longest prefix that a rule names.
        rule_division: Text,
        /// The portion.
        amount: Fen,
        /// Shares in listed order.
        shares: Vec<ShareLine>,
    }
    /// Result of [`Step::Funding`].
    FundingResult {
        /// Who pays what.
        funding: Vec<FundingAmount>,
    }
    /// Inputs of [`Step::Adjustment`].
    AdjustmentInputs {
        /// Net amount.
        net: Fen,
        /// Earlier decisions for the year.
        before: Vec<Fen>,
        /// Their sum.
        entitled_before: Fen,
    }
    /// Result of [`Step::Adjustment`].
    AdjustmentResult {
        /// `net - entitled_before`.
        adjustment: Fen,
    }
    /// Inputs of [`Step::Reasons`].
    ReasonsInputs {
        /// Days in force.
        in_force_days: u16,
        /// Eligible days.
        eligible_days: u16,
        /// Counted months.
        counted_months: u8,
    }
    /// Result of [`Step::Reasons`].
    ReasonsResult {
        /// Why nothing is due.
        reasons: Vec<Reason>,
    }
}

const MISSING: [Reason; 10] = [
    Reason::PolicyNotInForce,
    Reason::EnterpriseNotListed,
    Reason::DivisionNotParticipating,
    Reason::NotEmployedFullTime,
    Reason::NotOnRoster,
    Reason::NotRecognised,
    Reason::NoEvidence,
    Reason::Suspended,
    Reason::Excluded,
    Reason::ConditionsNeverMetTogether,
];

/// On how many days of a month each condition failed at every named enterprise. A day may fail
/// several. [`Reason::ConditionsNeverMetTogether`] counts the days on which each condition held
/// somewhere, but not all at one enterprise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Missing([u8; MISSING.len()]);

impl Missing {
    /// Sets the number of days; a reason that is no condition of a day is ignored.
    pub(super) fn set(&mut self, reason: Reason, days: u8) {
        if let Some(slot) = self.0.get_mut(reason as usize) {
            *slot = days;
        }
    }

    /// The failed conditions with their days, none of zero.
    pub fn iter(&self) -> impl Iterator<Item = (Reason, u8)> {
        MISSING.into_iter().zip(self.0).filter(|(_, days)| *days > 0)
    }
}

/// A map from reason to days.
impl Serialize for Missing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.iter().count()))?;
        for (reason, days) in self.iter() {
            map.serialize_entry(&reason, &days)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Missing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;

        impl<'de> Visitor<'de> for Map {
            type Value = Missing;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map from reason to days")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Missing, A::Error> {
                let mut missing = Missing::default();
                while let Some((reason, days)) = map.next_entry()? {
                    missing.set(reason, days);
                }
                Ok(missing)
            }
        }

        deserializer.deserialize_map(Map)
    }
}
