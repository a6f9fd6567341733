//! Foreign permanent residence cards: the 18-character number of 2023 and the 15-character one of
//! 2017, which stays valid until its card expires.

use chrono::NaiveDate;

use super::check_digit::icao;
use super::country::{alpha3_of, is_alpha3};
use super::mask::mask_number;
use super::resident::{birth_date, check, eighteen};
use super::{Checked, IdentityError, Warning, compact, masked_text};

/// Years up to here may be 20YY on a card of 2017; the form was issued until 2023.
const LAST_SHORT_YEAR: i32 = 23;

masked_text! {
    /// A permanent residence card number.
    PermanentResidence, mask_number
}

impl PermanentResidence {
    /// Reads a number of either form.
    pub fn parse(text: &str) -> Result<Checked<Self>, IdentityError> {
        let text = compact(text);
        match text.chars().count() {
            0 => Err(IdentityError::Missing),
            18 => Self::of_2023(text),
            15 if text.is_ascii() => Self::of_2017(text),
            _ => Err(IdentityError::PermanentResidence),
        }
    }

    /// Nationality as ISO 3166 alpha-3; `None` when the number holds an unknown code.
    pub fn nationality(&self) -> Option<&str> {
        if self.0.len() == 18 { alpha3_of(&self.0[3..6]) } else { Some(&self.0[..3]) }
    }

    /// The birth date inside the number.
    pub fn birth_date(&self) -> Option<NaiveDate> {
        if self.0.len() == 18 { birth_date(&self.0) } else { short_birth_date(&self.0) }
    }

    fn of_2023(text: String) -> Result<Checked<Self>, IdentityError> {
        let text = eighteen(text)?;
        if !text.starts_with('9') {
            return Err(IdentityError::PermanentResidence);
        }
        check(&text)?;
        let nationality = &text[3..6];
        let warning = match alpha3_of(nationality) {
            Some(_) => None,
            None => Some(Warning::UnknownNationality(nationality.to_owned())),
        };
        Ok(Checked { value: Self(text), warning })
    }

    fn of_2017(text: String) -> Result<Checked<Self>, IdentityError> {
        let (country, rest) = text.split_at(3);
        let shaped = country.bytes().all(|b| b.is_ascii_uppercase())
            && rest.bytes().all(|b| b.is_ascii_digit());
        if !shaped {
            return Err(IdentityError::PermanentResidence);
        }
        if short_birth_date(&text).is_none() {
            return Err(IdentityError::BirthDate);
        }
        let (body, last) = text.as_bytes().split_at(14);
        if icao(body) != last.first().copied() {
            return Err(IdentityError::CheckDigit);
        }
        let warning =
            (!is_alpha3(country)).then(|| Warning::UnknownNationality(country.to_owned()));
        Ok(Checked { value: Self(text), warning })
    }
}

fn short_birth_date(text: &str) -> Option<NaiveDate> {
    let digits = text.get(7..13)?;
    let short: i32 = digits[..2].parse().ok()?;
    let century = if short <= LAST_SHORT_YEAR { 2000 } else { 1900 };
    NaiveDate::from_ymd_opt(century + short, digits[2..4].parse().ok()?, digits[4..].parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_cards_are_accepted() {
        for (text, nationality, born) in [
            ("935840199007049981", "USA", "1990-07-04"),
            ("935276198503129971", "DEU", "1985-03-12"),
            ("93539219791123996x", "JPN", "1979-11-23"),
            ("911398199012310021", "KAZ", "1990-12-31"),
            ("USA350190070403", "USA", "1990-07-04"),
            ("deu 3502 850312 93", "DEU", "1985-03-12"),
            ("KAZ110090123105", "KAZ", "1990-12-31"),
        ] {
            let found = PermanentResidence::parse(text).expect(text);
            assert_eq!(found.warning, None, "{text}");
            assert_eq!(found.value.nationality(), Some(nationality));
            assert_eq!(found.value.birth_date().map(|d| d.to_string()).as_deref(), Some(born));
        }
    }

    #[test]
    fn bad_cards_are_refused_with_the_reason() {
        for (text, error) in [
            ("935840199007049980", IdentityError::CheckDigit),
            ("935840199007329981", IdentityError::BirthDate),
            ("350102199003079981", IdentityError::PermanentResidence),
            ("USA350190070404", IdentityError::CheckDigit),
            ("USA350190130403", IdentityError::BirthDate),
            ("US1350190070403", IdentityError::PermanentResidence),
            ("350203850101998", IdentityError::PermanentResidence),
            ("E99999991", IdentityError::PermanentResidence),
            ("", IdentityError::Missing),
        ] {
            assert_eq!(PermanentResidence::parse(text), Err(error), "{text}");
        }
    }
}
