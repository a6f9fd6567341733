//! How a filed value meets what the registry holds already. Pure.
//!
//! A file says what holds, not what changed. So a value that differs from the current one holds
//! from some day on, and the old one keeps the days before. A value that was replaced since it
//! was filed is old news: importing the old file again must not bring it back.

use std::collections::HashSet;

use chrono::NaiveDate;

use crate::domain::period::Period;
use crate::domain::registry::Stated;

/// What a row does to the facts of one kind about one person or enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change<T> {
    /// Live versions whose recorded time ends.
    pub(super) ends: Vec<i64>,
    /// Values of ended versions, stated again for other periods; each supersedes its old version.
    pub(super) moved: Vec<Stated<T>>,
    /// Period of the new value, and the version that it replaces.
    pub(super) new: Option<(Period, Option<i64>)>,
}

impl<T> Default for Change<T> {
    fn default() -> Self {
        Self { ends: Vec::new(), moved: Vec::new(), new: None }
    }
}

impl<T: Clone> Change<T> {
    /// States a value where nothing was.
    pub(super) fn adding(period: Period) -> Self {
        Self { new: Some((period, None)), ..Self::default() }
    }

    /// Replaces one live version as if it had never been right.
    pub(super) fn correcting(old: i64, period: Period) -> Self {
        Self { ends: vec![old], new: Some((period, Some(old))), ..Self::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty() && self.new.is_none()
    }

    /// Lets a live version hold for another period.
    pub(super) fn shift(&mut self, old: &Stated<T>, period: Period) {
        self.ends.push(old.id);
        self.moved.push(Stated { period, supersedes: Some(old.id), ..old.clone() });
    }
}

/// How a filed value meets the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step<T> {
    /// The registry holds it.
    Known,
    /// The registry held it, and something newer took its place.
    Former,
    /// Something is to be stated.
    Change(Change<T>),
}

/// The live ones, by first day.
pub(super) fn live<T>(history: &[Stated<T>]) -> Vec<&Stated<T>> {
    let mut live: Vec<_> = history.iter().filter(|stated| stated.is_live()).collect();
    live.sort_by_key(|stated| stated.period.from);
    live
}

/// The versions that some live version replaced, directly or through others.
pub(super) fn replaced<T>(history: &[Stated<T>]) -> Vec<&Stated<T>> {
    let mut ids = HashSet::new();
    for stated in history.iter().filter(|stated| stated.is_live()) {
        let mut next = stated.supersedes;
        while let Some(id) = next.filter(|id| ids.insert(*id)) {
            next = history.iter().find(|old| old.id == id).and_then(|old| old.supersedes);
        }
    }
    history.iter().filter(|stated| ids.contains(&stated.id)).collect()
}

/// A value that holds from `day` on unless it is held already; where nothing is held at all, from
/// `first` on. Only one value of this kind holds at a time.
pub(super) fn holds_from<T: Clone>(
    history: &[Stated<T>],
    first: NaiveDate,
    day: NaiveDate,
    same: impl Fn(&T) -> bool,
) -> Step<T> {
    let live = live(history);
    let Some(current) = live.iter().find(|s| s.period.covers(day)).or(live.last()) else {
        return Step::Change(Change::adding(Period { from: first, through: None }));
    };
    if same(&current.fact) {
        return Step::Known;
    }
    if live.iter().any(|s| same(&s.fact)) || replaced(history).iter().any(|s| same(&s.fact)) {
        return Step::Former;
    }
    let mut change = Change::default();
    let mut before = None;
    for old in live {
        if old.period.through.is_some_and(|last| last < day) {
            continue;
        }
        before = Some(old.id);
        match day_before(day).filter(|last| old.period.from <= *last) {
            Some(last) => change.shift(old, Period { through: Some(last), ..old.period }),
            None => change.ends.push(old.id),
        }
    }
    change.new = Some((Period { from: day, through: None }, before));
    Step::Change(change)
}

/// A value that stands alone among the facts of its kind: `same` tells which live fact is about the
/// same thing. A difference is a correction of that one; without one it is stated for `period`.
pub(super) fn stands_alone<T: Clone + PartialEq>(
    history: &[Stated<T>],
    filed: &T,
    period: Period,
    same: impl Fn(&T) -> bool,
) -> Step<T> {
    let Some(old) = live(history).into_iter().find(|old| same(&old.fact)) else {
        return Step::Change(Change::adding(period));
    };
    if old.fact == *filed {
        return Step::Known;
    }
    if replaced(history).iter().any(|earlier| earlier.fact == *filed) {
        return Step::Former;
    }
    Step::Change(Change::correcting(old.id, old.period))
}

/// The day before, `None` before the calendar.
pub(super) fn day_before(day: NaiveDate) -> Option<NaiveDate> {
    day.pred_opt()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn stated(id: i64, from: &str, through: Option<&str>, fact: char) -> Stated<char> {
        Stated {
            id,
            about: 1,
            period: Period::new(day(from), through.map(day)).expect("a period"),
            fact,
            recorded_at: DateTime::<Utc>::UNIX_EPOCH,
            recorded_by: 1,
            source_id: 1,
            reason: String::new(),
            supersedes: None,
            superseded_at: None,
        }
    }

    fn over(mut stated: Stated<char>) -> Stated<char> {
        stated.superseded_at = Some(DateTime::<Utc>::UNIX_EPOCH);
        stated
    }

    fn step(history: &[Stated<char>], value: char) -> Step<char> {
        holds_from(history, day("2026-01-01"), day("2026-06-10"), |fact| *fact == value)
    }

    #[test]
    fn a_first_value_holds_from_the_first_day_and_a_known_one_changes_nothing() {
        let first = Period { from: day("2026-01-01"), through: None };
        assert_eq!(step(&[], 'a'), Step::Change(Change::adding(first)));
        assert_eq!(step(&[stated(1, "2026-01-01", None, 'a')], 'a'), Step::Known);
        let withdrawn = over(stated(1, "2026-01-01", None, 'a'));
        assert_eq!(step(&[withdrawn], 'a'), Step::Change(Change::adding(first)));
    }

    #[test]
    fn another_value_holds_from_the_day_and_the_old_one_keeps_the_days_before() {
        let Step::Change(change) = step(&[stated(1, "2026-01-01", None, 'a')], 'b') else {
            panic!("a change");
        };
        assert_eq!(change.ends, [1]);
        assert_eq!(change.moved.len(), 1);
        assert_eq!(change.moved[0].period.through, Some(day("2026-06-09")));
        assert_eq!((change.moved[0].fact, change.moved[0].supersedes), ('a', Some(1)));
        assert_eq!(change.new, Some((Period { from: day("2026-06-10"), through: None }, Some(1))));

        let Step::Change(same_day) = step(&[stated(1, "2026-06-10", None, 'a')], 'b') else {
            panic!("a change");
        };
        assert_eq!((same_day.ends, same_day.moved), (vec![1], vec![]));
    }

    #[test]
    fn a_value_that_was_replaced_since_is_not_brought_back() {
        let dated =
            [stated(2, "2026-01-01", Some("2026-03-31"), 'a'), stated(3, "2026-04-01", None, 'b')];
        assert_eq!(step(&dated, 'a'), Step::Former);
        let corrected = [
            over(stated(1, "2026-01-01", None, 'a')),
            over(Stated { supersedes: Some(1), ..stated(2, "2026-01-01", None, 'b') }),
            Stated { supersedes: Some(2), ..stated(3, "2026-01-01", None, 'c') },
        ];
        assert_eq!(step(&corrected, 'a'), Step::Former);
        assert_eq!(step(&corrected, 'c'), Step::Known);
        let withdrawn =
            [stated(1, "2026-01-01", None, 'a'), over(stated(2, "2026-04-01", None, 'b'))];
        assert!(matches!(step(&withdrawn, 'b'), Step::Change(_)), "withdrawn, not replaced");
    }
}
