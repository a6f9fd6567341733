//! Claims as JSON, by the rules of [`crate::domain::wire`].

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::facts::{Claim, ClaimLine, Expense};
use crate::domain::determine::Text;
use crate::domain::money::Fen;
use crate::domain::wire::{Parse, amount, date, list, object, open_amount, open_text};

fn expense<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Expense, D::Error> {
    deserializer.deserialize_str(Parse(|word: &str| {
        Expense::from_word(word)
            .ok_or_else(|| format!("未知的费用类别 {word:?}，应为：{}", Expense::words()))
    }))
}

/// A day of a list.
struct Day(NaiveDate);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        date(deserializer).map(Self)
    }
}

fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<NaiveDate>, D::Error> {
    let days: Vec<Day> = list(deserializer)?;
    Ok(days.into_iter().map(|day| day.0).collect())
}

/// Days by year, no year twice.
struct ByYear;

impl<'de> Visitor<'de> for ByYear {
    type Value = BTreeMap<i32, u32>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = BTreeMap::new();
        while let Some(key) = map.next_key::<Text>()? {
            let four = key.len() == 4 && key.bytes().all(|byte| byte.is_ascii_digit());
            let year = if four { key.parse().ok() } else { None };
            let year: i32 = year.ok_or_else(|| de::Error::custom("年度应为四位数字"))?;
            if found.contains_key(&year) {
                return Err(de::Error::custom("键重复"));
            }
            found.insert(year, map.next_value()?);
        }
        Ok(found)
    }
}

fn by_year<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<i32, u32>, D::Error> {
    deserializer.deserialize_map(ByYear)
}

impl<'de> Deserialize<'de> for ClaimLine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Raw {
            #[serde(deserialize_with = "expense")]
            kind: Expense,
            #[serde(default, deserialize_with = "open_text")]
            class: Option<Text>,
            #[serde(deserialize_with = "amount")]
            amount: Fen,
            currency: Text,
            #[serde(default, deserialize_with = "open_text")]
            rate_per_100: Option<Text>,
            #[serde(default, deserialize_with = "open_amount")]
            documented_economy: Option<Fen>,
        }
        object(deserializer, |raw: Raw| {
            Ok(Self {
                kind: raw.kind,
                class: raw.class,
                amount: raw.amount,
                currency: raw.currency,
                rate_per_100: raw.rate_per_100,
                documented_economy: raw.documented_economy,
            })
        })
    }
}

impl<'de> Deserialize<'de> for Claim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Raw {
            claim: Text,
            #[serde(deserialize_with = "date")]
            birth: NaiveDate,
            origin: Text,
            #[serde(deserialize_with = "date")]
            arrival: NaiveDate,
            #[serde(deserialize_with = "date")]
            exit: NaiveDate,
            #[serde(deserialize_with = "date")]
            submitted: NaiveDate,
            #[serde(default, deserialize_with = "days")]
            work_days: Vec<NaiveDate>,
            #[serde(default, deserialize_with = "by_year")]
            allowance_days_used: BTreeMap<i32, u32>,
            #[serde(default)]
            on_roster: bool,
            #[serde(default, deserialize_with = "amount")]
            other_payer: Fen,
            #[serde(default, deserialize_with = "list")]
            lines: Vec<ClaimLine>,
        }
        object(deserializer, |raw: Raw| {
            Ok(Self {
                claim: raw.claim,
                birth: raw.birth,
                origin: raw.origin,
                arrival: raw.arrival,
                exit: raw.exit,
                submitted: raw.submitted,
                work_days: raw.work_days,
                allowance_days_used: raw.allowance_days_used,
                on_roster: raw.on_roster,
                other_payer: raw.other_payer,
                lines: raw.lines,
            })
        })
    }
}
