//! Visits of young talents from overseas (domain.md 3, 7.8): what is planned, what is claimed, and
//! how that becomes the claim that the engine of [`super::travel`] decides.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use super::exchange_rate::Rate;
use super::money::Fen;
use super::period::Period;
use super::travel::{Claim, ClaimLine, Expense};
use crate::code_list;

code_list! {
    /// What makes somebody a talent from overseas.
    OverseasBasis {
        /// Holds a post there.
        Post = "post", "在海外任职";
        /// Has a doctorate from there.
        Doctorate = "doctorate", "在海外取得博士学位";
    }
}

code_list! {
    /// Who paid the costs and is paid back.
    CostBearer {
        /// The employer advanced them.
        Employer = "employer", "用人单位垫付";
        /// The visitor paid them.
        Visitor = "visitor", "来访人自付";
    }
}

/// What a visit is planned to be; the fact is about the visit, its valid period the planned trip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitPlan {
    /// Country or region of the first departure, two letters.
    pub origin: String,
    /// What the visitor comes for.
    pub purpose: String,
    /// What makes the visitor one from overseas.
    pub overseas_basis: OverseasBasis,
    /// Employer and post, or university and year.
    pub overseas_detail: String,
    /// What the trip is expected to cost.
    pub budget_fen: Fen,
}

/// What is claimed; the fact is about the visit, its valid period the days from entry to exit. The
/// costs stand beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitClaim {
    /// Country or region of the first departure, two letters.
    pub origin: String,
    /// Days with a work record, as [`written_days`] writes them.
    pub work_days: String,
    /// What others pay of the costs.
    pub other_payer_fen: Fen,
    /// Who paid the costs.
    pub costs_by: CostBearer,
}

/// A cost as it stands: what was claimed, what counts of it, at which rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    /// What it is for.
    pub expense: Expense,
    /// Class of a fare; empty for others.
    pub class: String,
    /// Claimed, in the currency of the cost.
    pub amount: Fen,
    /// What the carrier gave back of it.
    pub refunded: Fen,
    /// What is left of it after it was cut; what was not refunded when it was not.
    pub accepted: Fen,
    /// Code of the currency.
    pub currency: String,
    /// Economy fare of the same flight and day.
    pub documented_economy: Option<Fen>,
    /// Yuan for 100 units; none for yuan.
    pub rate: Option<Rate>,
}

/// What a cost came to in the end: what was paid less what was given back, never below zero.
pub fn spent(paid: Fen, refunded: Fen) -> Fen {
    paid.checked_sub(refunded).filter(|left| *left > Fen::ZERO).unwrap_or(Fen::ZERO)
}

impl Cost {
    /// Whether something was cut of it.
    pub fn is_cut(&self) -> bool {
        self.accepted < spent(self.amount, self.refunded)
    }

    /// As the engine is told: a refund and a cut lower what was paid and what is documented alike.
    fn line(&self) -> ClaimLine {
        let class = (!self.class.is_empty()).then(|| self.class.as_str().into());
        ClaimLine {
            kind: self.expense,
            class,
            amount: self.accepted,
            currency: self.currency.as_str().into(),
            rate_per_100: self.rate.map(|rate| rate.to_string().as_str().into()),
            documented_economy: self.documented_economy.map(|fare| fare.min(self.accepted)),
        }
    }
}

/// Everything that decides what a visit is due, as known at one instant.
#[derive(Debug, Clone)]
pub struct Circumstances<'a> {
    /// Number of the file.
    pub no: &'a str,
    /// Birth date of the visitor.
    pub birth: NaiveDate,
    /// Day on which the claim was handed in first.
    pub submitted: NaiveDate,
    /// Whether the visitor is on a roster on any day of the trip.
    pub on_roster: bool,
    /// Days that other visits of the same person were granted an allowance for.
    pub granted: &'a BTreeSet<NaiveDate>,
    /// The costs.
    pub costs: &'a [Cost],
}

/// The claim that the engine decides. A day that another visit was granted for is no work day of this
/// one; it counts to the days of its year instead, so that no day is paid twice and no year twice.
pub fn claim_of(period: &Period, claim: &VisitClaim, of: &Circumstances<'_>) -> Claim {
    let mut used: BTreeMap<i32, u32> = BTreeMap::new();
    for day in of.granted {
        *used.entry(day.year()).or_default() += 1;
    }
    let days = read_days(&claim.work_days);
    Claim {
        claim: of.no.into(),
        birth: of.birth,
        origin: claim.origin.as_str().into(),
        arrival: period.from,
        exit: period.through.unwrap_or(period.from),
        submitted: of.submitted,
        work_days: days.into_iter().filter(|day| !of.granted.contains(day)).collect(),
        allowance_days_used: used,
        on_roster: of.on_roster,
        other_payer: claim.other_payer_fen,
        lines: of.costs.iter().map(Cost::line).collect(),
    }
}

/// Days in order, each once, with a comma between them.
pub fn written_days(days: &BTreeSet<NaiveDate>) -> String {
    days.iter().map(NaiveDate::to_string).collect::<Vec<_>>().join(",")
}

/// The days of a text that [`written_days`] wrote.
pub fn read_days(text: &str) -> BTreeSet<NaiveDate> {
    text.split(',').filter_map(|day| day.parse().ok()).collect()
}

/// Most days of a trip that are looked at.
const MOST_DAYS: usize = 400;

/// Days as people type them: single ones and runs such as `2026-05-11 至 2026-05-22`, with blanks or
/// commas between. The part that is no day, when there is one.
///
/// # Errors
/// The part that cannot be read, or a run that is too long or ends before it begins.
pub fn typed_days(text: &str) -> Result<BTreeSet<NaiveDate>, String> {
    let spaced = text.replace(['至', '~', '～'], " 至 ");
    let parts =
        spaced.split(|c: char| c.is_whitespace() || [',', '，', '、', ';', '；'].contains(&c));
    let mut days = BTreeSet::new();
    let (mut last, mut in_run) = (None::<NaiveDate>, false);
    for part in parts.filter(|part| !part.is_empty()) {
        if part == "至" {
            in_run = true;
            continue;
        }
        let day: NaiveDate = part.parse().map_err(|_| part.to_owned())?;
        let first = match (in_run, last) {
            (true, Some(first)) if first <= day => first,
            (true, _) => return Err(part.to_owned()),
            (false, _) => day,
        };
        days.extend(first.iter_days().take_while(|one| *one <= day).take(MOST_DAYS));
        (last, in_run) = (Some(day), false);
        if days.len() >= MOST_DAYS {
            return Err(part.to_owned());
        }
    }
    if in_run { Err("至".to_owned()) } else { Ok(days) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_typed_one_by_one_or_in_runs() {
        let read = |text: &str| typed_days(text).map(|days| written_days(&days));
        assert_eq!(read("2026-05-11 至 2026-05-13"), Ok("2026-05-11,2026-05-12,2026-05-13".into()));
        assert_eq!(read("2026-05-13，2026-05-11、2026-05-11"), Ok("2026-05-11,2026-05-13".into()));
        assert_eq!(read("2026-12-31~2027-01-01"), Ok("2026-12-31,2027-01-01".into()));
        assert_eq!(read(""), Ok(String::new()));
        assert_eq!(read("2026-05-13 至 2026-05-11"), Err("2026-05-11".into()));
        assert_eq!(read("2026-05-13 至"), Err("至".into()));
        assert_eq!(read("5月11日"), Err("5月11日".into()));
        assert!(read("2026-01-01 至 2028-01-01").is_err(), "no trip is that long");
    }

    #[test]
    fn a_day_that_another_visit_was_granted_counts_to_its_year_and_not_again() {
        let claim = VisitClaim {
            origin: "US".into(),
            work_days: "2026-12-31,2027-01-01".into(),
            other_payer_fen: Fen::ZERO,
            costs_by: CostBearer::Employer,
        };
        let period = Period::new(day("2026-12-30"), Some(day("2027-01-02"))).unwrap();
        let granted = BTreeSet::from([day("2026-12-31"), day("2026-03-01")]);
        let of = Circumstances {
            no: "V",
            birth: day("1990-05-01"),
            submitted: day("2027-01-10"),
            on_roster: false,
            granted: &granted,
            costs: &[],
        };
        let claim = claim_of(&period, &claim, &of);
        assert_eq!(claim.work_days, [day("2027-01-01")]);
        assert_eq!(claim.allowance_days_used, BTreeMap::from([(2026, 2)]));
    }

    #[test]
    fn a_refund_is_no_cut_and_counts_as_never_paid() {
        let cost = Cost {
            expense: Expense::Fare,
            class: "economy".into(),
            amount: Fen::new(500_000),
            refunded: Fen::new(500_000),
            accepted: Fen::ZERO,
            currency: "CNY".into(),
            documented_economy: None,
            rate: None,
        };
        assert!(!cost.is_cut());
        assert_eq!(cost.line().amount, Fen::ZERO);
        assert_eq!(spent(Fen::new(5), Fen::new(7)), Fen::ZERO);
        assert_eq!(spent(Fen::new(7), Fen::new(5)), Fen::new(2));
    }

    #[test]
    fn a_cut_lowers_what_counts_of_a_business_fare_as_well() {
        let cost = Cost {
            expense: Expense::Fare,
            class: "business".into(),
            amount: Fen::new(500_000),
            refunded: Fen::ZERO,
            accepted: Fen::new(100_000),
            currency: "CNY".into(),
            documented_economy: Some(Fen::new(200_000)),
            rate: None,
        };
        assert!(cost.is_cut());
        assert_eq!(cost.line().documented_economy, Some(Fen::new(100_000)));
    }
}
