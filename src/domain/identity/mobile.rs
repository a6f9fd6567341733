//! Mobile telephone numbers.

use super::mask::mask_mobile;
use super::{Checked, IdentityError, compact, masked_text};

masked_text! {
    /// A mobile number: 11 domestic digits, or `+` and 7 to 15 digits for one from abroad.
    Mobile, mask_mobile
}

impl Mobile {
    /// Reads a number; `+86`, `0086` and `86` in front of a domestic one are dropped.
    pub fn parse(text: &str) -> Result<Checked<Self>, IdentityError> {
        let text = compact(text);
        if text.is_empty() {
            return Err(IdentityError::Missing);
        }
        let abroad = text.strip_prefix('+').or_else(|| text.strip_prefix("00"));
        let digits = abroad.unwrap_or(&text);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(IdentityError::MobileDigits);
        }
        let domestic = match digits.strip_prefix("86") {
            Some(rest) if abroad.is_some() || rest.len() == 11 => rest,
            _ if abroad.is_some() => return Self::from_abroad(digits),
            _ => digits,
        };
        if domestic.len() != 11 {
            return Err(IdentityError::MobileLength);
        }
        if !matches!(domestic.as_bytes(), [b'1', b'3'..=b'9', ..]) {
            return Err(IdentityError::MobilePrefix);
        }
        Ok(Checked::clean(Self(domestic.to_owned())))
    }

    fn from_abroad(digits: &str) -> Result<Checked<Self>, IdentityError> {
        if (7..=15).contains(&digits.len()) && !digits.starts_with('0') {
            Ok(Checked::clean(Self(format!("+{digits}"))))
        } else {
            Err(IdentityError::MobileLength)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domestic_and_foreign_numbers_are_told_apart() {
        for (text, expected) in [
            ("13800000000", Ok("13800000000")),
            ("19900000001", Ok("19900000001")),
            ("15600000002", Ok("15600000002")),
            ("+86 138-0000-0000", Ok("13800000000")),
            ("8613800000000", Ok("13800000000")),
            ("+1 415 555 0100", Ok("+14155550100")),
            ("12800000000", Err(IdentityError::MobilePrefix)),
            ("1380000000", Err(IdentityError::MobileLength)),
            ("+86 1380000000", Err(IdentityError::MobileLength)),
            ("1380000000O", Err(IdentityError::MobileDigits)),
            ("+", Err(IdentityError::MobileDigits)),
            (" ", Err(IdentityError::Missing)),
        ] {
            let found = Mobile::parse(text).map(|checked| checked.value.as_str().to_owned());
            assert_eq!(found, expected.map(str::to_owned), "{text}");
        }
        assert_eq!(IdentityError::MobileLength.to_string(), "手机号码位数错误");
    }
}
