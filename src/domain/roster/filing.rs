//! When and under which conditions an entry is filed (domain.md 7.6). The numbers are default
//! assumptions, to be set by the competent department.

use chrono::{Datelike, Months, NaiveDate};

/// First day of the month on which the enterprise may hand in.
pub const FIRST_DAY: u32 = 1;
/// Last day of the month on which the enterprise may hand in, inclusive.
pub const LAST_DAY: u32 = 10;
/// Months that a contract of employment must last.
pub const CONTRACT_MONTHS: u32 = 12;
/// Most days between two key enterprises for an entry without another public notice.
pub const TRANSFER_GAP_DAYS: i64 = 60;
/// Months in a row without any evidence after which an entry does not count for the time being.
pub const UNPROVEN_MONTHS: u32 = 2;
/// Last day of a month on which evidence of the month before may still come in: until then tax of
/// that month is paid in (law on the tax on personal income, art. 14).
pub const EVIDENCE_DAY: u32 = 15;
/// The measures are in force from this day (notice, last article); no entry begins before it.
pub const POLICY_FROM: NaiveDate = NaiveDate::from_ymd_opt(2025, 11, 4).expect("a day");

/// Whether the enterprise may hand in on `day`.
pub fn is_open(day: NaiveDate) -> bool {
    (FIRST_DAY..=LAST_DAY).contains(&day.day())
}

/// The last [`UNPROVEN_MONTHS`] whole months before a day: their first day, and the first day after
/// them.
pub fn last_months(day: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let after = day.with_day(1)?;
    Some((after.checked_sub_months(Months::new(UNPROVEN_MONTHS))?, after))
}

/// The same for the months whose evidence must have come in by `today`: a month counts once
/// [`EVIDENCE_DAY`] of the next one is over.
pub fn months_to_prove(today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    if EVIDENCE_DAY < today.day() {
        return last_months(today);
    }
    last_months(today.checked_sub_months(Months::new(1))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_month_has_to_be_proved_once_its_tax_day_is_over() {
        let months = |today| months_to_prove(day(today));
        assert_eq!(months("2026-07-15"), Some((day("2026-04-01"), day("2026-06-01"))));
        assert_eq!(months("2026-07-16"), Some((day("2026-05-01"), day("2026-07-01"))));
        assert_eq!(months("2026-01-31"), Some((day("2025-11-01"), day("2026-01-01"))));
        assert_eq!(months("2026-03-31"), Some((day("2026-01-01"), day("2026-03-01"))));
    }
}
