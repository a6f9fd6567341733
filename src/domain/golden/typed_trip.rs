//! A visit as an officer types it into a form.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::typed::{Fault, fault, named};
use super::{TripCase, WrittenTrip};
use crate::domain::money::Fen;

/// The fields of the form; empty ones say that there is no such fact.
#[derive(Debug, Clone, Default)]
pub struct TypedTrip<'a> {
    /// A sentence.
    pub name: &'a str,
    /// Birth date of the visitor.
    pub birth: &'a str,
    /// Country or region of departure, two letters.
    pub origin: &'a str,
    /// Days of entry and exit.
    pub stay: (&'a str, &'a str),
    /// Day of the claim.
    pub submitted: &'a str,
    /// First and last of consecutive days with a work record.
    pub work: (&'a str, &'a str),
    /// Allowance days of earlier trips in the year of entry.
    pub used: &'a str,
    /// Whether the visitor is on a core-engineer roster: `yes`.
    pub on_roster: &'a str,
    /// Costs, yuan, and what others pay of them.
    pub costs: (&'a str, &'a str),
    /// Expected subsidy, yuan.
    pub subsidy: &'a str,
    /// Expected allowance, yuan.
    pub allowance: &'a str,
}

const DATE: &str = "请填写日期，例如 2026-05-11";

impl TypedTrip<'_> {
    /// Reads the form.
    ///
    /// # Errors
    /// Everything that is wrong, by field.
    pub fn read(&self) -> Result<TripCase, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut trip =
            WrittenTrip { name: named(&mut faults, self.name), ..WrittenTrip::default() };
        let mut day = |field: &str, text: &str| {
            let found = text.trim().parse::<NaiveDate>().ok();
            if found.is_none() {
                fault(&mut faults, field, DATE);
            }
            found
        };
        let birth = day("birth", self.birth);
        let (arrival, exit) = (day("arrival", self.stay.0), day("exit", self.stay.1));
        let submitted = day("submitted", self.submitted);
        if let (Some(arrival), Some(exit)) = (arrival, exit) {
            trip.stay = format!("{arrival}..{exit}");
        }
        trip.birth = birth.map(|day| day.to_string()).unwrap_or_default();
        trip.submitted = submitted.map(|day| day.to_string());
        trip.origin = self.origin.trim().to_ascii_uppercase();
        if trip.origin.len() != 2 || !trip.origin.bytes().all(|b| b.is_ascii_uppercase()) {
            fault(&mut faults, "origin", "请填写两个字母的国家或地区代码，例如 DE、HK");
        }
        order(&mut faults, (birth, arrival), (exit, submitted));
        trip.work = self.work(&mut faults).into_iter().collect();
        trip.used = self.used(&mut faults, arrival);
        trip.on_roster = self.on_roster == "yes";
        self.money(&mut trip, &mut faults);
        match expectation(self.subsidy, self.allowance) {
            Ok((subsidy, allowance)) => (trip.subsidy, trip.allowance) = (subsidy, allowance),
            Err(more) => faults.extend(more),
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        TripCase::new(trip).map_err(|error| vec![("name".to_owned(), error.to_string())])
    }

    fn work(&self, faults: &mut Vec<Fault>) -> Option<String> {
        let (from, through) = (self.work.0.trim(), self.work.1.trim());
        if from.is_empty() && through.is_empty() {
            return None;
        }
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        match (day(from), day(through)) {
            (Some(first), Some(last)) if first <= last => Some(format!("{first}..{last}")),
            (Some(_), _) => {
                fault(faults, "work_through", "应为日期，且不早于起日");
                None
            }
            (None, _) => {
                fault(faults, "work_from", DATE);
                None
            }
        }
    }

    fn used(&self, faults: &mut Vec<Fault>, arrival: Option<NaiveDate>) -> BTreeMap<String, u32> {
        match (self.used.trim(), arrival) {
            ("", _) | (_, None) => BTreeMap::new(),
            (text, Some(arrival)) => match text.parse::<u32>().ok().filter(|days| *days <= 366) {
                Some(days) => BTreeMap::from([(arrival.year().to_string(), days)]),
                None => {
                    fault(faults, "used", "请填写 0 至 366 的天数，没有就留空");
                    BTreeMap::new()
                }
            },
        }
    }

    fn money(&self, trip: &mut WrittenTrip, faults: &mut Vec<Fault>) {
        let mut amount = |field: &str, text: &str| match text.trim() {
            "" => Some(Fen::ZERO),
            text => {
                let found = Fen::typed(text).ok().filter(|amount| *amount >= Fen::ZERO);
                if found.is_none() {
                    fault(faults, field, "请填写金额（元），最多两位小数，没有就留空");
                }
                found
            }
        };
        let costs = amount("costs", self.costs.0).unwrap_or_default();
        trip.other_payer = amount("other_payer", self.costs.1).unwrap_or_default().to_string();
        if costs > Fen::ZERO {
            trip.costs = vec![format!("fare economy {costs} CNY")];
        }
    }
}

impl TripCase {
    /// The same facts with another expectation, as typed: subsidy and allowance. Only these two are
    /// compared from then on.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn expecting(&self, subsidy: &str, allowance: &str) -> Result<Self, Vec<Fault>> {
        let (subsidy, allowance) = expectation(subsidy, allowance)?;
        let kept = self.written().clone();
        let written =
            WrittenTrip { subsidy, allowance, accepted: None, days: None, reasons: None, ..kept };
        Self::new(written).map_err(|error| vec![("subsidy".to_owned(), error.to_string())])
    }
}

/// Days in an order that no visit can have.
fn order(
    faults: &mut Vec<Fault>,
    (birth, arrival): (Option<NaiveDate>, Option<NaiveDate>),
    (exit, submitted): (Option<NaiveDate>, Option<NaiveDate>),
) {
    let mut after = |field: &str, first: Option<NaiveDate>, then: Option<NaiveDate>, text: &str| {
        if first.zip(then).is_some_and(|(first, then)| then < first) {
            fault(faults, field, text);
        }
    };
    after("birth", birth, arrival, "出生日期晚于入境日期");
    after("exit", arrival, exit, "离境日期早于入境日期");
    after("submitted", exit, submitted, "申报日期早于离境日期");
}

fn expectation(subsidy: &str, allowance: &str) -> Result<(String, String), Vec<Fault>> {
    let mut faults = Vec::new();
    let mut amount = |field: &str, text: &str| {
        let found = Fen::typed(text).ok().filter(|amount| *amount >= Fen::ZERO);
        if found.is_none() {
            fault(&mut faults, field, "请填写应得金额（元），最多两位小数，没有就填 0");
        }
        found
    };
    match (amount("subsidy", subsidy), amount("allowance", allowance)) {
        (Some(subsidy), Some(allowance)) => Ok((subsidy.to_string(), allowance.to_string())),
        _ => Err(faults),
    }
}
