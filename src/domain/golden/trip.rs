//! A case of a visit: a claim as a clerk would note it down, and what a text must make of it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::written::{period, unreadable};
use super::{CaseError, Outcome, amount_differs, said};
use crate::domain::exchange_rate::YUAN;
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::travel::{
    Claim, ClaimLine, Determination, Expense, FARE_CLASSES, Policy, Reason,
};

/// A claim and what it must give. What is left out: a visitor from the United States, born
/// 1990-05-01, who claims on the day of exit, worked on no day and is due nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenTrip {
    /// A sentence.
    pub name: String,
    /// Birth date of the visitor.
    #[serde(default = "birth")]
    pub birth: String,
    /// Country or region of departure.
    #[serde(default = "origin")]
    pub origin: String,
    /// Days of entry and exit: `2026-05-11..2026-05-22`.
    pub stay: String,
    /// Day of the claim; the day of exit when it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted: Option<String>,
    /// Days with a work record, and runs of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub work: Vec<String>,
    /// Allowance days of earlier trips, by calendar year.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub used: BTreeMap<String, u32>,
    /// Whether the visitor is on a core-engineer roster.
    #[serde(default)]
    pub on_roster: bool,
    /// What others pay, yuan.
    #[serde(default = "nothing")]
    pub other_payer: String,
    /// `fare business 9000.00 USD @710.50 economy=2100.00`, `visa 500.00 CNY`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<String>,
    /// Expected costs that count, yuan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<String>,
    /// Expected subsidy, yuan.
    #[serde(default = "nothing")]
    pub subsidy: String,
    /// Expected allowance days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// Expected allowance, yuan.
    #[serde(default = "nothing")]
    pub allowance: String,
    /// Why nothing is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasons: Option<Vec<Reason>>,
}

fn birth() -> String {
    "1990-05-01".to_owned()
}

fn origin() -> String {
    "US".to_owned()
}

fn nothing() -> String {
    "0.00".to_owned()
}

/// A case that can be run: it was read once and is then trusted.
#[derive(Debug, Clone)]
pub struct TripCase {
    written: WrittenTrip,
    claim: Claim,
    expected: Expected,
}

#[derive(Debug, Clone)]
struct Expected {
    accepted: Option<Fen>,
    subsidy: Fen,
    allowance: Fen,
}

impl WrittenTrip {
    fn wrong(&self, field: &'static str, message: impl Into<String>) -> CaseError {
        CaseError { case: self.name.clone(), field, message: message.into() }
    }

    fn day(&self, field: &'static str, text: &str) -> Result<NaiveDate, CaseError> {
        text.parse().map_err(|_| self.wrong(field, format!("“{text}”不是日期")))
    }

    fn amount(&self, field: &'static str, text: &str) -> Result<Fen, CaseError> {
        let amount = text.parse::<Fen>().ok().filter(|amount| *amount >= Fen::ZERO);
        amount.ok_or_else(|| self.wrong(field, format!("“{text}”不是金额")))
    }

    fn run(&self, field: &'static str, text: &str) -> Result<(NaiveDate, NaiveDate), CaseError> {
        let whole = if text.contains("..") { text.to_owned() } else { format!("{text}..{text}") };
        let found = period(&whole).and_then(|found| Some((found.from, found.through?)));
        found.ok_or_else(|| self.wrong(field, format!("“{text}”不是一段日期")))
    }

    fn claim(&self) -> Result<Claim, CaseError> {
        let (arrival, exit) = self.run("stay", &self.stay)?;
        let mut work_days = Vec::new();
        for text in &self.work {
            let (from, last) = self.run("work", text)?;
            work_days.extend(from.iter_days().take_while(|day| *day <= last));
        }
        let year = |(year, days): (&String, &u32)| {
            let year = year.parse().map_err(|_| self.wrong("used", "年度应为四位数字"))?;
            Ok((year, *days))
        };
        let claim = Claim {
            claim: "T".into(),
            birth: self.day("birth", &self.birth)?,
            origin: self.origin.as_str().into(),
            arrival,
            exit,
            submitted: self
                .submitted
                .as_deref()
                .map_or(Ok(exit), |text| self.day("submitted", text))?,
            work_days,
            allowance_days_used: self.used.iter().map(year).collect::<Result<_, _>>()?,
            on_roster: self.on_roster,
            other_payer: self.amount("other_payer", &self.other_payer)?,
            lines: self.costs.iter().map(|text| self.cost(text)).collect::<Result<_, _>>()?,
        };
        match claim.faults().first() {
            Some(fault) => Err(self.wrong("stay", fault.message.clone())),
            None => Ok(claim),
        }
    }

    /// `fare business 9000.00 USD @710.50 economy=2100.00`: kind, then the rest in any order.
    fn cost(&self, text: &str) -> Result<ClaimLine, CaseError> {
        let wrong = || self.wrong("costs", format!("“{text}”应为费用类别、金额和币种"));
        let mut words = text.split_whitespace();
        let kind = words.next().and_then(Expense::from_word).ok_or_else(wrong)?;
        let mut line = ClaimLine {
            kind,
            class: None,
            amount: Fen::ZERO,
            currency: YUAN.into(),
            rate_per_100: None,
            documented_economy: None,
        };
        for word in words {
            if let Some(rate) = word.strip_prefix('@') {
                line.rate_per_100 = Some(rate.into());
            } else if let Some(fare) = word.strip_prefix("economy=") {
                line.documented_economy = Some(self.amount("costs", fare)?);
            } else if word.starts_with(|c: char| c.is_ascii_digit()) {
                line.amount = self.amount("costs", word)?;
            } else if word.chars().all(|c| c.is_ascii_uppercase()) {
                line.currency = word.into();
            } else {
                line.class = Some(word.into());
            }
        }
        Ok(line)
    }
}

impl TripCase {
    /// Reads what is written.
    ///
    /// # Errors
    /// The first entry that says nothing, by key.
    pub fn new(written: WrittenTrip) -> Result<Self, CaseError> {
        let claim = written.claim()?;
        let accepted = written.accepted.as_deref();
        let expected = Expected {
            accepted: accepted.map(|text| written.amount("accepted", text)).transpose()?,
            subsidy: written.amount("subsidy", &written.subsidy)?,
            allowance: written.amount("allowance", &written.allowance)?,
        };
        Ok(Self { written, claim, expected })
    }

    pub(super) fn read(text: &str) -> Result<Self, CaseError> {
        Self::new(toml::from_str(text).map_err(unreadable)?)
    }

    pub(super) fn text(&self) -> Result<String, CaseError> {
        toml::to_string(&self.written)
            .map_err(|error| self.written.wrong("toml", error.to_string()))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.written.name
    }

    pub(super) fn written(&self) -> &WrittenTrip {
        &self.written
    }

    /// Day of entry, which decides the version.
    pub(super) fn arrival(&self) -> NaiveDate {
        self.claim.arrival
    }

    /// Expected subsidy and allowance.
    pub(super) fn amounts(&self) -> (Fen, Fen) {
        (self.expected.subsidy, self.expected.allowance)
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let claim = &self.claim;
        let stay = Period { from: claim.arrival, through: Some(claim.exit) };
        let mut all = vec![
            format!("受邀人：{} 出生，来自 {}", claim.birth, claim.origin),
            format!("入境至离境：{}，{} 申报", stay.words(), claim.submitted),
        ];
        let mut add = |what: &str, list: Vec<String>| {
            if !list.is_empty() {
                all.push(format!("{what}：{}", list.join("；")));
            }
        };
        add(
            "有工作记录",
            self.written.work.iter().map(|text| text.replace("..", " 至 ")).collect(),
        );
        let used = claim.allowance_days_used.iter();
        add("此前已计津贴", used.map(|(year, days)| format!("{year} 年 {days} 天")).collect());
        add("费用", claim.lines.iter().map(cost_in_words).collect());
        if claim.other_payer > Fen::ZERO {
            add("其他单位承担", vec![format!("{} 元", claim.other_payer.grouped())]);
        }
        if claim.on_roster {
            all.push(Reason::OnRoster.label().to_owned());
        }
        all
    }

    pub(super) fn expectation(&self) -> String {
        let expected = &self.expected;
        let (subsidy, allowance) = (expected.subsidy.grouped(), expected.allowance.grouped());
        let mut parts = vec![format!("差旅补贴 {subsidy} 元"), format!("工作津贴 {allowance} 元")];
        parts.extend(expected.accepted.map(|fen| format!("认可费用 {} 元", fen.grouped())));
        parts.extend(self.written.days.map(|days| format!("津贴 {days} 天")));
        let reasons = self.written.reasons.iter().flatten();
        parts.extend(reasons.map(|reason| reason.label().to_owned()));
        parts.join("；")
    }

    /// Runs the case under a policy.
    pub fn check(&self, policy: &Policy) -> Outcome {
        match policy.explain(&self.claim) {
            Ok((found, trace)) => Outcome {
                found: in_words(&found),
                steps: trace.steps.iter().map(|s| (s.rule().label(), s.describe())).collect(),
                differences: self.differences(&found),
            },
            Err(faults) => {
                let faults: Vec<String> = faults.into_iter().map(|fault| fault.message).collect();
                Outcome::refused(faults.join("；"))
            }
        }
    }

    fn differences(&self, found: &Determination) -> Vec<String> {
        let mut all = Vec::new();
        let mut fen = |what, expected, found| all.extend(amount_differs(what, expected, found));
        fen("差旅补贴", Some(self.expected.subsidy), found.subsidy);
        fen("工作津贴", Some(self.expected.allowance), found.allowance);
        fen("认可费用", self.expected.accepted, found.accepted);
        if let Some(days) = self.written.days.filter(|days| *days != found.allowance_days) {
            all.push(format!("津贴天数应为 {days}，算得 {}", found.allowance_days));
        }
        let labels = |reasons: &[Reason]| {
            said(reasons.iter().map(|reason| reason.label()).collect::<Vec<_>>().join("、"))
        };
        if let Some(expected) = self.written.reasons.as_ref().filter(|e| **e != found.reasons) {
            let (expected, found) = (labels(expected), labels(&found.reasons));
            all.push(format!("不予发放原因应为 {expected}，算得 {found}"));
        }
        all
    }
}

fn cost_in_words(line: &ClaimLine) -> String {
    let mut text = format!("{} {} {}", line.kind.label(), line.amount, line.currency);
    if let Some(class) = &line.class {
        let known = FARE_CLASSES.iter().find(|(code, _)| class == code);
        text.push_str(&format!("（{}）", known.map_or(class.as_str(), |(_, name)| *name)));
    }
    if let Some(rate) = &line.rate_per_100 {
        text.push_str(&format!("，每 100 外币 {rate} 元"));
    }
    if let Some(fare) = line.documented_economy {
        text.push_str(&format!("，同航班经济舱 {fare}"));
    }
    text
}

fn in_words(found: &Determination) -> String {
    let mut text = format!(
        "差旅补贴 {} 元；工作津贴 {} 元（{} 天）",
        found.subsidy.grouped(),
        found.allowance.grouped(),
        found.allowance_days
    );
    for reason in &found.reasons {
        text.push('；');
        text.push_str(reason.label());
    }
    text
}
