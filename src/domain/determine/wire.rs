//! Facts as JSON (engine.md "Facts"): objects only, no unknown and no repeated key, dates that
//! exist. Errors carry a Chinese message; the reader knows where in the line it stands.

use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::facts::*;
use super::text::Text;
use crate::domain::money::Fen;
use crate::domain::period::Period;

/// Reads text through a function, without keeping the text.
struct Parse<F>(F);

impl<T, F: FnOnce(&str) -> Result<T, String>> Visitor<'_> for Parse<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).map_err(E::custom)
    }
}

fn date_of(text: &str) -> Result<NaiveDate, String> {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| number(bytes.get(from..to)?);
    let well_formed = bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-';
    let parts = well_formed.then(|| Some((digits(0, 4)?, digits(5, 7)?, digits(8, 10)?)));
    let (year, month, day) = parts.flatten().ok_or("日期应为 YYYY-MM-DD")?;
    NaiveDate::from_ymd_opt(year as i32, month, day).ok_or_else(|| "日期不存在".to_owned())
}

fn month_of(text: &str) -> Result<(i32, u8), String> {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| number(bytes.get(from..to)?);
    let parts =
        (bytes.len() == 7 && bytes[4] == b'-').then(|| Some((digits(0, 4)?, digits(5, 7)?)));
    let (year, month) = parts.flatten().ok_or("月份应为 YYYY-MM")?;
    if !(1..=12).contains(&month) {
        return Err("月份应为 YYYY-MM".to_owned());
    }
    Ok((year as i32, month as u8))
}

/// At most four ASCII digits.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, digit| {
        digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0'))
    })
}

fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    deserializer.deserialize_str(Parse(date_of))
}

fn month<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(i32, u8), D::Error> {
    deserializer.deserialize_str(Parse(month_of))
}

fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fen, D::Error> {
    deserializer.deserialize_str(Parse(|text: &str| {
        if text.starts_with('-') {
            return Err("金额不能为负".to_owned());
        }
        text.parse().map_err(|error: crate::domain::money::AmountError| error.to_string())
    }))
}

fn signed_amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fen, D::Error> {
    deserializer.deserialize_str(Parse(|text: &str| {
        text.parse().map_err(|error: crate::domain::money::AmountError| error.to_string())
    }))
}

fn division<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
    deserializer.deserialize_str(Parse(|text: &str| {
        if is_division(text) {
            return Ok(Text::from(text));
        }
        Err("行政区划代码应为 2 至 6 位数字".to_owned())
    }))
}

/// `null` is the same as a missing key.
struct Nullable<F>(F);

impl<'de, T, F: FnOnce(&str) -> Result<T, String>> Visitor<'de> for Nullable<F> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or null")
    }

    fn visit_none<E: de::Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_str(Parse(self.0)).map(Some)
    }
}

fn open_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    deserializer.deserialize_option(Nullable(date_of))
}

fn stamp<'de, D>(deserializer: D) -> Result<Option<DateTime<FixedOffset>>, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_option(Nullable(|text: &str| {
        DateTime::parse_from_rfc3339(text)
            .map_err(|_| "时间应为带时区偏移的 RFC 3339 格式".to_owned())
    }))
}

/// An object and nothing else: derived readers would also take an array by position. The fact is
/// built inside, so that an error stands at the end of its own object.
struct Object<T, F>(F, PhantomData<T>);

impl<'de, T, U, F> Visitor<'de> for Object<T, F>
where
    T: Deserialize<'de>,
    F: FnOnce(T) -> Result<U, &'static str>,
{
    type Value = U;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<U, A::Error> {
        let raw = T::deserialize(MapAccessDeserializer::new(map))?;
        (self.0)(raw).map_err(de::Error::custom)
    }
}

fn object<'de, T, U, D, F>(deserializer: D, build: F) -> Result<U, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
    F: FnOnce(T) -> Result<U, &'static str>,
{
    deserializer.deserialize_map(Object(build, PhantomData))
}

/// A list of facts.
struct List<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element()? {
            list.push(item);
        }
        Ok(list)
    }
}

fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Vec<T>, D::Error> {
    d.deserialize_seq(List(PhantomData))
}

fn period(from: NaiveDate, through: Option<NaiveDate>) -> Result<Period, &'static str> {
    Period::new(from, through).ok_or(super::THROUGH_BEFORE_FROM)
}

fn yes() -> bool {
    true
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
