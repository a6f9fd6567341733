//! Bank accounts and CNAPS codes (联行号).

use std::fmt;

use super::check_digit::{luhn, mod11_10};
use super::mask::mask_account;
use super::normalise::compact_with_hyphens;
use super::{Checked, IdentityError, Warning, compact, masked_text};

masked_text! {
    /// A bank account number, of a person or of an enterprise.
    BankAccountNo, mask_account
}

impl BankAccountNo {
    /// Reads the account of a person, a card or not: 12 to 25 digits.
    ///
    /// Passbooks and settlement accounts were never given a Luhn digit, so its failure only warns.
    pub fn parse(text: &str) -> Result<Checked<Self>, IdentityError> {
        let text = digits_of(text)?;
        if !(12..=25).contains(&text.len()) {
            return Err(IdentityError::AccountLength);
        }
        let warning = (!luhn_holds(&text)).then_some(Warning::AccountCheckDigit);
        Ok(Checked { value: Self(text), warning })
    }

    /// Reads what is declared to be a bank card: 16 to 19 digits. A card of China UnionPay (62)
    /// must pass Luhn; another one that fails it only warns.
    pub fn parse_card(text: &str) -> Result<Checked<Self>, IdentityError> {
        let text = digits_of(text)?;
        if !(16..=19).contains(&text.len()) {
            return Err(IdentityError::CardLength);
        }
        let holds = luhn_holds(&text);
        if !holds && text.starts_with("62") {
            return Err(IdentityError::CheckDigit);
        }
        let warning = (!holds).then_some(Warning::AccountCheckDigit);
        Ok(Checked { value: Self(text), warning })
    }

    /// Reads the account of an enterprise: 12 to 25 digits, letters or hyphens, never Luhn.
    pub fn parse_corporate(text: &str) -> Result<Checked<Self>, IdentityError> {
        let text = compact_with_hyphens(text);
        if text.is_empty() {
            return Err(IdentityError::Missing);
        }
        let fits = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase() || b == b'-';
        if !text.bytes().all(fits) {
            return Err(IdentityError::AccountCharacters);
        }
        if !(12..=25).contains(&text.len()) {
            return Err(IdentityError::AccountLength);
        }
        Ok(Checked::clean(Self(text)))
    }
}

fn digits_of(text: &str) -> Result<String, IdentityError> {
    let text = compact(text);
    if text.is_empty() {
        return Err(IdentityError::Missing);
    }
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(IdentityError::AccountDigits);
    }
    Ok(text)
}

fn luhn_holds(text: &str) -> bool {
    text.as_bytes().split_last().is_some_and(|(last, body)| luhn(body) == Some(*last))
}

/// A CNAPS code of a bank branch. Public data: it is printed in full.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cnaps(String);

impl Cnaps {
    /// Reads 12 digits: bank 3, city 4, branch 4, check digit by ISO 7064 MOD 11,10.
    pub fn parse(text: &str) -> Result<Checked<Self>, IdentityError> {
        let text = compact(text);
        if text.is_empty() {
            return Err(IdentityError::Missing);
        }
        if text.len() != 12 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(IdentityError::CnapsLength);
        }
        let (body, last) = text.as_bytes().split_at(11);
        if mod11_10(body) != last.first().copied() {
            return Err(IdentityError::CheckDigit);
        }
        Ok(Checked::clean(Self(text)))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The three digits of the bank: 102 工商银行, 105 建设银行...
    pub fn bank(&self) -> &str {
        &self.0[..3]
    }
}

impl fmt::Display for Cnaps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARDS: [&str; 4] =
        ["6217000000000000129", "6222021402000000346", "6231660000000000568", "6214830000000785"];

    #[test]
    fn declared_cards_pass_luhn_or_are_refused() {
        for card in CARDS {
            let found = BankAccountNo::parse_card(card).expect(card);
            assert_eq!((found.value.as_str(), found.warning), (card, None));
            let (rest, last) = card.split_at(card.len() - 1);
            let next = (last.parse::<u8>().expect("a digit") + 1) % 10;
            let wrong = format!("{rest}{next}");
            assert_eq!(BankAccountNo::parse_card(&wrong), Err(IdentityError::CheckDigit));
            let undeclared = BankAccountNo::parse(&wrong).expect("accepted");
            assert_eq!(undeclared.warning, Some(Warning::AccountCheckDigit));
        }
        let foreign = BankAccountNo::parse_card("4111111111111112").expect("accepted");
        assert_eq!(foreign.warning, Some(Warning::AccountCheckDigit));
        assert_eq!(BankAccountNo::parse_card("621700000000001"), Err(IdentityError::CardLength));
    }

    #[test]
    fn letters_are_for_corporate_accounts_only() {
        let mixed = "6222021001A01234567";
        assert_eq!(BankAccountNo::parse(mixed), Err(IdentityError::AccountDigits));
        assert_eq!(IdentityError::AccountDigits.to_string(), "银行账号只能是数字");
        let corporate = BankAccountNo::parse_corporate("351-0101 0a0012345").expect("accepted");
        assert_eq!((corporate.value.as_str(), corporate.warning), ("351-01010A0012345", None));
        assert_eq!(
            BankAccountNo::parse_corporate("3501/01012345"),
            Err(IdentityError::AccountCharacters)
        );
        assert_eq!(BankAccountNo::parse("12345678901"), Err(IdentityError::AccountLength));
        assert_eq!(BankAccountNo::parse(&"1".repeat(26)), Err(IdentityError::AccountLength));
        assert_eq!(BankAccountNo::parse(" "), Err(IdentityError::Missing));
    }

    #[test]
    fn a_logged_account_is_masked() {
        let account = BankAccountNo::parse(CARDS[0]).expect("valid").value;
        assert_eq!(format!("{account:?}"), "BankAccountNo(****0129)");
    }

    #[test]
    fn cnaps_codes_carry_a_mod_11_10_digit() {
        for text in [
            "102391099995",
            "103393099983",
            "309393099978",
            "403397099964",
            "314399099953",
            "105403099941",
            "313651027012",
            "306301004179",
            "102 391 000016",
        ] {
            assert!(Cnaps::parse(text).is_ok(), "{text}");
        }
        for (text, error) in [
            ("102391099994", IdentityError::CheckDigit),
            ("10239100001", IdentityError::CnapsLength),
            ("10239109999A", IdentityError::CnapsLength),
            ("", IdentityError::Missing),
        ] {
            assert_eq!(Cnaps::parse(text), Err(error), "{text}");
        }
        assert_eq!(IdentityError::CnapsLength.to_string(), "联行号应为12位数字");
        assert_eq!(Cnaps::parse("102391099995").expect("valid").value.bank(), "102");
    }
}
