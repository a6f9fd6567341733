//! Passports. A number is unique only within its issuing country, and changes on renewal.

use super::mask::mask_number;
use super::{Checked, IdentityError, Warning, compact, masked_text};

masked_text! {
    /// A passport number.
    Passport, mask_number
}

impl Passport {
    /// Reads 5 to 20 letters and digits; more than 12 only warns.
    pub fn parse(text: &str) -> Result<Checked<Self>, IdentityError> {
        let text = compact(text);
        if text.is_empty() {
            return Err(IdentityError::Missing);
        }
        let fits = (5..=20).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        if !fits {
            return Err(IdentityError::Passport);
        }
        let warning = (text.len() > 12).then_some(Warning::LongPassport);
        Ok(Checked { value: Self(text), warning })
    }

    /// Whether the number has the form of a Chinese passport: ordinary (`E`, `E` and a letter
    /// without I and O, older `G`) or official (`D`, `S`, `P`, with an optional `E`).
    pub fn is_chinese(&self) -> bool {
        let tail = match self.0.as_bytes() {
            [b'E', b'A'..=b'H' | b'J'..=b'N' | b'P'..=b'Z', tail @ ..] => tail,
            [b'D' | b'S' | b'P', b'E', tail @ ..] => tail,
            [b'E' | b'G' | b'D' | b'S' | b'P', tail @ ..] => tail,
            _ => return false,
        };
        self.0.len() == 9 && tail.iter().all(u8::is_ascii_digit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_numbers_are_recognised_and_others_accepted() {
        for (text, chinese) in [
            ("E99999991", true),
            ("ea9999992", true),
            ("G99999993", true),
            ("DE1234567", true),
            ("P01234567", true),
            ("EI9999992", false),
            ("E9999999", false),
            ("L898902C3", false),
            ("12345", false),
        ] {
            let found = Passport::parse(text).expect(text);
            assert_eq!((found.value.is_chinese(), found.warning), (chinese, None), "{text}");
        }
        let long = Passport::parse("A123456789012").expect("accepted");
        assert_eq!(long.warning, Some(Warning::LongPassport));
        for text in ["1234", "A12345678901234567890", "护照12345", "E9999999_"] {
            assert_eq!(Passport::parse(text), Err(IdentityError::Passport), "{text}");
        }
        assert_eq!(Passport::parse(""), Err(IdentityError::Missing));
    }
}
