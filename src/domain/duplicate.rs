//! Persons who were registered twice: what speaks for it, how strongly, and what stands in the way
//! of treating them as one (domain.md 7.3, 7.12).

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use super::registry::{Code, Stated};
use crate::code_list;

code_list! {
    /// Why two persons are likely the same.
    Reason {
        /// The same name and the same birth date, as their documents tell it.
        Identity = "identity", "姓名和出生日期相同";
        /// The same mobile number.
        Mobile = "mobile", "手机号码相同";
        /// The same name and a foreign nationality, where a passport of one tells no birth date.
        Namesake = "namesake", "姓名和国籍相同，护照不含出生日期";
        /// Paid to the same bank account.
        Account = "account", "收款账号相同";
    }
}

code_list! {
    /// Where a pair stands.
    PairState {
        /// Somebody has to look at it.
        Open = "open", "待处理";
        /// A merge waits for a second person.
        Proposed = "proposed", "待确认";
        /// They are one person.
        Merged = "merged", "已合并";
        /// Somebody found that they are two persons.
        Dismissed = "dismissed", "已排除";
    }
}

/// How strongly the reasons speak for one person. Families share a telephone, so that a number
/// alone says least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Only a mobile number.
    Low,
    /// Only an account, or only name and nationality.
    Middle,
    /// Name and birth date, or two reasons.
    High,
}

impl Strength {
    /// The strength of some reasons.
    pub fn of(reasons: &BTreeSet<Reason>) -> Self {
        match reasons.len() {
            _ if reasons.contains(&Reason::Identity) => Self::High,
            0 => Self::Low,
            1 if reasons.contains(&Reason::Mobile) => Self::Low,
            1 => Self::Middle,
            _ => Self::High,
        }
    }

    /// What users read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Low => "低",
            Self::Middle => "中",
            Self::High => "高",
        }
    }
}

/// Two persons, the one registered first named first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    /// Identity of the person registered first.
    pub low: i64,
    /// Identity of the other.
    pub high: i64,
}

impl Pair {
    /// The pair of two persons in either order; `None` when they are the same.
    pub fn of(one: i64, other: i64) -> Option<Self> {
        (one != other).then(|| Self { low: one.min(other), high: one.max(other) })
    }
}

/// What is known of a pair.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// What speaks for one person now.
    pub reasons: BTreeSet<Reason>,
    /// The reasons that were known when somebody called them different; `None` if nobody did.
    pub dismissed: Option<BTreeSet<Reason>>,
    /// A merge waits for a second person.
    pub is_proposed: bool,
    /// They are one person now.
    pub is_merged: bool,
}

impl Findings {
    /// Where the pair stands. A dismissed pair comes back only for a reason that was not known when
    /// it was dismissed.
    pub fn state(&self) -> PairState {
        let is_settled = |known: &BTreeSet<Reason>| self.reasons.is_subset(known);
        match () {
            () if self.is_merged => PairState::Merged,
            () if self.is_proposed => PairState::Proposed,
            () if self.dismissed.as_ref().is_some_and(is_settled) => PairState::Dismissed,
            () => PairState::Open,
        }
    }

    /// Whether somebody has still to say whether they are one person.
    pub fn is_unsettled(&self) -> bool {
        matches!(self.state(), PairState::Open | PairState::Proposed)
    }

    /// Whether so much speaks for one person that nothing is handed in about either of them before
    /// somebody has said (domain.md 7.5, duplicate check).
    pub fn holds_up(&self) -> bool {
        self.is_unsettled() && Strength::of(&self.reasons) == Strength::High
    }
}

/// A name as it is compared: without blanks, separators and differences of width and case.
pub fn name_key(name: &str) -> String {
    let is_noise = |c: char| {
        c.is_whitespace() || matches!(c, '·' | '•' | '・' | '‧' | '.' | '-' | '\'' | '’' | '．')
    };
    name.nfkc().filter(|c| !is_noise(*c)).flat_map(char::to_lowercase).collect()
}

/// Reasons as stored text: codes with commas, in the order of the list.
pub fn reasons_text(reasons: &BTreeSet<Reason>) -> String {
    reasons.iter().map(|reason| reason.code()).collect::<Vec<_>>().join(",")
}

/// The reasons of a stored text; unknown codes are left out.
pub fn reasons_of(text: &str) -> BTreeSet<Reason> {
    text.split(',').filter_map(Reason::from_code).collect()
}

/// Live facts of one person that share a day with live facts of the other: each would be a second
/// one of the same person.
pub fn clashes<'a, T>(
    one: &'a [Stated<T>],
    other: &'a [Stated<T>],
) -> Vec<(&'a Stated<T>, &'a Stated<T>)> {
    let live = |facts: &'a [Stated<T>]| facts.iter().filter(|stated| stated.is_live());
    live(one)
        .flat_map(|a| live(other).map(move |b| (a, b)))
        .filter(|(a, b)| a.period.overlaps(&b.period))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(reasons: &[Reason]) -> BTreeSet<Reason> {
        reasons.iter().copied().collect()
    }

    #[test]
    fn names_written_differently_are_compared_as_one() {
        assert_eq!(name_key("买买提·艾力"), name_key("买买提 • 艾力"));
        assert_eq!(name_key("John  SMITH"), name_key("ｊｏｈｎ smith"));
        assert_ne!(name_key("王伟"), name_key("王玮"));
    }

    #[test]
    fn a_name_with_a_birth_date_or_two_reasons_speak_strongest() {
        use Reason::{Account, Identity, Mobile, Namesake};
        for (reasons, strength) in [
            (set(&[Namesake]), Strength::Middle),
            (set(&[Namesake, Account]), Strength::High),
            (set(&[Identity]), Strength::High),
            (set(&[Mobile, Account]), Strength::High),
            (set(&[Account]), Strength::Middle),
            (set(&[Mobile]), Strength::Low),
        ] {
            assert_eq!(Strength::of(&reasons), strength, "{reasons:?}");
        }
    }

    #[test]
    fn a_dismissed_pair_comes_back_for_a_new_reason_only() {
        use Reason::{Account, Mobile};
        let mut found = Findings { reasons: set(&[Mobile]), ..Findings::default() };
        assert_eq!(found.state(), PairState::Open);
        found.dismissed = Some(set(&[Mobile]));
        assert_eq!(found.state(), PairState::Dismissed);
        assert!(!found.holds_up());
        found.reasons = set(&[Mobile, Account]);
        assert_eq!(found.state(), PairState::Open, "the account is new");
        assert!(found.holds_up());
        found.is_proposed = true;
        assert_eq!(found.state(), PairState::Proposed);
        assert!(found.holds_up(), "a second person has not said so yet");
        found.is_merged = true;
        assert_eq!(found.state(), PairState::Merged);
        assert!(!found.holds_up());
    }

    #[test]
    fn reasons_survive_being_stored() {
        let all = set(Reason::ALL);
        assert_eq!(reasons_of(&reasons_text(&all)), all);
        assert_eq!(reasons_of(""), BTreeSet::new());
    }
}
