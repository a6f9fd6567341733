//! How long a file may stand in a state.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::domain::calendar::{WorkCalendar, YearNotLoaded};

/// The time allowed in a state, counted from the day after the file came there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// As long as it takes.
    None,
    /// Working days.
    WorkingDays(u32),
    /// Calendar days.
    Days(u64),
    /// Months.
    Months(u32),
    /// Through this day of the year, the next one that comes: month and day.
    Through(u32, u32),
    /// Through this day of the same calendar year; whoever comes later has so many days.
    ThroughElse(u32, u32, u64),
    /// Through this day of the next calendar year: month and day. What a year asks for is not asked
    /// of those who began in it, nor again of those who did it early.
    NextYear(u32, u32),
}

/// Until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// No limit.
    Never,
    /// Through this day.
    On(NaiveDate),
    /// Not known before the working days of this year are loaded.
    Unknown(i32),
}

impl Due {
    /// The last day, when it is known.
    pub const fn day(self) -> Option<NaiveDate> {
        match self {
            Self::On(day) => Some(day),
            Self::Never | Self::Unknown(_) => None,
        }
    }
}

impl Limit {
    /// The last day of a stay that began on `since`.
    pub fn due(self, since: NaiveDate, calendar: &WorkCalendar) -> Due {
        match self {
            Self::None => Due::Never,
            Self::WorkingDays(count) => match calendar.add_working_days(since, count) {
                Ok(day) => Due::On(day),
                Err(YearNotLoaded(year)) => Due::Unknown(year),
            },
            Self::Days(count) => {
                since.checked_add_days(Days::new(count)).map_or(Due::Never, Due::On)
            }
            Self::Months(count) => {
                since.checked_add_months(Months::new(count)).map_or(Due::Never, Due::On)
            }
            Self::Through(month, day) => {
                let of = |year| NaiveDate::from_ymd_opt(year, month, day);
                let next = of(since.year()).filter(|last| since <= *last);
                next.or_else(|| of(since.year() + 1)).map_or(Due::Never, Due::On)
            }
            Self::ThroughElse(month, day, days) => {
                let last = NaiveDate::from_ymd_opt(since.year(), month, day);
                let late = || since.checked_add_days(Days::new(days));
                last.filter(|last| since <= *last).or_else(late).map_or(Due::Never, Due::On)
            }
            Self::NextYear(month, day) => {
                let last = NaiveDate::from_ymd_opt(since.year() + 1, month, day);
                last.map_or(Due::Never, Due::On)
            }
        }
    }

    /// What users read.
    pub fn words(self) -> String {
        match self {
            Self::None => "不限时".to_owned(),
            Self::WorkingDays(count) => format!("{count} 个工作日"),
            Self::Days(count) => format!("{count} 日"),
            Self::Months(count) => format!("{count} 个月"),
            Self::Through(month, day) => format!("{month} 月 {day} 日前"),
            Self::ThroughElse(month, day, days) => {
                format!("{month} 月 {day} 日前，此后转入的 {days} 日内")
            }
            Self::NextYear(month, day) => format!("次年 {month} 月 {day} 日前"),
        }
    }
}
