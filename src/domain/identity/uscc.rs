//! Unified social credit codes (GB 32100-2015).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::check_digit::{gb11714, mod31};
use super::{Checked, IdentityError, Warning, compact};

/// An 18-character unified social credit code. Public data: it is printed in full.
///
/// The region part is that of the first registration and must not drive funding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uscc(String);

impl Uscc {
    /// Reads a code; an inner organisation code that fails its own check only warns.
    pub fn parse(text: &str) -> Result<Checked<Self>, IdentityError> {
        let text = compact(text);
        if text.is_empty() {
            return Err(IdentityError::Missing);
        }
        if text.chars().count() != 18 {
            return Err(IdentityError::UsccLength);
        }
        let known = |b: u8| {
            b.is_ascii_digit()
                || (b.is_ascii_uppercase() && !matches!(b, b'I' | b'O' | b'Z' | b'S' | b'V'))
        };
        if !text.bytes().all(known) {
            return Err(IdentityError::UsccCharacter);
        }
        let bytes = text.as_bytes();
        if !bytes[2..8].iter().all(u8::is_ascii_digit) {
            return Err(IdentityError::UsccRegion);
        }
        if mod31(&bytes[..17]) != Some(bytes[17]) {
            return Err(IdentityError::CheckDigit);
        }
        let warning =
            (gb11714(&bytes[8..16]) != Some(bytes[16])).then_some(Warning::OrganisationCode);
        Ok(Checked { value: Self(text), warning })
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Uscc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Uscc {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map(|checked| checked.value).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_codes_are_accepted_and_normalised() {
        for text in [
            "91350100MAFAKE000K",
            "91350200MAFAKE019M",
            "91350128MADEMQ020X",
            "91350100MAFAKE051U",
            "123500004880000115",
            "1135000000360001XH",
        ] {
            let found = Uscc::parse(text).expect(text);
            assert_eq!((found.value.as_str(), found.warning), (text, None));
        }
        let lower = Uscc::parse(" 91350100mafake000k").expect("accepted");
        assert_eq!((lower.value.as_str(), lower.warning), ("91350100MAFAKE000K", None));
    }

    #[test]
    fn a_wrong_inner_organisation_code_only_warns() {
        let found = Uscc::parse("91350100MAFAKE001N").expect("accepted");
        assert_eq!(found.warning, Some(Warning::OrganisationCode));
    }

    #[test]
    fn bad_codes_are_refused_with_the_reason() {
        for (text, error) in [
            ("91350100MAFAKE0001", IdentityError::CheckDigit),
            ("91350100MAFAKE0O0K", IdentityError::UsccCharacter),
            ("91350100MAFAKE00IK", IdentityError::UsccCharacter),
            ("91350100MAFAKE00", IdentityError::UsccLength),
            ("91350A00MAFAKE000K", IdentityError::UsccRegion),
            ("９１350100MAFAKE000中", IdentityError::UsccCharacter),
            ("", IdentityError::Missing),
        ] {
            assert_eq!(Uscc::parse(text), Err(error), "{text}");
        }
    }
}
