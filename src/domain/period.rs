//! Valid periods: when a fact held in the world. Both ends are inclusive for people and for the
//! engine's contract; tables store the end exclusive (domain.md 7.3).

use chrono::{Days, NaiveDate};
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

    /// Whether `day` lies inside.
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.from <= day && self.through.is_none_or(|last| day <= last)
    }

    /// Whether some day lies in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.through.is_none_or(|last| other.from <= last)
            && other.through.is_none_or(|last| self.from <= last)
    }
}
