//! How facts are read from JSON (engine.md "Bad input"): objects only, no unknown and no repeated
//! key, dates that exist. Errors carry a Chinese message; the reader knows where in the line it
//! stands.

use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::determine::{Text, is_division};
use super::money::Fen;

/// Reads text through a function, without keeping the text.
pub(crate) struct Parse<F>(pub(crate) F);

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

/// A day that exists, `2026-05-01`.
pub(crate) fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    deserializer.deserialize_str(Parse(date_of))
}

/// A month, `2026-05`, as year and number.
pub(crate) fn month<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(i32, u8), D::Error> {
    deserializer.deserialize_str(Parse(month_of))
}

/// Yuan as text, at most two decimals, no sign.
pub(crate) fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fen, D::Error> {
    deserializer.deserialize_str(Parse(amount_of))
}

/// Yuan as text, or null.
pub(crate) fn open_amount<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Fen>, D::Error> {
    deserializer.deserialize_option(Nullable(amount_of))
}

/// Text, or null.
pub(crate) fn open_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Text>, D::Error> {
    deserializer.deserialize_option(Nullable(|text: &str| Ok(Text::from(text))))
}

fn amount_of(text: &str) -> Result<Fen, String> {
    if text.starts_with('-') {
        return Err("金额不能为负".to_owned());
    }
    text.parse().map_err(|error: crate::domain::money::AmountError| error.to_string())
}

/// The same, perhaps negative.
pub(crate) fn signed_amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fen, D::Error> {
    deserializer.deserialize_str(Parse(|text: &str| {
        text.parse().map_err(|error: crate::domain::money::AmountError| error.to_string())
    }))
}

/// A division of 2 to 6 digits.
pub(crate) fn division<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
    deserializer.deserialize_str(Parse(|text: &str| {
        if is_division(text) {
            return Ok(Text::from(text));
        }
        Err("行政区划代码应为 2 至 6 位数字".to_owned())
    }))
}

/// `null` is the same as a missing key.
pub(crate) struct Nullable<F>(pub(crate) F);

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

/// A day, or null.
pub(crate) fn open_date<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<NaiveDate>, D::Error> {
    deserializer.deserialize_option(Nullable(date_of))
}

/// An instant with its offset, or null.
pub(crate) fn stamp<'de, D>(deserializer: D) -> Result<Option<DateTime<FixedOffset>>, D::Error>
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

/// An object and nothing else, built into its value.
pub(crate) fn object<'de, T, U, D, F>(deserializer: D, build: F) -> Result<U, D::Error>
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

/// A list and nothing else.
pub(crate) fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    d: D,
) -> Result<Vec<T>, D::Error> {
    d.deserialize_seq(List(PhantomData))
}

/// What a key that says yes or no is where it is left out.
pub(crate) fn yes() -> bool {
    true
}
