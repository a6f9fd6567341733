//! Two versions of a list and what lies between them: who came, who went, what changed.

use std::collections::BTreeMap;

use crate::code_list;

code_list! {
    /// How a key enterprise differs between two versions of the list (domain.md 7.12).
    EnterpriseChange {
        /// Only on the later one.
        Added = "added", "新增";
        /// Only on the earlier one.
        Removed = "removed", "移出";
        /// On both, under another name.
        Renamed = "renamed", "更名";
    }
}

code_list! {
    /// How a person differs between two versions of the roster.
    RosterChange {
        /// Only on the later one.
        Joined = "joined", "新增";
        /// Only on the earlier one.
        Left = "left", "离开";
        /// On both, with another enterprise.
        Moved = "moved", "变更单位";
    }
}

/// An entry that differs: what it says in either version, `None` where it is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference<T> {
    /// Person or enterprise.
    pub about: i64,
    /// In the first version.
    pub before: Option<T>,
    /// In the second version.
    pub after: Option<T>,
}

impl<T> Difference<T> {
    /// Which of the three kinds it is: only after, only before, or in both.
    pub fn kind<K>(&self, added: K, removed: K, changed: K) -> K {
        match (&self.before, &self.after) {
            (None, _) => added,
            (Some(_), None) => removed,
            (Some(_), Some(_)) => changed,
        }
    }
}

/// What differs between two versions, in order of identity. Entries that say the same are left
/// out.
pub fn compare<T: PartialEq>(
    mut before: BTreeMap<i64, T>,
    after: BTreeMap<i64, T>,
) -> Vec<Difference<T>> {
    let mut differences = Vec::new();
    for (about, now) in after {
        let then = before.remove(&about);
        if then.as_ref() != Some(&now) {
            differences.push(Difference { about, before: then, after: Some(now) });
        }
    }
    let gone = before.into_iter();
    differences.extend(gone.map(|(about, then)| Difference {
        about,
        before: Some(then),
        after: None,
    }));
    differences.sort_by_key(|difference| difference.about);
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_versions_differ_by_who_came_who_went_and_what_changed() {
        let before = BTreeMap::from([(1, "甲"), (2, "乙"), (3, "丙")]);
        let after = BTreeMap::from([(2, "乙"), (3, "丙丙"), (4, "丁")]);
        let found = compare(before, after);
        let kinds: Vec<_> = found
            .iter()
            .map(|d| {
                use EnterpriseChange::{Added, Removed, Renamed};
                (d.about, d.kind(Added, Removed, Renamed))
            })
            .collect();
        let expected = [
            (1, EnterpriseChange::Removed),
            (3, EnterpriseChange::Renamed),
            (4, EnterpriseChange::Added),
        ];
        assert_eq!(kinds, expected);
        assert_eq!((found[1].before, found[1].after), (Some("丙"), Some("丙丙")));
    }

    #[test]
    fn a_version_does_not_differ_from_itself_and_backwards_is_the_other_way_round() {
        let (one, two) = (BTreeMap::from([(1, 1), (2, 1)]), BTreeMap::from([(2, 2), (3, 3)]));
        assert!(compare(one.clone(), one.clone()).is_empty());
        let there = compare(one.clone(), two.clone());
        let back: Vec<_> = compare(two, one)
            .into_iter()
            .map(|d| Difference { about: d.about, before: d.after, after: d.before })
            .collect();
        assert_eq!(there, back);
    }
}
