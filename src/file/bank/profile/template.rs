//! Lines above and below the orders: text with placeholders such as `{count}` or `{payer_name:=31}`.

use serde::Deserialize;

/// What a placeholder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    BatchNo,
    /// Number of orders.
    Count,
    /// Their sum, in the profile's form of amounts.
    Total,
    /// Day on which the file was made: `20270301`.
    Date,
    /// Instant at which it was made, with its offset.
    CreatedAt,
    Purpose,
    PayerName,
    PayerAccount,
    /// SHA-256 of all bytes below the header lines, hexadecimal.
    Sha256,
}

impl Value {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "batch_no" => Self::BatchNo,
            "count" => Self::Count,
            "total" => Self::Total,
            "date" => Self::Date,
            "created_at" => Self::CreatedAt,
            "purpose" => Self::Purpose,
            "payer_name" => Self::PayerName,
            "payer_account" => Self::PayerAccount,
            "sha256" => Self::Sha256,
            _ => return None,
        })
    }
}

/// A fixed width in bytes of the file, reached by repeating a character on the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fill {
    pub(super) with: char,
    pub(super) width: usize,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    Value(Value, Option<Fill>),
}

/// A line above or below the orders.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Template {
    source: String,
    pub(super) parts: Vec<Part>,
}

impl Template {
    /// The line as the profile holds it.
    pub(super) fn text(&self) -> &str {
        &self.source
    }

    /// The values that stand in the line.
    pub(super) fn values(&self) -> impl Iterator<Item = Value> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value(value, _) => Some(*value),
            Part::Text(_) => None,
        })
    }
}

impl TryFrom<String> for Template {
    type Error = &'static str;

    fn try_from(source: String) -> Result<Self, Self::Error> {
        let mut parts = Vec::new();
        let mut rest = source.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let (inside, after) = after.split_once('}').ok_or("a placeholder without an end")?;
            parts.push(placeholder(inside).ok_or("an unknown placeholder")?);
            rest = after;
        }
        if rest.contains('}') {
            return Err("a placeholder without a beginning");
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { source, parts })
    }
}

/// `name`, or `name:` with the character to fill up with and the width.
fn placeholder(inside: &str) -> Option<Part> {
    let Some((name, form)) = inside.split_once(':') else {
        return Some(Part::Value(Value::named(inside)?, None));
    };
    let mut rest = form.chars();
    let with = rest.next().filter(char::is_ascii)?;
    let width = rest.as_str().parse().ok()?;
    Some(Part::Value(Value::named(name)?, Some(Fill { with, width })))
}
