//! When and under which conditions an entry is filed (domain.md 7.6). The numbers are default
//! assumptions, to be set by the competent department.

use chrono::{Datelike, NaiveDate};

/// First day of the month on which the enterprise may hand in.
pub const FIRST_DAY: u32 = 1;
/// Last day of the month on which the enterprise may hand in, inclusive.
pub const LAST_DAY: u32 = 10;
/// Months that a contract of employment must last.
pub const CONTRACT_MONTHS: u32 = 12;
/// Most days between two key enterprises for an entry without another public notice.
pub const TRANSFER_GAP_DAYS: i64 = 60;
/// The measures are in force from this day (notice, last article); no entry begins before it.
pub const POLICY_FROM: NaiveDate = NaiveDate::from_ymd_opt(2025, 11, 4).expect("a day");

/// Whether the enterprise may hand in on `day`.
pub fn is_open(day: NaiveDate) -> bool {
    (FIRST_DAY..=LAST_DAY).contains(&day.day())
}
