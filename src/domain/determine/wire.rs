//! Facts as JSON (engine.md "Facts").

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Deserializer};

use super::facts::*;
use super::text::Text;
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::wire::{
    amount, date, division, list, month, object, open_date, signed_amount, stamp, yes,
};

fn period(from: NaiveDate, through: Option<NaiveDate>) -> Result<Period, &'static str> {
    Period::new(from, through).ok_or(super::THROUGH_BEFORE_FROM)
}

/// Declares the JSON form of a fact with stamps and how it becomes the fact.
macro_rules! facts {
    ($($fact:ident { $($(#[$attribute:meta])* $field:ident: $kind:ty,)* }
        => |$raw:ident, $stamps:ident| $build:expr;)+) => {
        $(impl<'de> Deserialize<'de> for $fact {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Raw {
                    $($(#[$attribute])* $field: $kind,)*
                    #[serde(default, deserialize_with = "stamp")]
                    recorded_at: Option<DateTime<FixedOffset>>,
                    #[serde(default, deserialize_with = "stamp")]
                    superseded_at: Option<DateTime<FixedOffset>>,
                }
                object(deserializer, |$raw: Raw| {
                    let $stamps = Stamps {
                        recorded_at: $raw.recorded_at,
                        superseded_at: $raw.superseded_at,
                    };
                    Ok($build)
                })
            }
        })+
    };
}

facts! {
    Listing {
        #[serde(deserialize_with = "date")] from: NaiveDate,
        #[serde(default, deserialize_with = "open_date")] through: Option<NaiveDate>,
    } => |raw, stamps| Self { period: period(raw.from, raw.through)?, stamps };
    Employment {
        enterprise: Text,
        #[serde(deserialize_with = "date")] from: NaiveDate,
        #[serde(default, deserialize_with = "open_date")] through: Option<NaiveDate>,
        #[serde(default = "yes")] full_time: bool,
    } => |raw, stamps| Self {
        enterprise: raw.enterprise,
        period: period(raw.from, raw.through)?,
        full_time: raw.full_time,
        stamps,
    };
    RosterSpan {
        enterprise: Text,
        #[serde(deserialize_with = "date")] from: NaiveDate,
        #[serde(default, deserialize_with = "open_date")] through: Option<NaiveDate>,
    } => |raw, stamps| Self {
        enterprise: raw.enterprise,
        period: period(raw.from, raw.through)?,
        stamps,
    };
    RecognitionSpan {
        class: Text,
        #[serde(deserialize_with = "date")] from: NaiveDate,
        #[serde(default, deserialize_with = "open_date")] through: Option<NaiveDate>,
    } => |raw, stamps| Self {
        class: raw.class,
        period: period(raw.from, raw.through)?,
        stamps,
    };
    EvidenceMonth {
        #[serde(deserialize_with = "month")] month: (i32, u8),
        enterprise: Text,
    } => |raw, stamps| Self {
        year: raw.month.0,
        month: raw.month.1,
        enterprise: raw.enterprise,
        stamps,
    };
    SuspensionSpan {
        #[serde(deserialize_with = "date")] from: NaiveDate,
        #[serde(default, deserialize_with = "open_date")] through: Option<NaiveDate>,
    } => |raw, stamps| Self { period: period(raw.from, raw.through)?, stamps };
    ExclusionSpan {
        #[serde(deserialize_with = "date")] from: NaiveDate,
        #[serde(default, deserialize_with = "open_date")] through: Option<NaiveDate>,
        #[serde(default)] reason: Text,
    } => |raw, stamps| Self {
        period: period(raw.from, raw.through)?,
        reason: raw.reason,
        stamps,
    };
    OtherAward {
        group: Text,
        year: i32,
        #[serde(deserialize_with = "amount")] amount: Fen,
    } => |raw, stamps| Self { group: raw.group, year: raw.year, amount: raw.amount, stamps };
    EntitledBefore {
        year: i32,
        #[serde(deserialize_with = "signed_amount")] amount: Fen,
    } => |raw, stamps| Self { year: raw.year, amount: raw.amount, stamps };
}

impl<'de> Deserialize<'de> for EnterpriseFacts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Raw {
            uscc: Text,
            #[serde(deserialize_with = "division")]
            division: Text,
            #[serde(default, deserialize_with = "list")]
            listings: Vec<Listing>,
        }
        object(deserializer, |Raw { uscc, division, listings }| {
            Ok(Self { uscc, division, listings })
        })
    }
}

impl<'de> Deserialize<'de> for PersonFacts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Raw {
            person: Text,
            #[serde(default, deserialize_with = "list")]
            employments: Vec<Employment>,
            #[serde(default, deserialize_with = "list")]
            roster: Vec<RosterSpan>,
            #[serde(default, deserialize_with = "list")]
            recognitions: Vec<RecognitionSpan>,
            #[serde(default, deserialize_with = "list")]
            evidence: Vec<EvidenceMonth>,
            #[serde(default, deserialize_with = "list")]
            suspensions: Vec<SuspensionSpan>,
            #[serde(default, deserialize_with = "list")]
            exclusions: Vec<ExclusionSpan>,
            #[serde(default, deserialize_with = "list")]
            other_awards: Vec<OtherAward>,
            #[serde(default, deserialize_with = "list")]
            entitled_before: Vec<EntitledBefore>,
        }
        object(deserializer, |raw: Raw| {
            Ok(Self {
                person: raw.person,
                employments: raw.employments,
                roster: raw.roster,
                recognitions: raw.recognitions,
                evidence: raw.evidence,
                suspensions: raw.suspensions,
                exclusions: raw.exclusions,
                other_awards: raw.other_awards,
                entitled_before: raw.entitled_before,
            })
        })
    }
}
