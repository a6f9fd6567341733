//! The yearly look at recognitions (domain.md 7.5): the enterprise reports by 31 March, the county
//! passes by 31 May; who did not can be suspended.

use chrono::{Datelike, NaiveDate};

use super::lifecycle::RecognitionState;
use crate::code_list;

code_list! {
    /// How a recognition stands in the check of a year.
    CheckStanding {
        /// The enterprise did not report yet.
        Missing = "missing", "未报告";
        /// Reported, the county did not pass it yet.
        Reported = "reported", "年度核查";
        /// Passed.
        Passed = "passed", "通过";
        /// Without force for the time being.
        Suspended = "suspended", "暂停";
    }
}

/// What is known of a recognition for the check of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Where its file stands.
    pub state: RecognitionState,
    /// Day on which it was recognised.
    pub recognised_on: NaiveDate,
    /// Day in the year on which the county passed it, if it did.
    pub passed_on: Option<NaiveDate>,
}

impl Known {
    /// How it stands in the check of a year; `None` when the year asks nothing of it: it was given
    /// in that year or later, or has ended.
    pub fn standing(&self, year: i32) -> Option<CheckStanding> {
        if self.recognised_on.year() >= year {
            return None;
        }
        let passed = self.passed_on.is_some_and(|on| on.year() == year);
        match self.state {
            RecognitionState::Recognised | RecognitionState::AnnualCheck if passed => {
                Some(CheckStanding::Passed)
            }
            RecognitionState::Recognised => Some(CheckStanding::Missing),
            RecognitionState::AnnualCheck => Some(CheckStanding::Reported),
            RecognitionState::Suspended => Some(CheckStanding::Suspended),
            _ => None,
        }
    }
}

/// The last day for what is still to come in a year: the report, then the county's word.
pub fn last_day(standing: CheckStanding, year: i32) -> Option<NaiveDate> {
    match standing {
        CheckStanding::Missing => NaiveDate::from_ymd_opt(year, 3, 31),
        CheckStanding::Reported => NaiveDate::from_ymd_opt(year, 5, 31),
        CheckStanding::Passed | CheckStanding::Suspended => None,
    }
}

/// Whether what is still to come is late today.
pub fn is_late(standing: CheckStanding, year: i32, today: NaiveDate) -> bool {
    last_day(standing, year).is_some_and(|last| last < today)
}

/// How many stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Not reported.
    pub missing: i64,
    /// Reported, not passed.
    pub reported: i64,
    /// Passed.
    pub passed: i64,
    /// Suspended.
    pub suspended: i64,
    /// Late ones among them.
    pub late: i64,
}

impl Tally {
    /// Counts one.
    pub const fn add(&mut self, standing: CheckStanding, late: bool) {
        match standing {
            CheckStanding::Missing => self.missing += 1,
            CheckStanding::Reported => self.reported += 1,
            CheckStanding::Passed => self.passed += 1,
            CheckStanding::Suspended => self.suspended += 1,
        }
        self.late += late as i64;
    }

    /// All that the year asks something of.
    pub const fn total(&self) -> i64 {
        self.missing + self.reported + self.passed + self.suspended
    }

    /// How many of all have passed, in tenths of a percent, rounded down: only everybody is 100 %.
    pub const fn coverage_permille(&self) -> Option<i64> {
        match self.total() {
            0 => None,
            total => Some(self.passed * 1_000 / total),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn known(state: RecognitionState, recognised: &str, passed: Option<&str>) -> Known {
        Known { state, recognised_on: day(recognised), passed_on: passed.map(day) }
    }

    #[test]
    fn a_year_asks_of_those_recognised_before_it_until_they_pass() {
        use CheckStanding as C;
        use RecognitionState as S;
        for (what, expected) in [
            (known(S::Recognised, "2026-12-31", None), Some(C::Missing)),
            (known(S::Recognised, "2027-01-01", None), None),
            (known(S::AnnualCheck, "2026-06-17", None), Some(C::Reported)),
            (known(S::Recognised, "2025-06-17", Some("2027-02-01")), Some(C::Passed)),
            (known(S::Recognised, "2025-06-17", Some("2026-05-01")), Some(C::Missing)),
            (known(S::Suspended, "2025-06-17", Some("2027-02-01")), Some(C::Suspended)),
            (known(S::Lapsed, "2022-02-01", None), None),
        ] {
            assert_eq!(what.standing(2027), expected, "{what:?}");
        }
    }

    #[test]
    fn reports_are_late_from_april_and_the_county_from_june() {
        let late = |standing, on: &str| is_late(standing, 2027, day(on));
        assert!(!late(CheckStanding::Missing, "2027-03-31"));
        assert!(late(CheckStanding::Missing, "2027-04-01"));
        assert!(!late(CheckStanding::Reported, "2027-05-31"));
        assert!(late(CheckStanding::Reported, "2027-06-01"));
        assert!(!late(CheckStanding::Passed, "2027-12-31"));
    }

    #[test]
    fn coverage_counts_the_suspended_and_is_whole_only_when_all_passed() {
        let mut tally = Tally::default();
        assert_eq!(tally.coverage_permille(), None);
        for _ in 0..2_000 {
            tally.add(CheckStanding::Passed, false);
        }
        assert_eq!(tally.coverage_permille(), Some(1_000));
        tally.add(CheckStanding::Missing, true);
        tally.add(CheckStanding::Suspended, false);
        assert_eq!((tally.coverage_permille(), tally.late, tally.total()), (Some(999), 1, 2_002));
    }
}
