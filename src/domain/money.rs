//! Exact money: integer fen inside, yuan text at the edges (domain.md 5.1).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount in fen (1 yuan = 100 fen). May be negative: an adjustment can take money back.
///
/// Arithmetic is checked; there is no conversion to or from floating point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fen(i64);

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not `digits` or `digits.d` or `digits.dd`, with an optional leading minus.
    #[error("金额应为最多两位小数的数字，例如 200000.00")]
    Malformed,
    /// Does not fit the range of [`Fen`].
    #[error("金额超出可处理的范围")]
    OutOfRange,
}

impl Fen {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// Wraps a number of fen.
    pub const fn new(fen: i64) -> Self {
        Self(fen)
    }

    /// The number of fen.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Sum, or `None` on overflow.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(fen) => Some(Self(fen)),
            None => None,
        }
    }

    /// Difference, or `None` on overflow.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(fen) => Some(Self(fen)),
            None => None,
        }
    }

    /// Sum of many amounts, or `None` on overflow.
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// Yuan as people type them: thousands separators and spaces may stand anywhere.
    ///
    /// # Errors
    /// As reading the same text without them.
    pub fn typed(text: &str) -> Result<Self, AmountError> {
        let bare: String = text.trim().chars().filter(|c| !matches!(c, ',' | '，' | ' ')).collect();
        bare.parse()
    }

    /// Yuan with thousands separators for people: `1,234,567.89`. Never parse this text.
    pub fn grouped(self) -> String {
        let plain = self.to_string();
        let (sign, digits) = match plain.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", plain.as_str()),
        };
        let (yuan, fen) = digits.split_at(digits.len() - 3);
        let mut out = String::with_capacity(plain.len() + plain.len() / 3);
        out.push_str(sign);
        for (i, digit) in yuan.chars().enumerate() {
            if i > 0 && (yuan.len() - i) % 3 == 0 {
                out.push(',');
            }
            out.push(digit);
        }
        out.push_str(fen);
        out
    }
}

/// Yuan with exactly two decimals, no separators: `-0.05`, `200000.00`.
impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", fen / 100, fen % 100)
    }
}

/// Reads yuan with at most two decimals: `200000`, `200000.5`, `-3.25`.
impl FromStr for Fen {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (yuan, fraction) = digits.split_once('.').map_or((digits, None), |(y, f)| (y, Some(f)));
        let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(yuan) || fraction.is_some_and(|f| !all_digits(f) || f.len() > 2) {
            return Err(AmountError::Malformed);
        }
        let fen = match fraction {
            None => 0,
            Some(f) if f.len() == 1 => i64::from(f.as_bytes()[0] - b'0') * 10,
            Some(f) => f.parse().map_err(|_| AmountError::Malformed)?,
        };
        let sign = if negative { -1 } else { 1 };
        yuan.parse::<i64>()
            .ok()
            .and_then(|yuan| yuan.checked_mul(100)?.checked_add(fen)?.checked_mul(sign))
            .map(Self)
            .ok_or(AmountError::OutOfRange)
    }
}

impl Serialize for Fen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_text_reads_back_as_the_same_fen() {
        for (text, fen) in [("0.00", 0), ("200000.00", 20_000_000), ("-0.05", -5), ("1.50", 150)] {
            assert_eq!(text.parse::<Fen>(), Ok(Fen::new(fen)));
            assert_eq!(Fen::new(fen).to_string(), text);
        }
        assert_eq!("7".parse::<Fen>(), Ok(Fen::new(700)));
        assert_eq!("7.5".parse::<Fen>(), Ok(Fen::new(750)));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in
            ["", "-", ".5", "5.", "1.234", "1e5", "+1", "１", " 1", "1,000.00", "NaN", "--1"]
        {
            assert_eq!(text.parse::<Fen>(), Err(AmountError::Malformed), "{text:?}");
        }
        assert_eq!("99999999999999999999".parse::<Fen>(), Err(AmountError::OutOfRange));
    }

    #[test]
    fn thousands_are_grouped_for_people() {
        assert_eq!(Fen::new(20_000_000).grouped(), "200,000.00");
        assert_eq!(Fen::new(-123_456_789).grouped(), "-1,234,567.89");
        assert_eq!(Fen::new(99).grouped(), "0.99");
    }
}
