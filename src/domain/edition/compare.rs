//! Two texts of a policy beside each other: on which days what is different.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use super::{Parameter, ParameterView, Policy, Version};
use crate::domain::period::Period;

/// A parameter under both texts; `None` where a text has nothing in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which one.
    pub parameter: Parameter,
    /// Under the text before.
    pub before: Option<ParameterView>,
    /// Under the text after.
    pub after: Option<ParameterView>,
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
pub fn compare(before: &Policy, after: &Policy) -> Vec<Stretch> {
    let mut found: Vec<(Period, Option<&Version>, Option<&Version>)> = Vec::new();
    for period in pieces(before, after) {
        let (old, new) = (before.version_on(period.from), after.version_on(period.from));
        if old.is_some() || new.is_some() {
            found.push((period, old, new));
        }
    }
    let stretch = |(period, old, new): (Period, Option<&Version>, Option<&Version>)| {
        let shown =
            Parameter::ALL.iter().filter(|p| !matches!(p, Parameter::From | Parameter::Through));
        let change = |parameter: &Parameter| Change {
            parameter: *parameter,
            before: old.and_then(|version| view(version, *parameter)),
            after: new.and_then(|version| view(version, *parameter)),
        };
        Stretch { period, changes: shown.map(change).collect() }
    };
    found.into_iter().map(stretch).collect()
}

fn view(version: &Version, parameter: Parameter) -> Option<ParameterView> {
    version.parameters().into_iter().find(|view| view.parameter == parameter)
}

/// The days between all beginnings and ends of both.
fn pieces(before: &Policy, after: &Policy) -> Vec<Period> {
    let mut starts: BTreeSet<NaiveDate> = BTreeSet::new();
    for version in before.versions().iter().chain(after.versions()) {
        starts.insert(version.from());
        starts.extend(version.through().checked_add_days(Days::new(1)));
    }
    let starts: Vec<NaiveDate> = starts.into_iter().collect();
    let piece = |pair: &[NaiveDate]| Period::new(pair[0], pair[1].pred_opt());
    starts.windows(2).filter_map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../../policies/core-engineer.toml");

    fn policy(changes: &[(&str, &str)]) -> Policy {
        let text = changes.iter().fold(SHIPPED.to_owned(), |text, (old, new)| {
            assert!(text.contains(old), "{old}");
            text.replacen(old, new, 1)
        });
        Policy::parse(&text, "p.toml").unwrap()
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
        assert_eq!(changed[0].parameter, Parameter::MinMonths);
        let value = |view: &Option<ParameterView>| view.as_ref().unwrap().value.clone();
        assert_eq!(value(&changed[0].before), "6 个月");
        assert_eq!(value(&changed[0].after), "3 个月");
        assert!(found[1].changes.iter().all(|change| change.before.is_none()));
    }
}
