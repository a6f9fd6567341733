//! Talent programmes that keep separate places for artificial intelligence (S1): who may be
//! nominated, what came of it, and the share that was selected.

use crate::code_list;

code_list! {
    /// Who takes a place.
    Nominee {
        /// One person.
        Person = "person", "个人";
        /// A leader with members.
        Team = "team", "团队";
    }
}

code_list! {
    /// What came of a nomination.
    Outcome {
        /// Selected.
        Selected = "selected", "入选";
        /// Not selected.
        NotSelected = "not_selected", "未入选";
    }
}

/// Separate places of a programme in a year; the fact is about the programme, its valid period the
/// year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgrammePlaces {
    /// Award year.
    pub award_year: i64,
    /// Who takes a place.
    pub nominee: Nominee,
    /// Places kept apart for artificial intelligence.
    pub places: i64,
    /// Whether its candidates are judged in a group of their own.
    pub ai_group: bool,
    /// Share of nominations to be selected, in thousandths; `None` where none was set.
    pub target_permille: Option<i64>,
}

/// What came of a nomination; the fact is about the nomination, its valid period the award year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NominationResult {
    /// Selected or not.
    pub outcome: Outcome,
    /// Number of the document that says so.
    pub document_no: String,
}

/// The share of nominations that was selected, in thousandths rounded down; `None` without any.
pub const fn selected_permille(selected: i64, nominated: i64) -> Option<i64> {
    if nominated <= 0 || selected < 0 {
        return None;
    }
    match selected.checked_mul(1_000) {
        Some(scaled) => Some(scaled / nominated),
        None => None,
    }
}

/// Thousandths as people write them: `12.5%`.
pub fn percent(permille: i64) -> String {
    match permille % 10 {
        0 => format!("{}%", permille / 10),
        tenth => format!("{}.{tenth}%", permille / 10),
    }
}

/// From a percentage with at most one decimal, above 0 and at most 100.
pub fn permille(text: &str) -> Option<i64> {
    let text = text.trim().trim_end_matches(['%', '％']).trim();
    let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(tenth) || tenth.len() != 1 || whole.len() > 3 {
        return None;
    }
    let permille = whole.parse::<i64>().ok()? * 10 + tenth.parse::<i64>().ok()?;
    (1..=1_000).contains(&permille).then_some(permille)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_written_and_read_in_tenths_of_a_percent() {
        assert_eq!(selected_permille(1, 8), Some(125));
        assert_eq!(selected_permille(2, 3), Some(666));
        assert_eq!(selected_permille(0, 0), None);
        assert_eq!((percent(125), percent(300)), ("12.5%".to_owned(), "30%".to_owned()));
        assert_eq!(
            [permille("12.5"), permille(" 30％ "), permille("100")],
            [Some(125), Some(300), Some(1_000)]
        );
        for wrong in ["", "0", "101", "1.25", "-1", "a"] {
            assert_eq!(permille(wrong), None, "{wrong}");
        }
    }
}
