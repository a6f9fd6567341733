//! A text near its end: no year after it can be computed.

use chrono::NaiveDate;

use crate::domain::period::Period;

/// Days before the last one on which people are told: time to draft and publish another text.
const NOTICE_DAYS: i64 = 183;

/// The end of a text, once it is near.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// Last day in force (inclusive).
    pub last: NaiveDate,
    /// Days after today that it is still in force; negative when it is over.
    pub days_left: i64,
}

impl Ending {
    /// The end of a text that is in force for these days, when it is near or past on `today`.
    pub fn near(valid: &Period, today: NaiveDate) -> Option<Self> {
        let last = valid.through?;
        let days_left = (last - today).num_days();
        (days_left <= NOTICE_DAYS).then_some(Self { last, days_left })
    }

    /// In a sentence.
    pub fn words(&self) -> String {
        let Self { last, days_left } = self;
        match days_left {
            0.. => format!("政策适用到 {last}，还有 {days_left} 天，之后的年度不能核定。"),
            _ => format!("政策已于 {last} 到期，之后的年度不能核定。"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_half_a_year_ahead_and_ever_after() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let valid = Period { from: day("2025-11-04"), through: Some(day("2028-12-31")) };
        let told = |on: &str| Ending::near(&valid, day(on)).map(|ending| ending.days_left);
        assert_eq!(told("2028-06-30"), None);
        assert_eq!(told("2028-07-01"), Some(183));
        assert_eq!(told("2028-12-31"), Some(0));
        assert_eq!(told("2029-01-01"), Some(-1));
        let open = Period { from: valid.from, through: None };
        assert_eq!(Ending::near(&open, day("2029-01-01")), None);
        let over = Ending::near(&valid, day("2029-01-01")).unwrap().words();
        assert!(over.contains("已于 2028-12-31 到期"), "{over}");
    }
}
