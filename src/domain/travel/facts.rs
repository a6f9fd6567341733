//! What the engine is told: one claim.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::determine::Text;
use crate::domain::edition::vocabulary;
use crate::domain::exchange_rate::{Rate, RateError, YUAN};
use crate::domain::money::Fen;

vocabulary! {
    /// What a cost is for.
    Expense {
        /// International fare.
        Fare = "fare", "国际机票";
        /// Visa fee.
        Visa = "visa", "签证费";
        /// Ground transport in the province between airport and host.
        Ground = "ground", "省内接送交通";
    }
}

/// The class of a fare that counts in full.
pub(super) const ECONOMY: &str = "economy";

/// Classes of fares: as claims write them, and in Chinese.
pub const FARE_CLASSES: &[(&str, &str)] =
    &[(ECONOMY, "经济舱"), ("premium", "超级经济舱"), ("business", "公务舱"), ("first", "头等舱")];

/// A cost of the trip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimLine {
    /// What it is for.
    pub kind: Expense,
    /// Class of a fare, e.g. `economy`.
    pub class: Option<Text>,
    /// What was paid, in the line's currency; never negative.
    pub amount: Fen,
    /// Code of the currency; `CNY` needs no rate.
    pub currency: Text,
    /// Yuan for 100 units, as written; not looked at for `CNY`.
    pub rate_per_100: Option<Text>,
    /// The economy fare of the same flight and day, in the same currency.
    pub documented_economy: Option<Fen>,
}

impl ClaimLine {
    /// The rate of the line; none for yuan.
    pub(super) fn rate(&self) -> Result<Option<Rate>, String> {
        if self.currency == YUAN {
            return Ok(None);
        }
        let text = self.rate_per_100.as_ref().ok_or("缺少汇率（每 100 外币折合的人民币数）")?;
        text.parse().map(Some).map_err(|error: RateError| error.to_string())
    }

    /// What counts of the line in its own currency.
    pub(super) fn counted(&self) -> Fen {
        let economy = self.class.as_ref().is_some_and(|class| *class == ECONOMY);
        match self.kind {
            Expense::Fare if !economy => self.documented_economy.unwrap_or(Fen::ZERO),
            _ => self.amount,
        }
    }
}

/// One claim about one visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The claim as named in the facts.
    pub claim: Text,
    /// Birth date of the visitor.
    pub birth: NaiveDate,
    /// Country or region of the first departure.
    pub origin: Text,
    /// Day of entry; decides which version applies.
    pub arrival: NaiveDate,
    /// Day of exit.
    pub exit: NaiveDate,
    /// Day on which the claim was handed in.
    pub submitted: NaiveDate,
    /// Days with a work record, in any order, perhaps repeated.
    pub work_days: Vec<NaiveDate>,
    /// Allowance days of earlier trips, by calendar year.
    pub allowance_days_used: BTreeMap<i32, u32>,
    /// Whether the visitor is on a core-engineer roster.
    pub on_roster: bool,
    /// What others pay of the costs.
    pub other_payer: Fen,
    /// The costs.
    pub lines: Vec<ClaimLine>,
}

/// One thing that is wrong with a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The fact, e.g. `lines[0].rate_per_100`.
    pub field: String,
    /// What is wrong, in Chinese.
    pub message: String,
}

impl Fault {
    pub(super) fn new(field: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: message.into() }
    }
}

impl Claim {
    /// What is wrong with the claim whatever the policy says: days in the wrong order, a foreign
    /// amount without a positive rate.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.birth > self.arrival {
            faults.push(Fault::new("birth", "出生日期晚于入境日期"));
        }
        if self.exit < self.arrival {
            faults.push(Fault::new("exit", "离境日期早于入境日期"));
        }
        if self.submitted < self.exit {
            faults.push(Fault::new("submitted", "提交日期早于离境日期"));
        }
        for (at, line) in self.lines.iter().enumerate() {
            if let Err(message) = line.rate() {
                faults.push(Fault::new(&format!("lines[{at}].rate_per_100"), message));
            }
        }
        faults
    }
}
