//! The arrangement of a year's days off and make-up days, as it is read in (domain.md 6).

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, Weekday};

/// Days off by law in a year, each given on another day when it falls on a weekend
/// (全国年节及纪念日放假办法, 2024 text).
const DAYS_BY_LAW: u32 = 13;
/// Days that are off by law whatever the moon says: month and day.
const FIXED: [(u32, u32); 6] = [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)];
/// Most faults told at once.
const MOST_FAULTS: usize = 20;
/// Longest stretch of one line, in days.
const LONGEST_STRETCH: i64 = 20;

/// Days off and make-up days of one year; every other day follows the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrangement {
    /// The year.
    pub year: i32,
    /// Days on which offices are closed, weekends among them or not.
    pub off: BTreeSet<NaiveDate>,
    /// Saturdays and Sundays on which they work.
    pub work: BTreeSet<NaiveDate>,
}

impl Arrangement {
    /// Reads lines of a day or two with 至 between them, and 休 or 班: `2027-02-05至2027-02-13，休`.
    /// A heading, blank lines and lines after `#` are passed over.
    ///
    /// # Errors
    /// What is wrong with every line, at most twenty.
    pub fn read(year: i32, text: &str) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let mut out = Self { year, off: BTreeSet::new(), work: BTreeSet::new() };
        for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
            let line = line.trim();
            let heading = number == 1 && !line.starts_with(|c: char| c.is_ascii_digit());
            if line.is_empty() || line.starts_with('#') || heading {
                continue;
            }
            if let Err(fault) = out.take(line) {
                faults.push(format!("第 {number} 行：{fault}"));
            }
        }
        if out.off.is_empty() && faults.is_empty() {
            faults.push("没有读到任何放假日，请按“日期，休”或“日期，班”每行一条填写".to_owned());
        }
        faults.truncate(MOST_FAULTS);
        if faults.is_empty() { Ok(out) } else { Err(faults) }
    }

    /// The days of a stored list, one after another; `None` when one is none.
    pub fn stored(year: i32, off: &str, work: &str) -> Option<Self> {
        let days = |text: &str| -> Option<BTreeSet<NaiveDate>> {
            text.split(',').filter(|day| !day.is_empty()).map(|day| day.parse().ok()).collect()
        };
        Some(Self { year, off: days(off)?, work: days(work)? })
    }

    /// The lists as they are stored: days off, working days.
    pub fn to_stored(&self) -> (String, String) {
        let list = |days: &BTreeSet<NaiveDate>| {
            days.iter().map(NaiveDate::to_string).collect::<Vec<_>>().join(",")
        };
        (list(&self.off), list(&self.work))
    }

    fn take(&mut self, line: &str) -> Result<(), String> {
        let (days, kind) = parts(line).ok_or("请写成“日期，休”或“日期，班”")?;
        let (from, through) = stretch(days).ok_or_else(|| format!("“{days}”不是存在的日期"))?;
        if through < from || (through - from).num_days() >= LONGEST_STRETCH {
            return Err(format!("“{days}”起止颠倒或超过 {LONGEST_STRETCH} 日"));
        }
        for day in from.iter_days().take_while(|day| *day <= through) {
            if day.year() != self.year {
                return Err(format!("{day} 不属于 {} 年", self.year));
            }
            let (own, other) = match kind {
                Kind::Off => (&mut self.off, &self.work),
                Kind::Work => (&mut self.work, &self.off),
            };
            if other.contains(&day) {
                return Err(format!("{day} 既是休又是班"));
            }
            if kind == Kind::Work && !is_weekend(day) {
                return Err(format!("{day} 不是周六或周日，本来就上班，不用写"));
            }
            if !own.insert(day) {
                return Err(format!("{day} 重复"));
            }
        }
        Ok(())
    }

    /// Whether offices work on a day of the year.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        self.work.contains(&day) || (!is_weekend(day) && !self.off.contains(&day))
    }

    fn days(&self) -> impl Iterator<Item = NaiveDate> {
        let first = NaiveDate::from_ymd_opt(self.year, 1, 1);
        let year = self.year;
        first
            .into_iter()
            .flat_map(|first| first.iter_days())
            .take_while(move |day| day.year() == year)
    }

    /// Working days of the year.
    pub fn working_days(&self) -> usize {
        self.days().filter(|day| self.is_working_day(*day)).count()
    }

    /// What is unlike every arrangement so far, for the second person to look at twice. It forbids
    /// nothing: the law can change.
    pub fn concerns(&self) -> Vec<String> {
        let mut concerns = Vec::new();
        for (month, day) in FIXED {
            let fixed = NaiveDate::from_ymd_opt(self.year, month, day);
            if fixed.is_some_and(|day| self.is_working_day(day)) {
                concerns.push(format!("{month} 月 {day} 日是法定节日，却没有列为休"));
            }
        }
        let of_week = self.days().filter(|day| !is_weekend(*day)).count();
        let expected = of_week.saturating_sub(usize::try_from(DAYS_BY_LAW).unwrap_or(0));
        let found = self.working_days();
        if found != expected {
            concerns.push(format!(
                "全年工作日 {found} 天；按法定节日 {DAYS_BY_LAW} 天推算应为 {expected} 天"
            ));
        }
        concerns
    }

    /// Days off as stretches: first and last day, both inclusive.
    pub fn stretches(&self) -> Vec<(NaiveDate, NaiveDate)> {
        let mut out: Vec<(NaiveDate, NaiveDate)> = Vec::new();
        for day in &self.off {
            match out.last_mut() {
                Some((_, last)) if last.succ_opt() == Some(*day) => *last = *day,
                _ => out.push((*day, *day)),
            }
        }
        out
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Off,
    Work,
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The days and the kind of a line.
fn parts(line: &str) -> Option<(&str, Kind)> {
    let separator = |c: char| matches!(c, ',' | '，' | '\t' | ';' | '；' | ' ' | '\u{3000}');
    let (days, rest) = line.split_once(separator)?;
    let word = rest.trim_start_matches(separator).split(separator).next()?;
    match word.trim_matches('"') {
        "休" | "放假" | "休息" | "假" => Some((days.trim_matches('"'), Kind::Off)),
        "班" | "上班" | "调休上班" | "补班" => Some((days.trim_matches('"'), Kind::Work)),
        _ => None,
    }
}

fn stretch(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    match text.split_once(['至', '~', '～']) {
        Some((from, through)) => Some((date(from)?, date(through)?)),
        None => date(text).map(|day| (day, day)),
    }
}

/// A day as offices write it: 2027-2-5, 2027/2/5, 2027年2月5日.
fn date(text: &str) -> Option<NaiveDate> {
    let plain = text.trim().trim_end_matches('日').replace(['/', '年', '月', '.'], "-");
    NaiveDate::parse_from_str(&plain, "%Y-%m-%d").ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::WorkCalendar;

    const YEAR: &str = "日期,类别\n2026-01-01至2026-01-03,休\n2026/2/15～2026/2/23，放假\n\
        2026年4月4日至2026年4月6日 休\n2026-05-01至2026-05-05,休,劳动节\n# 端午\n\
        2026-06-19至2026-06-21\t休\n\n2026-09-25至2026-09-27,休\n2026-10-01至2026-10-07,休\n\
        2026-01-04,班\n2026-02-14,班\n2026-02-28,上班\n2026-05-09,班\n2026-09-20,班\n2026-10-10,班";

    #[test]
    fn a_pasted_year_is_the_shipped_one_and_raises_no_concern() {
        let read = Arrangement::read(2026, YEAR).unwrap();
        assert_eq!(Some(&read), WorkCalendar::shipped().arrangement(2026).as_ref());
        assert_eq!((read.working_days(), read.concerns()), (248, Vec::new()));
        let (off, work) = read.to_stored();
        assert_eq!(Arrangement::stored(2026, &off, &work), Some(read.clone()));
        assert_eq!(read.stretches().len(), 7);
    }

    #[test]
    fn every_line_that_is_wrong_is_told() {
        let text = "2027-01-01,休\n2027-02-30,休\n2028-01-01,休\n2027-01-01,班\n2027-01-04,班\n\
                    2027-05-05至2027-05-01,休\n2027-01-01,休\n乱写";
        let faults = Arrangement::read(2027, text).unwrap_err();
        let lines: Vec<&str> = faults.iter().filter_map(|f| f.split('：').next()).collect();
        let expected =
            ["第 2 行", "第 3 行", "第 4 行", "第 5 行", "第 6 行", "第 7 行", "第 8 行"];
        assert_eq!(lines, expected, "{faults:?}");
        assert!(Arrangement::read(2027, "").is_err());
    }

    #[test]
    fn a_forgotten_holiday_or_make_up_day_raises_a_concern() {
        let text = YEAR.replace("2026-10-10,班", "").replace("2026-01-01至2026-01-03,休\n", "");
        let concerns = Arrangement::read(2026, &text).unwrap().concerns();
        assert!(concerns[0].contains("1 月 1 日"), "{concerns:?}");
        let one_less = Arrangement::read(2026, &YEAR.replace("2026-10-10,班", "")).unwrap();
        assert_eq!(one_less.concerns(), ["全年工作日 247 天；按法定节日 13 天推算应为 248 天"]);
    }
}
