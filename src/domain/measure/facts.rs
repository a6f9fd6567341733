//! What the engine is told: one application, with what the same subject was awarded before.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};

use crate::domain::determine::Text;
use crate::domain::money::Fen;
use crate::domain::wire::{amount, date, division, list, object, open_amount, open_text};

/// Money of the same measure that the same subject was awarded before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierAward {
    /// The day that it counts to.
    pub day: NaiveDate,
    /// How much.
    pub amount: Fen,
    /// For which stage, where paid in stages.
    pub stage: Option<Text>,
}

/// One application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// The application as named in the facts.
    pub application: Text,
    /// Project, product, platform, enterprise or park that it is about.
    pub subject: Text,
    /// Administrative division of the applicant, 2 to 6 digits.
    pub division: Text,
    /// The day that decides which version applies and to which year it counts.
    pub day: NaiveDate,
    /// The figure that the version asks for; none for a fixed amount.
    pub figure: Option<Fen>,
    /// The stage, where paid in stages.
    pub stage: Option<Text>,
    /// What the subject was awarded before under this measure.
    pub awarded_before: Vec<EarlierAward>,
}

/// One thing that is wrong with an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The fact, e.g. `figure`.
    pub field: &'static str,
    /// What is wrong, in Chinese.
    pub message: String,
}

impl Fault {
    pub(super) fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

impl<'de> Deserialize<'de> for EarlierAward {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Raw {
            #[serde(deserialize_with = "date")]
            day: NaiveDate,
            #[serde(deserialize_with = "amount")]
            amount: Fen,
            #[serde(default, deserialize_with = "open_text")]
            stage: Option<Text>,
        }
        object(deserializer, |Raw { day, amount, stage }| Ok(Self { day, amount, stage }))
    }
}

impl<'de> Deserialize<'de> for Application {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Raw {
            application: Text,
            subject: Text,
            #[serde(deserialize_with = "division")]
            division: Text,
            #[serde(deserialize_with = "date")]
            day: NaiveDate,
            #[serde(default, deserialize_with = "open_amount")]
            figure: Option<Fen>,
            #[serde(default, deserialize_with = "open_text")]
            stage: Option<Text>,
            #[serde(default, deserialize_with = "list")]
            awarded_before: Vec<EarlierAward>,
        }
        object(deserializer, |raw: Raw| {
            Ok(Self {
                application: raw.application,
                subject: raw.subject,
                division: raw.division,
                day: raw.day,
                figure: raw.figure,
                stage: raw.stage,
                awarded_before: raw.awarded_before,
            })
        })
    }
}
