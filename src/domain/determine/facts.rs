//! What the engine is told: enterprises and one person, each fact with its valid period and its
//! optional record stamps.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset};

use super::text::Text;
use crate::domain::money::Fen;
use crate::domain::period::Period;

/// When the record learned of a fact and when it stopped believing it. `None` does not limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stamps {
    /// First moment at which the fact was known (inclusive).
    pub recorded_at: Option<DateTime<FixedOffset>>,
    /// Moment from which it was no longer held true (exclusive).
    pub superseded_at: Option<DateTime<FixedOffset>>,
}

impl Stamps {
    /// Whether the fact exists for someone who looks with the knowledge of `known_at`; without a
    /// moment, exactly the facts that nothing supersedes exist.
    pub fn exists(&self, known_at: Option<DateTime<FixedOffset>>) -> bool {
        match known_at {
            None => self.superseded_at.is_none(),
            Some(moment) => {
                self.recorded_at.is_none_or(|at| at <= moment)
                    && self.superseded_at.is_none_or(|at| moment < at)
            }
        }
    }
}

/// A run of days on which an enterprise is on the list of key enterprises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Days on the list.
    pub period: Period,
    /// Record stamps.
    pub stamps: Stamps,
}

/// One enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseFacts {
    /// Unified social credit code; compared byte by byte, check character not verified.
    pub uscc: Text,
    /// Administrative division, 2 to 6 digits.
    pub division: Text,
    /// Its listings.
    pub listings: Vec<Listing>,
}

/// An employment, full-time or part-time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employment {
    /// USCC of the employer; may be unknown to the registry.
    pub enterprise: Text,
    /// First and last day of employment.
    pub period: Period,
    /// Only full-time employment satisfies `employed`.
    pub full_time: bool,
    /// Record stamps.
    pub stamps: Stamps,
}

/// A roster entry at an enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterSpan {
    /// USCC of the enterprise.
    pub enterprise: Text,
    /// Days on the roster.
    pub period: Period,
    /// Record stamps.
    pub stamps: Stamps,
}

/// A recognition as high-level talent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecognitionSpan {
    /// Class, e.g. `A`.
    pub class: Text,
    /// Days on which it holds.
    pub period: Period,
    /// Record stamps.
    pub stamps: Stamps,
}

/// Evidence of work in one calendar month: social insurance or income tax, from any employer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceMonth {
    /// Calendar year.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Who paid it.
    pub enterprise: Text,
    /// Record stamps.
    pub stamps: Stamps,
}

/// Days on which the roster entry is suspended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspensionSpan {
    /// Suspended days.
    pub period: Period,
    /// Record stamps.
    pub stamps: Stamps,
}

/// Days on which the person is excluded, e.g. as a large shareholder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExclusionSpan {
    /// Excluded days.
    pub period: Period,
    /// Why; not used by the rules.
    pub reason: Text,
    /// Record stamps.
    pub stamps: Stamps,
}

/// Another award of the same year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherAward {
    /// Group of the conflict catalogue.
    pub group: Text,
    /// Award year.
    pub year: i32,
    /// Amount, not negative.
    pub amount: Fen,
    /// Record stamps.
    pub stamps: Stamps,
}

/// What was decided before for a year; negative entries take back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntitledBefore {
    /// Award year.
    pub year: i32,
    /// Amount.
    pub amount: Fen,
    /// Record stamps.
    pub stamps: Stamps,
}

/// All facts about one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonFacts {
    /// Identifier, copied to the determination.
    pub person: Text,
    /// Employments.
    pub employments: Vec<Employment>,
    /// Roster entries.
    pub roster: Vec<RosterSpan>,
    /// Recognitions.
    pub recognitions: Vec<RecognitionSpan>,
    /// Evidence months.
    pub evidence: Vec<EvidenceMonth>,
    /// Suspensions.
    pub suspensions: Vec<SuspensionSpan>,
    /// Exclusions.
    pub exclusions: Vec<ExclusionSpan>,
    /// Other awards.
    pub other_awards: Vec<OtherAward>,
    /// Earlier decisions.
    pub entitled_before: Vec<EntitledBefore>,
}

/// Why a set of enterprises cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnterprisesError {
    /// The same USCC twice.
    #[error("企业 {0} 出现两次")]
    Duplicate(Text),
    /// A division that is not 2 to 6 digits.
    #[error("企业 {0} 的行政区划代码应为 2 至 6 位数字")]
    Division(Text),
}

/// The enterprises by USCC.
#[derive(Debug, Clone, Default)]
pub struct Enterprises {
    by_uscc: HashMap<Text, EnterpriseFacts>,
}

impl Enterprises {
    /// Indexes the enterprises; refuses a repeated USCC and a malformed division.
    pub fn new(enterprises: Vec<EnterpriseFacts>) -> Result<Self, EnterprisesError> {
        let mut by_uscc = HashMap::with_capacity(enterprises.len());
        for enterprise in enterprises {
            if !is_division(&enterprise.division) {
                return Err(EnterprisesError::Division(enterprise.uscc));
            }
            if let Some(old) = by_uscc.insert(enterprise.uscc.clone(), enterprise) {
                return Err(EnterprisesError::Duplicate(old.uscc));
            }
        }
        Ok(Self { by_uscc })
    }

    /// The enterprise with this USCC.
    pub fn get(&self, uscc: &Text) -> Option<&EnterpriseFacts> {
        self.by_uscc.get(uscc)
    }

    /// How many enterprises there are.
    pub fn len(&self) -> usize {
        self.by_uscc.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_uscc.is_empty()
    }
}

/// Whether a text is a division: 2 to 6 digits.
pub fn is_division(text: &str) -> bool {
    (2..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}
