//! From the typed cells of a workbook to [`Cell`].

use calamine::DataRef;
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::super::table::Cell;

const DAY_MILLIS: i64 = 86_400_000;

/// The cell as this project sees it; `is_1904` is the date system of the workbook.
pub(super) fn cell(value: &DataRef<'_>, is_1904: bool) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::SharedString("") => Cell::Empty,
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        DataRef::String(text) if text.is_empty() => Cell::Empty,
        DataRef::String(text) => Cell::Text(text.clone()),
        DataRef::Int(number) => Cell::Number(number.to_string()),
        DataRef::Float(number) => decimal(*number).map_or_else(invalid_number, Cell::Number),
        DataRef::Bool(true) => Cell::Text("是".to_owned()),
        DataRef::Bool(false) => Cell::Text("否".to_owned()),
        DataRef::DateTime(serial) if serial.is_duration() => decimal(serial.as_f64())
            .map_or_else(invalid_number, |days| Cell::Invalid(format!("时长 {days} 天"))),
        DataRef::DateTime(serial) => from_serial(serial.as_f64(), is_1904),
        DataRef::DateTimeIso(text) => from_iso(text),
        DataRef::DurationIso(text) => Cell::Invalid(text.clone()),
        DataRef::Error(error) => Cell::Invalid(error.to_string()),
    }
}

fn invalid_number() -> Cell {
    Cell::Invalid("数字超出范围".to_owned())
}

/// The shortest decimal text that reads back as `number`, never in scientific notation.
///
/// Fractions of more than 15 significant digits are cut to 15 first, because spreadsheet programs
/// keep and show no more: the rest is the binary noise of a computed amount (0.1 + 0.2). Whole
/// numbers stay exact, so that a damaged identifier shows what was left of it.
fn decimal(number: f64) -> Option<String> {
    if !number.is_finite() {
        return None;
    }
    if number == 0.0 {
        return Some("0".to_owned());
    }
    let shortest = number.to_string();
    let digits = shortest.trim_start_matches(['-', '0', '.']).bytes();
    let significant = digits.filter(u8::is_ascii_digit).count();
    if significant <= 15 || !shortest.contains('.') {
        return Some(shortest);
    }
    let rounded: f64 = format!("{number:.14e}").parse().ok()?;
    Some(rounded.to_string())
}

/// A day count since the epoch of the date system, with the time of day as its fraction.
fn from_serial(serial: f64, is_1904: bool) -> Cell {
    let show = || decimal(serial).map_or_else(invalid_number, Cell::Invalid);
    // 2,958,465 is 9999-12-31 in the 1900 system, the last day spreadsheet programs know.
    if !(0.0..2_958_466.0).contains(&serial) {
        return show();
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded just above")]
    let millis = (serial * 86_400_000.0).round() as i64;
    let (days, rest) = (millis / DAY_MILLIS, millis % DAY_MILLIS);
    let time = NaiveTime::MIN + TimeDelta::milliseconds(rest);
    // The 1900 system counts a 29 February 1900 (serial 60) that never was; 0 is no day either.
    let epoch = match (is_1904, days) {
        (true, _) => NaiveDate::from_ymd_opt(1904, 1, 1),
        (false, 61..) => NaiveDate::from_ymd_opt(1899, 12, 30),
        (false, 1..=59) => NaiveDate::from_ymd_opt(1899, 12, 31),
        (false, 0) if rest > 0 => return Cell::Invalid(time.format("%H:%M:%S").to_string()),
        (false, _) => return show(),
    };
    let date = epoch.and_then(|day| day.checked_add_days(Days::new(days.unsigned_abs())));
    date.map_or_else(show, |date| whole_day(date.and_time(time)))
}

/// `2026-11-23`, or the same with a time of day.
fn from_iso(text: &str) -> Cell {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Cell::Date(date);
    }
    let local = text.strip_suffix('Z').unwrap_or(text);
    local.parse::<NaiveDateTime>().map_or_else(|_| Cell::Invalid(text.to_owned()), whole_day)
}

/// A date if the time of day is zero; forms know no times, so any other is shown and refused.
fn whole_day(moment: NaiveDateTime) -> Cell {
    if moment.time() == NaiveTime::MIN {
        Cell::Date(moment.date())
    } else {
        Cell::Invalid(moment.format("%Y-%m-%d %H:%M:%S").to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: i32, month: u32, day: u32) -> Cell {
        Cell::Date(NaiveDate::from_ymd_opt(year, month, day).unwrap())
    }

    #[test]
    fn numbers_show_what_the_program_kept_and_never_an_exponent() {
        for (number, text) in [
            (200_000.0, "200000"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (1_234_567.89, "1234567.89"),
            (12_345.332, "12345.332"),
            (1.10105199003071e17, "110105199003071000"),
            (110_105_199_003_071_234.0, "110105199003071230"),
            (1e-7, "0.0000001"),
            (-33.1 * 3.0, "-99.3"),
        ] {
            assert_eq!(decimal(number).as_deref(), Some(text));
        }
        assert_eq!(decimal(f64::INFINITY), None);
    }

    #[test]
    fn serial_days_follow_both_date_systems() {
        assert_eq!(from_serial(1.0, false), date(1900, 1, 1));
        assert_eq!(from_serial(59.0, false), date(1900, 2, 28));
        assert_eq!(from_serial(60.0, false), Cell::Invalid("60".to_owned()));
        assert_eq!(from_serial(61.0, false), date(1900, 3, 1));
        assert_eq!(from_serial(46_349.0, false), date(2026, 11, 23));
        assert_eq!(from_serial(46_349.0 - 1_462.0, true), date(2026, 11, 23));
        assert_eq!(from_serial(0.0, true), date(1904, 1, 1));
        assert_eq!(from_serial(2_958_465.0, false), date(9999, 12, 31));
        assert_eq!(from_serial(2_958_466.0, false), Cell::Invalid("2958466".to_owned()));
        assert_eq!(from_serial(-1.0, false), Cell::Invalid("-1".to_owned()));
    }

    #[test]
    fn a_time_of_day_is_shown_unless_it_is_midnight() {
        assert_eq!(from_serial(46_349.5, false), Cell::Invalid("2026-11-23 12:00:00".to_owned()));
        assert_eq!(from_serial(0.25, false), Cell::Invalid("06:00:00".to_owned()));
        assert_eq!(from_iso("2026-11-23"), date(2026, 11, 23));
        assert_eq!(from_iso("2026-11-23T00:00:00Z"), date(2026, 11, 23));
        assert_eq!(from_iso("2026-11-23T08:30:00"), Cell::Invalid("2026-11-23 08:30:00".into()));
        assert_eq!(from_iso("23.11.2026"), Cell::Invalid("23.11.2026".to_owned()));
    }
}
