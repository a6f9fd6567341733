//! Valid periods: when a fact held in the world. Both ends are inclusive for people and for the
//! engine's contract; tables store the end exclusive (domain.md 7.3).

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// A run of days, both ends inclusive; `through: None` is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    /// First day.
    pub from: NaiveDate,
    /// Last day, or open.
    pub through: Option<NaiveDate>,
}

impl Period {
    /// A period, or `None` when it would end before it begins.
    pub fn new(from: NaiveDate, through: Option<NaiveDate>) -> Option<Self> {
        match through {
            Some(last) if last < from => None,
            _ => Some(Self { from, through }),
        }
    }

    /// From the stored form, whose end is exclusive.
    pub fn from_stored(from: NaiveDate, to: Option<NaiveDate>) -> Option<Self> {
        match to {
            None => Self::new(from, None),
            Some(to) => Self::new(from, Some(to.pred_opt()?)),
        }
    }

    /// The exclusive end for storage: the day after the last one.
    pub fn stored_to(&self) -> Option<NaiveDate> {
        self.through.and_then(|last| last.checked_add_days(Days::new(1)))
    }

    /// A calendar year; `None` beyond the calendar.
    pub fn year(year: i32) -> Option<Self> {
        let first = NaiveDate::from_ymd_opt(year, 1, 1)?;
        Self::new(first, Some(NaiveDate::from_ymd_opt(year, 12, 31)?))
    }

    /// A calendar month, 1 to 12; `None` for another number or beyond the calendar.
    pub fn month(year: i32, month: u32) -> Option<Self> {
        let first = NaiveDate::from_ymd_opt(year, month, 1)?;
        Self::new(first, Some(first.checked_add_months(Months::new(1))?.pred_opt()?))
    }

    /// Both days inclusive: `2026-01-01 至 2026-12-31`, `2026-01-01 至今`.
    pub fn words(&self) -> String {
        match self.through {
            Some(last) => format!("{} 至 {last}", self.from),
            None => format!("{} 至今", self.from),
        }
    }

    /// Whether `day` lies inside.
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.from <= day && self.through.is_none_or(|last| day <= last)
    }

    /// The days that lie in both; `None` when there are none.
    pub fn common(&self, other: &Self) -> Option<Self> {
        let through = match (self.through, other.through) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Self::new(self.from.max(other.from), through)
    }

    /// Whether some day lies in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.through.is_none_or(|last| other.from <= last)
            && other.through.is_none_or(|last| self.from <= last)
    }
}
