//! Two texts of a policy beside each other: on which days what is different.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use super::{PolicyText, ShownParameter, ShownVersion};
use crate::domain::period::Period;

/// A parameter under both texts; `None` where a text has nothing in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its name in Chinese.
    pub name: &'static str,
    /// Under the text before.
    pub before: Option<ShownParameter>,
    /// Under the text after.
    pub after: Option<ShownParameter>,
}

impl Change {
    /// Whether value or basis differ.
    pub fn is_changed(&self) -> bool {
        self.before != self.after
    }
}

/// Days on which one version of each text is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The days.
    pub period: Period,
    /// All parameters but the days themselves.
    pub changes: Vec<Change>,
}

/// Both texts beside each other, by days; days on which neither is in force are left out.
pub fn compare(before: &PolicyText, after: &PolicyText) -> Vec<Stretch> {
    let (before, after) = (before.versions(), after.versions());
    let stretch = |period: Period| {
        let (old, new) = (version_on(&before, period.from), version_on(&after, period.from));
        let named = new.or(old)?;
        let change = |parameter: &ShownParameter| Change {
            name: parameter.name,
            before: old.and_then(|version| same(version, parameter)),
            after: new.and_then(|version| same(version, parameter)),
        };
        Some(Stretch { period, changes: named.parameters.iter().map(change).collect() })
    };
    pieces(&before, &after).into_iter().filter_map(stretch).collect()
}

fn version_on(versions: &[ShownVersion], day: NaiveDate) -> Option<&ShownVersion> {
    versions.iter().find(|version| version.valid.covers(day))
}

/// The parameter of another version. Texts of one kind have the same parameters.
fn same(version: &ShownVersion, of: &ShownParameter) -> Option<ShownParameter> {
    version.parameters.iter().find(|parameter| parameter.key == of.key).cloned()
}

/// The days between all beginnings and ends of both.
fn pieces(before: &[ShownVersion], after: &[ShownVersion]) -> Vec<Period> {
    let mut starts: BTreeSet<NaiveDate> = BTreeSet::new();
    for version in before.iter().chain(after) {
        starts.insert(version.valid.from);
        starts.extend(version.valid.through.and_then(|last| last.checked_add_days(Days::new(1))));
    }
    let starts: Vec<NaiveDate> = starts.into_iter().collect();
    let piece = |pair: &[NaiveDate]| Period::new(pair[0], pair[1].pred_opt());
    starts.windows(2).filter_map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../../policies/core-engineer.toml");

    fn policy(changes: &[(&str, &str)]) -> PolicyText {
        let text = changes.iter().fold(SHIPPED.to_owned(), |text, (old, new)| {
            assert!(text.contains(old), "{old}");
            text.replacen(old, new, 1)
        });
        PolicyText::parse(&text, "p.toml").unwrap()
    }

    #[test]
    fn what_changed_is_named_by_days_with_old_and_new_value() {
        let old = policy(&[]);
        assert!(compare(&old, &old)[0].changes.iter().all(|change| !change.is_changed()));
        let new = policy(&[("min_months = 6", "min_months = 3"), ("2028-12-31", "2030-12-31")]);
        let found = compare(&old, &new);
        let days: Vec<String> = found
            .iter()
            .map(|s| format!("{} {}", s.period.from, s.period.through.unwrap()))
            .collect();
        assert_eq!(days, ["2025-11-04 2028-12-31", "2029-01-01 2030-12-31"]);
        let changed: Vec<_> = found[0].changes.iter().filter(|c| c.is_changed()).collect();
        assert_eq!(changed.len(), 1);
        assert_eq!(changed[0].name, "最低计入月数");
        let value = |view: &Option<ShownParameter>| view.as_ref().unwrap().value.clone();
        assert_eq!(value(&changed[0].before), "6 个月");
        assert_eq!(value(&changed[0].after), "3 个月");
        assert!(found[1].changes.iter().all(|change| change.before.is_none()));
    }
}
