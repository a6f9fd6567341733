//! The conflict catalogue (就高不重复, A9): how other awards of a year stand to the stipend and to
//! one another. Where it says nothing of a group, the policy text decides.

use super::edition::Stacking;
use crate::code_list;

/// The stipend among the counterparts of an entry; any other counterpart is an award group.
pub const STIPEND: &str = "core-engineer";

/// The stream of travel costs that are paid back. What somebody spent and has back is no award, so no
/// entry ever sets it against the stipend (domain.md A9).
pub const PAID_BACK: &str = "overseas-visit-travel";

/// Whether what files of a stream grant is an award that the catalogue can speak of: the stream is then
/// a group of its own, under the code of the stream.
pub fn is_award(programme: &str) -> bool {
    ![STIPEND, PAID_BACK].contains(&programme)
}

code_list! {
    /// What an entry says.
    CatalogueWord {
        /// Both are had in full.
        Stack = "stack", "可叠加";
        /// The stipend is what the other leaves of it.
        TopUp = "top_up", "就高补差";
        /// The other leaves nothing of the stipend.
        Exclude = "exclude", "不重复享受";
        /// The catalogue takes its word back: the policy text decides again.
        ByPolicy = "by_policy", "目录不再规定，按政策正文";
    }
}

impl CatalogueWord {
    /// What a run makes of it; `None` leaves the group to the policy text.
    pub const fn stacking(self) -> Option<Stacking> {
        match self {
            Self::Stack => Some(Stacking::Stack),
            Self::TopUp => Some(Stacking::TopUp),
            Self::Exclude => Some(Stacking::Exclude),
            Self::ByPolicy => None,
        }
    }
}

/// Whether a text can name an award group: 2 to 40 small letters, digits and hyphens, a letter
/// first, no hyphen last; never the stipend itself.
pub fn is_group_code(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (2..=40).contains(&text.len())
        && text.chars().all(allowed)
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text != STIPEND
}

/// Counterpart and group of an entry about a group and another one, or the stipend: a pair has one
/// order, so that it has one entry in force.
pub fn ordered<'a>(one: &'a str, other: &'a str) -> (&'a str, &'a str) {
    match (one, other) {
        (STIPEND, group) | (group, STIPEND) => (STIPEND, group),
        (one, other) if one <= other => (one, other),
        (one, other) => (other, one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_has_one_order_and_the_stipend_stands_first() {
        assert_eq!(ordered("city-talent", STIPEND), (STIPEND, "city-talent"));
        assert_eq!(
            ordered("provincial-talent", "city-talent"),
            ("city-talent", "provincial-talent")
        );
    }

    #[test]
    fn every_stream_is_an_award_but_the_stipend_and_costs_that_are_paid_back() {
        for award in ["case-agreement", "expert-funding", "overseas-visit", "housing-grant"] {
            assert!(is_award(award), "{award}");
        }
        assert!(!is_award(STIPEND) && !is_award(PAID_BACK));
    }

    #[test]
    fn a_group_code_is_short_and_plain() {
        for good in ["ab", "national-talent-2", "x9"] {
            assert!(is_group_code(good), "{good}");
        }
        for bad in ["a", "9a", "National", "talent-", "人才", "a b", STIPEND] {
            assert!(!is_group_code(bad), "{bad}");
        }
    }
}
