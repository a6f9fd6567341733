//! Travel permits: 回乡证 of Hong Kong and Macao residents, 台胞证 of Taiwan residents.

use super::mask::mask_number;
use super::{Checked, IdentityError, compact, masked_text};

masked_text! {
    /// A travel permit number. It has no check digit.
    TravelPermit, mask_number
}

impl TravelPermit {
    /// Reads the number of either permit; the first letter tells which.
    pub fn parse(text: &str) -> Result<Checked<Self>, IdentityError> {
        if compact(text).starts_with(|c: char| c.is_ascii_digit()) {
            Self::parse_tw(text)
        } else {
            Self::parse_hk_mo(text)
        }
    }

    /// Reads `H` or `M`, 8 digits, and optionally the 2 digits that count the issues.
    pub fn parse_hk_mo(text: &str) -> Result<Checked<Self>, IdentityError> {
        let text = present(text)?;
        match text.strip_prefix(['H', 'M']) {
            Some(rest) if matches!(rest.len(), 8 | 10) && digits(rest) => {
                Ok(Checked::clean(Self(text)))
            }
            _ => Err(IdentityError::TravelPermitHkMo),
        }
    }

    /// Reads 8 digits, or the older 10 digits with an optional letter (which may be in brackets).
    pub fn parse_tw(text: &str) -> Result<Checked<Self>, IdentityError> {
        let text: String = present(text)?.chars().filter(|c| !matches!(c, '(' | ')')).collect();
        let older = text.strip_suffix(|c: char| c.is_ascii_uppercase()).unwrap_or(&text);
        if digits(&text) && text.len() == 8 || digits(older) && older.len() == 10 {
            Ok(Checked::clean(Self(text)))
        } else {
            Err(IdentityError::TravelPermitTw)
        }
    }

    /// What stays the same when the permit is issued again: without the issue counter.
    pub(super) fn holder(&self) -> &str {
        if self.0.starts_with(['H', 'M']) { &self.0[..9] } else { &self.0 }
    }
}

fn present(text: &str) -> Result<String, IdentityError> {
    let text = compact(text);
    if text.is_empty() { Err(IdentityError::Missing) } else { Ok(text) }
}

fn digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permits_are_told_by_their_shape() {
        for text in
            ["H12345678", "M98765432", "h1234567801", "12345678", "1234567801", "1234567801(a)"]
        {
            assert!(TravelPermit::parse(text).is_ok(), "{text}");
        }
        for (text, error) in [
            ("X12345678", IdentityError::TravelPermitHkMo),
            ("H1234567", IdentityError::TravelPermitHkMo),
            ("H123456789", IdentityError::TravelPermitHkMo),
            ("H1234567A", IdentityError::TravelPermitHkMo),
            ("123456789", IdentityError::TravelPermitTw),
            ("12345678A", IdentityError::TravelPermitTw),
            ("12345678901AA", IdentityError::TravelPermitTw),
            ("", IdentityError::Missing),
        ] {
            assert_eq!(TravelPermit::parse(text), Err(error), "{text}");
        }
    }
}
