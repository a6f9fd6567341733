//! Resident identity numbers (GB 11643-1999) and residence permits of the same layout.

use chrono::{Datelike, NaiveDate};

use super::check_digit::mod11_2;
use super::mask::mask_number;
use super::{Checked, DocumentType, IdentityError, Warning, compact, masked_text};
use crate::domain::region;

/// No living person was born before; a smaller year is a typing error.
const FIRST_BIRTH_YEAR: i32 = 1850;
/// Province-level codes of GB/T 2260 that appear on resident identity numbers.
const PROVINCES: [&str; 32] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
];

masked_text! {
    /// An 18-character resident identity number, `X` in upper case.
    ResidentId, mask_number
}

masked_text! {
    /// An 18-character residence permit number of a Hong Kong (81), Macao (82) or Taiwan (83)
    /// resident.
    ResidencePermit, mask_number
}

impl ResidentId {
    /// Reads a number.
    ///
    /// Numbers outlive the address codes they were issued under and are issued long after birth,
    /// so an abolished or unknown address code only warns. Nothing may be inferred from the
    /// address part.
    pub fn parse(text: &str) -> Result<Checked<Self>, IdentityError> {
        let text = compact(text);
        if text.len() == 15 && text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(retired(&text));
        }
        let text = eighteen(text)?;
        match text.as_bytes()[0] {
            b'1'..=b'7' => {}
            b'8' if PERMIT_PREFIXES.iter().any(|prefix| text.starts_with(prefix)) => {
                return Err(IdentityError::OtherDocument(DocumentType::ResidencePermit));
            }
            b'9' => return Err(IdentityError::OtherDocument(DocumentType::PermanentResidence)),
            _ => return Err(IdentityError::ResidentIdPrefix),
        }
        check(&text)?;
        let warning = address_warning(&text[..6]);
        Ok(Checked { value: Self(text), warning })
    }

    /// The birth date inside the number.
    pub fn birth_date(&self) -> Option<NaiveDate> {
        birth_date(&self.0)
    }
}

const PERMIT_PREFIXES: [&str; 3] = ["810000", "820000", "830000"];

impl ResidencePermit {
    /// Reads a number; the prefix decides, never the length.
    pub fn parse(text: &str) -> Result<Checked<Self>, IdentityError> {
        let text = eighteen(compact(text))?;
        if !PERMIT_PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
            return Err(IdentityError::ResidencePermitPrefix);
        }
        check(&text)?;
        Ok(Checked::clean(Self(text)))
    }

    /// The birth date inside the number.
    pub fn birth_date(&self) -> Option<NaiveDate> {
        birth_date(&self.0)
    }
}

/// 17 digits and a digit or `X`.
pub(super) fn eighteen(text: String) -> Result<String, IdentityError> {
    if text.is_empty() {
        return Err(IdentityError::Missing);
    }
    if text.chars().count() != 18 {
        return Err(IdentityError::ResidentIdLength);
    }
    let (last, body) = text.as_bytes().split_last().ok_or(IdentityError::Missing)?;
    let digits = body.iter().all(u8::is_ascii_digit);
    if digits && (last.is_ascii_digit() || *last == b'X') {
        Ok(text)
    } else {
        Err(IdentityError::NotDigits)
    }
}

/// Birth date first, then check character: a wrong date explains more.
pub(super) fn check(text: &str) -> Result<(), IdentityError> {
    if birth_date(text).is_none() {
        return Err(IdentityError::BirthDate);
    }
    let (body, last) = text.as_bytes().split_at(17);
    if mod11_2(body) == last.first().copied() { Ok(()) } else { Err(IdentityError::CheckDigit) }
}

/// The date at positions 7 to 14 of an 18-character number.
pub(super) fn birth_date(text: &str) -> Option<NaiveDate> {
    let digits = text.get(6..14)?;
    let date = NaiveDate::from_ymd_opt(
        digits[..4].parse().ok()?,
        digits[4..6].parse().ok()?,
        digits[6..].parse().ok()?,
    )?;
    (date.year() >= FIRST_BIRTH_YEAR).then_some(date)
}

fn retired(fifteen: &str) -> IdentityError {
    let body = format!("{}19{}", &fifteen[..6], &fifteen[6..]);
    match (birth_date(&body), mod11_2(body.as_bytes())) {
        (Some(_), Some(last)) => {
            IdentityError::RetiredForm(ResidentId(format!("{body}{}", char::from(last))))
        }
        _ => IdentityError::BirthDate,
    }
}

fn address_warning(code: &str) -> Option<Warning> {
    let unknown = || Some(Warning::UnknownAddress(code.to_owned()));
    if !PROVINCES.contains(&&code[..2]) {
        return unknown();
    }
    if !code.starts_with("35") {
        return None; // Only Fujian's codes are held here.
    }
    match region::division(code) {
        None => unknown(),
        Some(division) if division.until.is_none() => None,
        Some(division) => Some(Warning::AbolishedAddress {
            code: code.to_owned(),
            name: division.full_name.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_numbers_are_accepted_and_normalised() {
        for (text, number, born) in [
            ("350102199003079981", "350102199003079981", "1990-03-07"),
            ("350203198512319979", "350203198512319979", "1985-12-31"),
            ("350128200002299930", "350128200002299930", "2000-02-29"),
            ("350582199311079821", "350582199311079821", "1993-11-07"),
            ("35090219880808981X", "35090219880808981X", "1988-08-08"),
            (" 350902-19880808-981ｘ ", "35090219880808981X", "1988-08-08"),
        ] {
            let found = ResidentId::parse(text).expect(text);
            assert_eq!(found.value.as_str(), number);
            assert_eq!(found.warning, None, "{text}");
            assert_eq!(found.value.birth_date().map(|d| d.to_string()).as_deref(), Some(born));
        }
    }

    #[test]
    fn an_abolished_or_unknown_address_code_only_warns() {
        let abolished = ResidentId::parse("350402197806159958").expect("accepted").warning;
        assert_eq!(
            abolished.map(|warning| warning.to_string()).as_deref(),
            Some("地址码350402（三明市梅列区）已撤销")
        );
        let prefecture = ResidentId::parse(&with_check("35210119780615995")).expect("accepted");
        assert_eq!(prefecture.warning, Some(Warning::UnknownAddress("352101".to_owned())));
        let nowhere = ResidentId::parse(&with_check("19010219900307998")).expect("accepted");
        assert_eq!(nowhere.warning, Some(Warning::UnknownAddress("190102".to_owned())));
        let elsewhere = ResidentId::parse(&with_check("11010519491231002")).expect("accepted");
        assert_eq!((elsewhere.value.as_str(), elsewhere.warning), ("11010519491231002X", None));
    }

    #[test]
    fn bad_numbers_are_refused_with_the_reason() {
        for (text, error) in [
            ("350102199003079980", IdentityError::CheckDigit),
            ("35010219000229999X", IdentityError::BirthDate),
            ("350102199013079985", IdentityError::BirthDate),
            ("350502199913325190", IdentityError::BirthDate),
            ("35010219900307998", IdentityError::ResidentIdLength),
            ("3501021990030799811", IdentityError::ResidentIdLength),
            ("35010219900307998A", IdentityError::NotDigits),
            ("3501021990030X9981", IdentityError::NotDigits),
            ("三五010219900307998", IdentityError::ResidentIdLength),
            ("三50102199003079981", IdentityError::NotDigits),
            ("050102199003079981", IdentityError::ResidentIdPrefix),
            ("840000199001019983", IdentityError::ResidentIdPrefix),
            ("", IdentityError::Missing),
        ] {
            assert_eq!(ResidentId::parse(text), Err(error), "{text}");
        }
        for (text, kind) in [
            ("810000199001019988", DocumentType::ResidencePermit),
            ("935840199007049981", DocumentType::PermanentResidence),
        ] {
            assert_eq!(ResidentId::parse(text), Err(IdentityError::OtherDocument(kind)));
        }
        assert_eq!(IdentityError::CheckDigit.to_string(), "校验码错误");
        assert_eq!(IdentityError::BirthDate.to_string(), "出生日期不存在");
    }

    #[test]
    fn the_retired_form_is_answered_with_the_18_digit_number() {
        let error = ResidentId::parse("350203850101998").expect_err("retired");
        let shown = error.to_string();
        assert!(shown.contains("已停用") && shown.contains("350203198501019989"), "{shown}");
        assert!(!format!("{error:?}").contains("350203198501019989"), "Debug is masked");
        assert_eq!(ResidentId::parse("350203851301998"), Err(IdentityError::BirthDate));
    }

    #[test]
    fn residence_permits_are_told_by_their_prefix() {
        for text in ["810000199001019988", "820000198510159978", "830000198802299966"] {
            assert_eq!(ResidencePermit::parse(text).expect(text).value.as_str(), text);
        }
        for (text, error) in [
            ("810000199001019989", IdentityError::CheckDigit),
            ("840000199001019983", IdentityError::ResidencePermitPrefix),
            ("350102199003079981", IdentityError::ResidencePermitPrefix),
            ("810000198902299960", IdentityError::BirthDate),
        ] {
            assert_eq!(ResidencePermit::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_logged_number_is_masked() {
        let number = ResidentId::parse("350102199003079981").expect("valid").value;
        assert_eq!(format!("{number:?}"), "ResidentId(35*************981)");
    }

    #[test]
    fn every_single_wrong_digit_is_noticed() {
        let good = "350102199003079981";
        for position in 0..18 {
            for wrong in b'0'..=b'9' {
                let mut text = good.as_bytes().to_vec();
                if text[position] == wrong {
                    continue;
                }
                text[position] = wrong;
                let text = String::from_utf8(text).expect("digits");
                assert!(ResidentId::parse(&text).is_err(), "{text}");
            }
        }
    }

    fn with_check(body: &str) -> String {
        let last = mod11_2(body.as_bytes()).expect("17 digits");
        format!("{body}{}", char::from(last))
    }
}
