//! Figures for looking at: medians, lengths of bars, where open files stand, late reports.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::calendar::WorkCalendar;
use super::lifecycle::{
    AutonomousRecognition, CaseKind, CoreEngineerEntry, KeyEnterprise, Lifecycle, Objection,
    Recovery, YearlyEntitlement,
};
use super::registry::Code;

/// Working days within which an enterprise reports a departure (domain.md 7.6).
pub const REPORT_DEPARTURE_WITHIN: u32 = 10;

/// The lower median of values that occur so many times each; `None` without any.
pub fn median(values: &BTreeMap<i64, i64>) -> Option<i64> {
    let total: i64 = values.values().sum();
    let mut left = total.checked_add(1)? / 2;
    values.iter().find_map(|(value, times)| {
        left -= times;
        (left <= 0 && *times > 0).then_some(*value)
    })
}

/// How long a bar of `part` is when `whole` is as long as can be: thousandths, 0 to 1000. What is
/// there at all is seen.
pub fn length(part: i64, whole: i64) -> u32 {
    if part <= 0 || whole <= 0 {
        return 0;
    }
    let thousandths = i128::from(part) * 1000 / i128::from(whole);
    u32::try_from(thousandths.clamp(4, 1000)).unwrap_or(1000)
}

/// A state in which a file waits for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenState {
    /// Kind of file.
    pub kind: CaseKind,
    /// Code of the state.
    pub state: &'static str,
    /// What users read.
    pub label: &'static str,
    /// The hands that it waits for.
    pub waits_for: Vec<&'static str>,
}

/// The states of all kinds in which a file waits for somebody, in the order of the lifecycles.
pub fn open_states() -> Vec<OpenState> {
    let mut all = states_of::<AutonomousRecognition>();
    all.extend(states_of::<CoreEngineerEntry>());
    all.extend(states_of::<YearlyEntitlement>());
    all.extend(states_of::<KeyEnterprise>());
    all.extend(states_of::<Objection>());
    all.extend(states_of::<Recovery>());
    all
}

fn states_of<L: Lifecycle>() -> Vec<OpenState> {
    let open = |state: &L::State| {
        let hands = L::hands_of(*state);
        (!hands.is_empty()).then(|| OpenState {
            kind: L::KIND,
            state: state.code(),
            label: state.label(),
            waits_for: hands.into_iter().map(super::lifecycle::Hand::label).collect(),
        })
    };
    L::State::ALL.iter().filter_map(open).collect()
}

/// Whether a departure was reported after its time; `None` while the working days of the year are
/// not loaded.
pub fn reported_late(
    last_day: NaiveDate,
    reported_on: NaiveDate,
    calendar: &WorkCalendar,
) -> Option<bool> {
    if reported_on <= last_day {
        return Some(false);
    }
    let until = calendar.add_working_days(last_day, REPORT_DEPARTURE_WITHIN).ok()?;
    Some(reported_on > until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_counts_how_often_a_value_occurs() {
        assert_eq!(median(&BTreeMap::new()), None);
        assert_eq!(median(&BTreeMap::from([(3, 1)])), Some(3));
        assert_eq!(median(&BTreeMap::from([(1, 2), (9, 3)])), Some(9));
        assert_eq!(median(&BTreeMap::from([(1, 2), (9, 2)])), Some(1));
    }

    #[test]
    fn a_bar_is_never_too_long_and_the_least_is_seen() {
        assert_eq!(length(0, 10), 0);
        assert_eq!(length(5, 10), 500);
        assert_eq!(length(1, 1_000_000), 4);
        assert_eq!(length(i64::MAX, i64::MAX), 1000);
        assert_eq!(length(3, 0), 0);
    }

    #[test]
    fn a_departure_is_late_from_the_eleventh_working_day() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let late = |reported: &str| {
            reported_late(day("2026-03-02"), day(reported), WorkCalendar::shipped())
        };
        assert_eq!(late("2026-03-02"), Some(false));
        assert_eq!(late("2026-03-16"), Some(false), "ten working days later");
        assert_eq!(late("2026-03-17"), Some(true));
        let unknown = reported_late(day("2031-03-02"), day("2031-05-02"), WorkCalendar::shipped());
        assert_eq!(unknown, None, "that year is not loaded");
    }

    #[test]
    fn ended_files_wait_for_nobody() {
        let states = open_states();
        let has = |state: &str| states.iter().any(|s| s.state == state);
        assert!(has("county_check") && !has("rejected") && !has("withdrawn"));
    }
}
