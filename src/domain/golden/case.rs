//! A case of a policy of any kind.

use chrono::Datelike;

use super::{CaseError, CaseFile, GoldenCase, Outcome, TripCase, WrittenCase, WrittenTrip};
use crate::domain::edition::Kind;
use crate::domain::policy_text::PolicyText;

/// A case that can be run under texts of its kind.
#[derive(Debug, Clone)]
pub enum Case {
    /// A year of an engineer.
    Year(Box<GoldenCase>),
    /// A visit.
    Trip(Box<TripCase>),
}

/// Another expectation as it is typed. A case looks at the fields of its own kind.
#[derive(Debug, Clone, Default)]
pub struct TypedExpectation<'a> {
    /// Net amount of a year, yuan.
    pub amount: &'a str,
    /// Counted months of a year; may be empty.
    pub months: &'a str,
    /// Subsidy of a visit, yuan.
    pub subsidy: &'a str,
    /// Allowance of a visit, yuan.
    pub allowance: &'a str,
}

impl From<GoldenCase> for Case {
    fn from(case: GoldenCase) -> Self {
        Self::Year(Box::new(case))
    }
}

impl From<TripCase> for Case {
    fn from(case: TripCase) -> Self {
        Self::Trip(Box::new(case))
    }
}

impl Case {
    /// Reads one case of a policy of a kind from its stored text.
    ///
    /// # Errors
    /// When the text is no case.
    pub fn read(kind: Kind, text: &str) -> Result<Self, CaseError> {
        match kind {
            Kind::TravelSubsidy => TripCase::read(text).map(Self::from),
            Kind::AnnualStipend | Kind::Measure | Kind::AgreedAmount => {
                GoldenCase::read(text).map(Self::from)
            }
        }
    }

    /// Reads a file of cases of a policy of a kind.
    ///
    /// # Errors
    /// When it is none, or one of its cases says nothing.
    pub fn read_all(kind: Kind, text: &str) -> Result<Vec<Self>, CaseError> {
        match kind {
            Kind::TravelSubsidy => {
                let cases = CaseFile::<WrittenTrip>::read(text)?.case.into_iter();
                cases.map(|written| TripCase::new(written).map(Self::from)).collect()
            }
            Kind::AnnualStipend | Kind::Measure | Kind::AgreedAmount => {
                let cases = CaseFile::<WrittenCase>::read(text)?.case.into_iter();
                cases.map(|written| GoldenCase::new(written).map(Self::from)).collect()
            }
        }
    }

    /// The text to store: TOML, one case.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn text(&self) -> Result<String, CaseError> {
        match self {
            Self::Year(case) => case.text(),
            Self::Trip(case) => case.text(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Year(case) => case.name(),
            Self::Trip(case) => case.name(),
        }
    }

    /// Award year, or the year of entry.
    pub fn year(&self) -> i32 {
        match self {
            Self::Year(case) => case.year(),
            Self::Trip(case) => case.arrival().year(),
        }
    }

    /// The facts in words, a line each.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Year(case) => case.lines(),
            Self::Trip(case) => case.lines(),
        }
    }

    /// The expectation in words.
    pub fn expectation(&self) -> String {
        match self {
            Self::Year(case) => case.expectation(),
            Self::Trip(case) => case.expectation(),
        }
    }

    /// What it expects, as the form takes it, by field.
    pub fn typed(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Year(case) => {
                let months = case.expected().months.map(|months| months.to_string());
                let amount = case.expected().amount.to_string();
                vec![("amount", amount), ("months", months.unwrap_or_default())]
            }
            Self::Trip(case) => {
                let (subsidy, allowance) = case.amounts();
                vec![("subsidy", subsidy.to_string()), ("allowance", allowance.to_string())]
            }
        }
    }

    /// The same facts with another expectation. Only what is typed is compared from then on.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn expecting(&self, typed: &TypedExpectation<'_>) -> Result<Self, Vec<(String, String)>> {
        match self {
            Self::Year(case) => case.expecting(typed.amount, typed.months).map(Self::from),
            Self::Trip(case) => case.expecting(typed.subsidy, typed.allowance).map(Self::from),
        }
    }

    /// Whether both say the same.
    pub fn is_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Year(one), Self::Year(other)) => one.written() == other.written(),
            (Self::Trip(one), Self::Trip(other)) => one.written() == other.written(),
            _ => false,
        }
    }

    /// Runs the case under a text; one of another kind computes nothing of it.
    pub fn check(&self, text: &PolicyText) -> Outcome {
        match (self, text) {
            (Self::Year(case), PolicyText::Stipend(policy)) => case.check(policy),
            (Self::Trip(case), PolicyText::Travel(policy)) => case.check(policy),
            _ => Outcome::refused("正文不是算例所属的那一类政策"),
        }
    }
}
