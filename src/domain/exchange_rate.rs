//! Exchange rates as banks quote them: yuan for 100 units of a foreign currency, exact (domain.md 3.3).

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

use super::money::Fen;

/// The currency that needs no rate.
pub const YUAN: &str = "CNY";

/// Yuan for 100 units of a currency; always above zero, no digit is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    units: i128,
    decimals: u32,
}

/// Why a text is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// Not `digits` or `digits.digits`.
    #[error("汇率应为每 100 外币折合的人民币数，例如 710.50")]
    Malformed,
    /// Zero or below.
    #[error("汇率应大于零")]
    NotPositive,
    /// More digits than can be reckoned with.
    #[error("汇率超出可处理的范围")]
    OutOfRange,
}

impl Rate {
    /// Decimals that the register of rates keeps.
    pub const STORED_DECIMALS: u32 = 6;

    /// From the stored form; `None` unless above zero.
    pub fn from_millionths(millionths: i64) -> Option<Self> {
        (millionths > 0).then(|| Self::reduced(i128::from(millionths), Self::STORED_DECIMALS))
    }

    /// The stored form; `None` when it has more than six decimals or is too large.
    pub fn millionths(self) -> Option<i64> {
        let missing = Self::STORED_DECIMALS.checked_sub(self.decimals)?;
        i64::try_from(self.units.checked_mul(10_i128.checked_pow(missing)?)?).ok()
    }

    /// What an amount of the currency, in hundredths of its unit, is in yuan: `amount × rate ÷ 100`,
    /// rounded half up to the fen, once. `None` on overflow.
    pub fn yuan(self, amount: Fen) -> Option<Fen> {
        let twice = i128::from(amount.get()).checked_mul(self.units)?.checked_mul(2)?;
        let divisor = 10_i128.checked_pow(self.decimals)?.checked_mul(100)?;
        let rounded = twice.checked_add(divisor)?.div_euclid(divisor.checked_mul(2)?);
        i64::try_from(rounded).ok().map(Fen::new)
    }

    /// The same value without decimals that say nothing.
    fn reduced(mut units: i128, mut decimals: u32) -> Self {
        while decimals > 0 && units % 10 == 0 {
            units /= 10;
            decimals -= 1;
        }
        Self { units, decimals }
    }
}

/// Reads plain decimals: `710.50`, `4.8525`.
impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let (negative, plain) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, decimals) = plain.split_once('.').unwrap_or((plain, "0"));
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(decimals) {
            return Err(RateError::Malformed);
        }
        let decimals = decimals.trim_end_matches('0');
        if negative || (decimals.is_empty() && whole.bytes().all(|b| b == b'0')) {
            return Err(RateError::NotPositive);
        }
        let units = format!("{whole}{decimals}").parse().map_err(|_| RateError::OutOfRange)?;
        let decimals = u32::try_from(decimals.len()).map_err(|_| RateError::OutOfRange)?;
        Ok(Self::reduced(units, decimals))
    }
}

/// Plain decimals, at least two: `710.50`, `4.8525`.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = usize::try_from(self.decimals).unwrap_or(0);
        let digits = format!("{:0>width$}", self.units, width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        write!(f, "{whole}.{fraction:0<2}")
    }
}

crate::code_list! {
    /// Which of a bank's rates it is.
    Direction {
        /// At which the bank sells the currency against yuan, spot.
        SpotSell = "spot_sell", "现汇卖出价";
    }
}

/// What a bank quoted for a currency on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotation {
    /// Three capital letters, never `CNY`.
    pub currency: String,
    /// The day.
    pub quoted_on: NaiveDate,
    /// Yuan for 100 units, at most six decimals.
    pub rate: Rate,
}

/// The code of a foreign currency: three letters, in capitals; yuan needs no rate.
pub fn foreign_currency(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    let letters = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    (letters && code != YUAN).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> Rate {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn a_line_is_rounded_half_up_once_from_exact_digits() {
        let cases = [
            ("1850.00", "710.50", "13144.25"),
            ("3400.00", "825.00", "28050.00"),
            ("128000.00", "4.8525", "6211.20"),
            ("0.01", "50", "0.01"),
            ("0.01", "49.999999999999999999", "0.00"),
            ("100.00", "0.005", "0.01"),
            ("100.00", "0.0049", "0.00"),
            ("953.87", "90.915", "867.21"),
        ];
        for (amount, per_100, yuan) in cases {
            let found = rate(per_100).yuan(amount.parse().unwrap()).unwrap();
            assert_eq!(found.to_string(), yuan, "{amount} at {per_100}");
        }
        let most = Fen::new(i64::MAX);
        assert_eq!(rate("100").yuan(most), Some(most));
        assert_eq!(rate("100.01").yuan(most), None);
    }

    #[test]
    fn what_is_no_positive_number_is_no_rate() {
        for text in ["", "-", ".5", "5.", "1e2", "+7", "７", "1,000", " 7"] {
            assert_eq!(text.parse::<Rate>(), Err(RateError::Malformed), "{text:?}");
        }
        for text in ["0", "0.00", "-7", "-0.5", "000.000"] {
            assert_eq!(text.parse::<Rate>(), Err(RateError::NotPositive), "{text:?}");
        }
        assert_eq!("9".repeat(60).parse::<Rate>(), Err(RateError::OutOfRange));
    }

    #[test]
    fn stored_and_shown_rates_are_the_same_number() {
        for (text, millionths, shown) in [
            ("710.5", 710_500_000, "710.50"),
            ("4.8525", 4_852_500, "4.8525"),
            ("0.000001", 1, "0.000001"),
            ("00100.0", 100_000_000, "100.00"),
        ] {
            assert_eq!(rate(text).millionths(), Some(millionths));
            assert_eq!(rate(text).to_string(), shown);
            assert_eq!(Rate::from_millionths(millionths), Some(rate(text)));
        }
        assert_eq!(rate("0.0000001").millionths(), None);
        assert_eq!(Rate::from_millionths(0), None);
    }
}
