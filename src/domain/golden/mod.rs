//! Golden cases: facts that a civil servant can read, and what a policy text must make of them. A
//! policy version comes with its cases, and no text is published while one of them fails.

mod case;
mod trip;
mod typed;
mod typed_trip;
mod words;
mod written;

use std::collections::BTreeMap;
use std::fmt;

pub use self::case::{Case, TypedExpectation};
pub use self::trip::{TripCase, WrittenTrip};
pub use self::typed::TypedCase;
pub use self::typed_trip::TypedTrip;
pub use self::written::{CaseFile, WrittenCase};
use crate::domain::determine::{
    Determination, Enterprises, PersonFacts, Portion, Reason, Text, explain,
};
use crate::domain::edition::Policy;
use crate::domain::money::Fen;

/// Why a written case cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseError {
    /// Name of the case; empty for a file that is none.
    pub case: String,
    /// Key of what is wrong.
    pub field: &'static str,
    /// What is wrong, in Chinese.
    pub message: String,
}

impl fmt::Display for CaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "算例“{}”{}：{}", self.case, self.field, self.message)
    }
}

impl std::error::Error for CaseError {}

/// What a case must give. Only the amount is always asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Net amount.
    pub amount: Fen,
    /// Counted months.
    pub months: Option<u8>,
    /// Eligible days.
    pub days: Option<u16>,
    /// Amount before other awards.
    pub gross: Option<Fen>,
    /// Difference to what was decided before.
    pub adjustment: Option<Fen>,
    /// `E1 5 83333.33`: enterprise, months, amount, in order.
    pub portions: Option<Vec<String>>,
    /// `province 66666.67`: over all portions, in order of first mention.
    pub sources: Option<Vec<String>>,
    /// Why nothing is due.
    pub reasons: Option<Vec<Reason>>,
}

/// A case that can be run: it was read once and is then trusted.
#[derive(Debug, Clone)]
pub struct GoldenCase {
    written: WrittenCase,
    enterprises: Enterprises,
    facts: PersonFacts,
    expected: Expected,
}

/// What came out of a case.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The result in words; empty when the engine refuses the facts.
    pub found: String,
    /// Rule and what it found, step by step.
    pub steps: Vec<(&'static str, String)>,
    /// What is not as expected, one sentence each; empty when the case holds.
    pub differences: Vec<String>,
}

impl Outcome {
    /// The engine refuses the facts.
    fn refused(why: impl fmt::Display) -> Self {
        let differences = vec![format!("无法计算：{why}")];
        Self { found: String::new(), steps: Vec::new(), differences }
    }

    /// Whether everything is as expected.
    pub fn holds(&self) -> bool {
        self.differences.is_empty()
    }
}

/// That an amount is another than expected, in a sentence; `None` where it is not asked for.
fn amount_differs(what: &str, expected: Option<Fen>, found: Fen) -> Option<String> {
    let expected = expected.filter(|expected| *expected != found)?;
    Some(format!("{what}应为 {} 元，算得 {} 元", expected.grouped(), found.grouped()))
}

/// A list in words, where an empty one says so.
fn said(text: String) -> String {
    if text.is_empty() { "无".to_owned() } else { text }
}

impl GoldenCase {
    /// Reads what is written.
    ///
    /// # Errors
    /// The first entry that says nothing, by key.
    pub fn new(written: WrittenCase) -> Result<Self, CaseError> {
        let (enterprises, facts) = (written.enterprises()?, written.facts()?);
        let expected = written.expected()?;
        Ok(Self { written, enterprises, facts, expected })
    }

    /// Reads one case from its stored text.
    ///
    /// # Errors
    /// When the text is no case.
    pub fn read(text: &str) -> Result<Self, CaseError> {
        Self::new(WrittenCase::read(text)?)
    }

    /// The text to store: TOML, one case.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn text(&self) -> Result<String, CaseError> {
        self.written.text()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.written.name
    }

    /// What is written.
    pub fn written(&self) -> &WrittenCase {
        &self.written
    }

    /// Award year.
    pub fn year(&self) -> i32 {
        self.written.year
    }

    /// What it must give.
    pub fn expected(&self) -> &Expected {
        &self.expected
    }

    /// The facts in words, a line each.
    pub fn lines(&self) -> Vec<String> {
        words::lines(&self.written)
    }

    /// The expectation in words.
    pub fn expectation(&self) -> String {
        words::expectation(&self.expected)
    }

    /// Runs the case under a policy.
    pub fn check(&self, policy: &Policy) -> Outcome {
        match explain(policy, &self.enterprises, &self.facts, self.written.year, None) {
            Ok((found, trace)) => Outcome {
                found: words::outcome(&found),
                steps: trace.steps.iter().map(|s| (s.rule().label(), s.describe())).collect(),
                differences: self.differences(&found),
            },
            Err(error) => Outcome::refused(error),
        }
    }

    fn differences(&self, found: &Determination) -> Vec<String> {
        let expected = &self.expected;
        let mut all = Vec::new();
        let mut fen = |what, expected, found| all.extend(amount_differs(what, expected, found));
        fen("净额", Some(expected.amount), found.net);
        fen("应计金额", expected.gross, found.gross);
        fen("与此前核定的差额", expected.adjustment, found.adjustment);
        if let Some(months) = expected.months.filter(|months| *months != found.counted_months) {
            all.push(format!("计入月数应为 {months}，算得 {}", found.counted_months));
        }
        if let Some(days) = expected.days.filter(|days| *days != found.eligible_days) {
            all.push(format!("合格天数应为 {days}，算得 {}", found.eligible_days));
        }
        let mut list = |what: &str, expected: Option<String>, found: String| {
            if let Some(expected) = expected.filter(|expected| *expected != found) {
                all.push(format!("{what}应为 {}，算得 {}", said(expected), said(found)));
            }
        };
        let labels = |reasons: &[Reason]| {
            reasons.iter().map(|reason| reason.label()).collect::<Vec<_>>().join("、")
        };
        list("不予发放原因", expected.reasons.as_deref().map(labels), labels(&found.reasons));
        let portion = |p: &Portion| format!("{} {} {}", p.enterprise, p.months, p.amount);
        let portions: Vec<String> = found.portions.iter().map(portion).collect();
        let said = expected.portions.as_deref().map(words::portions);
        list("按企业分摊", said, words::portions(&portions));
        let said = expected.sources.as_deref().map(words::sources);
        list("按资金来源", said, words::sources(&sources(found)));
        all
    }
}

/// What each source pays over all portions, in order of first mention.
fn sources(found: &Determination) -> Vec<String> {
    let mut order: Vec<&Text> = Vec::new();
    let mut sums: BTreeMap<&Text, i64> = BTreeMap::new();
    for part in found.portions.iter().flat_map(|portion| &portion.funding) {
        if !order.contains(&&part.source) {
            order.push(&part.source);
        }
        let sum = sums.entry(&part.source).or_default();
        *sum = sum.saturating_add(part.amount.get());
    }
    let sum = |source: &&Text| sums.get(*source).copied().unwrap_or_default();
    order.iter().map(|source| format!("{source} {}", Fen::new(sum(source)))).collect()
}

#[cfg(test)]
mod tests;
