//! Working days, from loaded yearly arrangements only (domain.md 6).
//!
//! A year's days off and make-up days are announced the November before; until its calendar is
//! loaded no deadline in that year is known, so every question about it is refused rather than
//! answered from weekends alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Deserialize;

use super::arrangement::Arrangement;

/// The calendar of this year has not been loaded, so the answer is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("尚未载入{0}年的工作日安排，无法计算")]
pub struct YearNotLoaded(pub i32);

/// Why a calendar text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Not the TOML that is expected.
    #[error("工作日安排格式有误：{0}")]
    Malformed(String),
    /// A listed date lies outside the year that the text is for, or a range runs backwards.
    #[error("工作日安排中的日期{0}不属于{1}年或起止颠倒")]
    OutsideYear(NaiveDate, i32),
    /// A date is listed both as a day off and as a working day.
    #[error("工作日安排中的日期{0}既是假日又是上班日")]
    Contradiction(NaiveDate),
}

/// Where one year's arrangement comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarSource {
    /// Title of the announcing document.
    pub title: String,
    /// When it was announced.
    pub published: NaiveDate,
    /// When it was entered here.
    pub loaded: NaiveDate,
}

/// Working days of the loaded years.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkCalendar {
    years: BTreeMap<i32, Year>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Year {
    source: CalendarSource,
    off: BTreeSet<NaiveDate>,
    work: BTreeSet<NaiveDate>,
}

static SHIPPED: LazyLock<WorkCalendar> = LazyLock::new(|| {
    WorkCalendar::from_texts(&[
        include_str!("../../policies/calendar-2025.toml"),
        include_str!("../../policies/calendar-2026.toml"),
    ])
    .expect("the shipped calendars are read by a test")
});

impl WorkCalendar {
    /// The calendars that come with the program.
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// Reads one TOML text a year; a later text for the same year replaces the earlier one.
    pub fn from_texts(texts: &[&str]) -> Result<Self, CalendarError> {
        let mut years = BTreeMap::new();
        for text in texts {
            let (number, year) = read_year(text)?;
            years.insert(number, year);
        }
        Ok(Self { years })
    }

    /// The same with the arrangement of a year, which takes the place of an earlier one.
    #[must_use]
    pub fn with(mut self, arrangement: &Arrangement, source: CalendarSource) -> Self {
        let (off, work) = (arrangement.off.clone(), arrangement.work.clone());
        self.years.insert(arrangement.year, Year { source, off, work });
        self
    }

    /// The same without working days from `from` through `through`, both inclusive; none when
    /// reversed.
    #[must_use]
    pub fn resting(mut self, from: NaiveDate, through: NaiveDate) -> Self {
        for day in from.iter_days().take_while(|day| *day <= through) {
            if let Some(year) = self.years.get_mut(&day.year()) {
                year.work.remove(&day);
                year.off.insert(day);
            }
        }
        self
    }

    /// The arrangement of a year, when it is loaded.
    pub fn arrangement(&self, year: i32) -> Option<Arrangement> {
        let Year { off, work, .. } = self.years.get(&year)?.clone();
        Some(Arrangement { year, off, work })
    }

    /// The loaded years, ascending, with their sources.
    pub fn sources(&self) -> impl Iterator<Item = (i32, &CalendarSource)> {
        self.years.iter().map(|(number, year)| (*number, &year.source))
    }

    /// Whether offices work on `date`; a make-up Saturday or Sunday is a working day.
    pub fn is_working_day(&self, date: NaiveDate) -> Result<bool, YearNotLoaded> {
        let year = self.years.get(&date.year()).ok_or(YearNotLoaded(date.year()))?;
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        Ok(year.work.contains(&date) || (!weekend && !year.off.contains(&date)))
    }

    /// The `count`-th working day after `date`, which itself is not counted; `date` for 0.
    pub fn add_working_days(
        &self,
        date: NaiveDate,
        count: u32,
    ) -> Result<NaiveDate, YearNotLoaded> {
        let mut day = date;
        let mut left = count;
        while left > 0 {
            day = day.checked_add_days(Days::new(1)).ok_or(YearNotLoaded(day.year()))?;
            if self.is_working_day(day)? {
                left -= 1;
            }
        }
        Ok(day)
    }

    /// The last day (inclusive) of a notice of `days` working days published on `from`.
    ///
    /// By civil law the day of publication does not count; some offices count it when it is a
    /// working day (`count_first_day`).
    pub fn last_day_of_notice(
        &self,
        from: NaiveDate,
        days: u32,
        count_first_day: bool,
    ) -> Result<NaiveDate, YearNotLoaded> {
        let counted = count_first_day && days > 0 && self.is_working_day(from)?;
        self.add_working_days(from, days - u32::from(counted))
    }

    /// Number of working days from `from` through `through`, both inclusive; 0 when reversed.
    pub fn working_days_between(
        &self,
        from: NaiveDate,
        through: NaiveDate,
    ) -> Result<u32, YearNotLoaded> {
        let mut count = 0;
        for day in from.iter_days().take_while(|day| *day <= through) {
            count += u32::from(self.is_working_day(day)?);
        }
        Ok(count)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearText {
    year: i32,
    source: String,
    published: toml::value::Datetime,
    loaded: toml::value::Datetime,
    off: Vec<OffText>,
    work: Vec<toml::value::Datetime>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OffText {
    #[serde(rename = "name")]
    _name: String,
    from: toml::value::Datetime,
    through: toml::value::Datetime,
}

fn read_year(text: &str) -> Result<(i32, Year), CalendarError> {
    let raw: YearText =
        toml::from_str(text).map_err(|error| CalendarError::Malformed(error.to_string()))?;
    let in_year = |value: &toml::value::Datetime| {
        let date = read_date(value)?;
        let inside = date.year() == raw.year;
        if inside { Ok(date) } else { Err(CalendarError::OutsideYear(date, raw.year)) }
    };
    let mut off = BTreeSet::new();
    for range in &raw.off {
        let (from, through) = (in_year(&range.from)?, in_year(&range.through)?);
        if through < from {
            return Err(CalendarError::OutsideYear(through, raw.year));
        }
        off.extend(from.iter_days().take_while(|day| *day <= through));
    }
    let work = raw.work.iter().map(in_year).collect::<Result<BTreeSet<_>, _>>()?;
    if let Some(both) = off.intersection(&work).next() {
        return Err(CalendarError::Contradiction(*both));
    }
    let source = CalendarSource {
        title: raw.source,
        published: read_date(&raw.published)?,
        loaded: read_date(&raw.loaded)?,
    };
    Ok((raw.year, Year { source, off, work }))
}

fn read_date(value: &toml::value::Datetime) -> Result<NaiveDate, CalendarError> {
    let text = value.to_string();
    text.parse().map_err(|_| CalendarError::Malformed(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn working_days_a_month_agree_with_the_announcements() {
        let expected = [
            (2025, [19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23]),
            (2026, [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]),
        ];
        for (year, months) in expected {
            for (month, count) in (1..).zip(months) {
                let first = NaiveDate::from_ymd_opt(year, month, 1).expect("a month");
                let last = first + chrono::Months::new(1) - Days::new(1);
                let found = WorkCalendar::shipped().working_days_between(first, last);
                assert_eq!(found, Ok(count), "{year}-{month}");
            }
            assert_eq!(months.iter().sum::<u32>(), 248);
        }
    }

    #[test]
    fn a_notice_ends_on_its_last_working_day() {
        for (from, count, first_counts, last) in [
            ("2025-07-29", 5, true, "2025-08-04"),
            ("2025-07-29", 5, false, "2025-08-05"),
            ("2025-09-30", 5, false, "2025-10-14"),
            ("2025-11-04", 5, false, "2025-11-11"),
            ("2026-01-01", 5, false, "2026-01-08"),
            ("2026-02-12", 5, false, "2026-02-26"),
            ("2026-02-12", 5, true, "2026-02-25"),
            ("2026-04-30", 5, false, "2026-05-11"),
            ("2026-06-18", 5, false, "2026-06-26"),
            ("2026-09-18", 7, false, "2026-09-29"),
            ("2026-12-24", 5, false, "2026-12-31"),
            // Published on a day off: there is no first day to count.
            ("2026-01-01", 5, true, "2026-01-08"),
            ("2026-01-01", 0, true, "2026-01-01"),
        ] {
            let found = WorkCalendar::shipped().last_day_of_notice(day(from), count, first_counts);
            assert_eq!(found, Ok(day(last)), "{from} {count} {first_counts}");
        }
    }

    #[test]
    fn a_deadline_that_reaches_into_an_unloaded_year_is_refused() {
        let calendar = WorkCalendar::shipped();
        let refused = calendar.last_day_of_notice(day("2026-12-29"), 5, false);
        assert_eq!(refused, Err(YearNotLoaded(2027)));
        assert_eq!(calendar.is_working_day(day("2024-12-31")), Err(YearNotLoaded(2024)));
        assert_eq!(calendar.add_working_days(day("2026-12-30"), 1), Ok(day("2026-12-31")));
        assert_eq!(
            calendar.working_days_between(day("2026-12-31"), day("2027-01-01")),
            Err(YearNotLoaded(2027))
        );
    }

    #[test]
    fn make_up_days_work_and_days_off_do_not() {
        let calendar = WorkCalendar::shipped();
        assert_eq!(calendar.is_working_day(day("2026-02-14")), Ok(true), "a Saturday worked");
        assert_eq!(calendar.is_working_day(day("2026-02-16")), Ok(false), "a Monday off");
        assert_eq!(calendar.is_working_day(day("2026-11-21")), Ok(false), "a plain Saturday");
        let sources: Vec<i32> = calendar.sources().map(|(year, _)| year).collect();
        assert_eq!(sources, [2025, 2026]);
    }

    #[test]
    fn a_contradictory_or_misdated_calendar_is_refused() {
        let text = |off: &str, work: &str| {
            format!(
                "year = 2027\nsource = \"x\"\npublished = 2026-11-01\nloaded = 2026-11-02\n\
                 off = [{off}]\nwork = [{work}]"
            )
        };
        let read = |off: &str, work: &str| WorkCalendar::from_texts(&[&text(off, work)]);
        let new_year = "{ name = \"元旦\", from = 2027-01-01, through = 2027-01-03 }";
        assert!(read(new_year, "2027-01-09").is_ok());
        assert_eq!(
            read(new_year, "2027-01-02"),
            Err(CalendarError::Contradiction(day("2027-01-02")))
        );
        assert_eq!(
            read("", "2028-01-02"),
            Err(CalendarError::OutsideYear(day("2028-01-02"), 2027))
        );
        assert!(matches!(read("", "5"), Err(CalendarError::Malformed(_))));
    }
}
