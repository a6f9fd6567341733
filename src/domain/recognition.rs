//! What a committee must be, and what a certificate is called (domain.md 7.3, 7.5).

use chrono::NaiveDate;

/// Fewest members of a committee.
pub const FEWEST_MEMBERS: i64 = 5;
/// Fewest working days of the notice inside the enterprise.
pub const INTERNAL_NOTICE_DAYS: u32 = 5;
/// Years that a recognition holds (default assumption, to be set by the competent department).
pub const TERM_YEARS: u32 = 5;

/// What the minutes say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitteeDecision {
    /// Members of the committee.
    pub members: i64,
    /// Present and entitled to vote, those who withdrew not counted.
    pub present: i64,
    /// In favour.
    pub in_favour: i64,
    /// Who withdrew, and why; "无" when nobody had to.
    pub recused: String,
    /// Whether the person is one of the three largest shareholders.
    pub major_shareholder: bool,
    /// First day of the notice inside the enterprise.
    pub notice_from: NaiveDate,
    /// Its last day.
    pub notice_through: NaiveDate,
}

impl CommitteeDecision {
    /// Why the quorum is not kept: at least five members, two thirds of them voting, more than
    /// half of those in favour (default assumption, to be set by the competent department).
    pub fn quorum_fault(&self) -> Option<String> {
        let Self { members, present, in_favour, .. } = *self;
        if members < FEWEST_MEMBERS {
            return Some(format!("评审会成员 {members} 人，不得少于 {FEWEST_MEMBERS} 人"));
        }
        if present > members || in_favour > present || in_favour < 0 {
            return Some("成员、到会、同意的人数前后不符，请核对纪要".to_owned());
        }
        if present.saturating_mul(3) < members.saturating_mul(2) {
            return Some(format!("到会 {present} 人，不足成员 {members} 人的三分之二"));
        }
        (in_favour.saturating_mul(2) <= present)
            .then(|| format!("同意 {in_favour} 人，未超过到会 {present} 人的半数"))
    }
}

const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Number of a certificate: FJ-AI-, the year, six digits and a check character.
pub fn certificate_no(year: i32, serial: i64) -> String {
    let body = format!("FJ-AI-{year}{serial:06}");
    let check = check_character(&body).map_or('?', char::from);
    format!("{body}-{check}")
}

/// Whether the check character of a certificate number fits.
pub fn is_certificate_no(text: &str) -> bool {
    let Some((body, check)) = text.rsplit_once('-') else { return false };
    let digits = body.strip_prefix("FJ-AI-").unwrap_or_default();
    digits.len() == 10
        && digits.bytes().all(|c| c.is_ascii_digit())
        && check_character(body).is_some_and(|right| check.as_bytes() == [right])
}

/// ISO 7064 MOD 37,36 over letters and digits; hyphens do not count.
fn check_character(body: &str) -> Option<u8> {
    let mut product = 36;
    for c in body.bytes().filter(|c| *c != b'-') {
        let place = ALPHABET.iter().position(|known| *known == c)?;
        let sum = (product + place) % 36;
        product = if sum == 0 { 36 } else { sum } * 2 % 37;
    }
    ALPHABET.get((37 - product) % 36).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(members: i64, present: i64, in_favour: i64) -> CommitteeDecision {
        CommitteeDecision {
            members,
            present,
            in_favour,
            recused: "无".to_owned(),
            major_shareholder: false,
            notice_from: NaiveDate::default(),
            notice_through: NaiveDate::default(),
        }
    }

    #[test]
    fn a_committee_of_five_with_four_present_and_three_in_favour_decides() {
        assert_eq!(decision(5, 4, 3).quorum_fault(), None);
        for wrong in [(4, 4, 4), (5, 3, 3), (5, 4, 2), (5, 6, 5), (7, 4, 4)] {
            let (members, present, in_favour) = wrong;
            assert!(decision(members, present, in_favour).quorum_fault().is_some(), "{wrong:?}");
        }
    }

    #[test]
    fn a_changed_certificate_number_does_not_pass() {
        let number = certificate_no(2026, 123);
        assert!(is_certificate_no(&number), "{number}");
        assert!(!is_certificate_no(&number.replace("000123", "000132")), "two digits swapped");
        for at in 6..16 {
            let mut changed = number.clone().into_bytes();
            changed[at] = if changed[at] == b'9' { b'0' } else { changed[at] + 1 };
            assert!(!is_certificate_no(std::str::from_utf8(&changed).unwrap()), "digit {at}");
        }
        // The example of ISO 7064 itself: A12425GABC1234002 has the check character M.
        assert_eq!(check_character("A12425GABC1234002"), Some(b'M'));
    }
}
