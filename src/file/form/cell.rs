//! One cell, read as what its column holds.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};

use crate::domain::identity::{IdentityError, half_width};
use crate::domain::money::Fen;
use crate::file::table::Cell;

/// Longest text of a cell, in characters.
const MAX_CHARS: usize = 200;
/// Offset of Asia/Shanghai, in seconds; bank files mean local time.
const SHANGHAI: i32 = 8 * 3600;
/// Serial day numbers that are taken for dates: 1954 to 2119.
const SERIALS: std::ops::RangeInclusive<u64> = 20_000..=80_000;

/// Why a cell is not what its column holds, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub reason: String,
    pub fix: String,
}

impl Problem {
    pub fn new(reason: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { reason: reason.into(), fix: fix.into() }
    }
}

impl From<IdentityError> for Problem {
    fn from(error: IdentityError) -> Self {
        let reason = match &error {
            // Issues are stored: the full number that the error can tell stays out of them.
            IdentityError::RetiredForm(_) => "15位身份证号码已停用".to_owned(),
            other => other.to_string(),
        };
        Self::new(reason, error.advice())
    }
}

/// Whether there is nothing in it.
pub fn is_blank(cell: &Cell) -> bool {
    match cell {
        Cell::Empty => true,
        Cell::Text(text) => trimmed(text).is_empty(),
        _ => false,
    }
}

/// What a cell shows, for headers and messages.
pub fn words(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => trimmed(text).to_owned(),
        Cell::Number(text) | Cell::Invalid(text) => text.clone(),
        Cell::Date(date) => date.to_string(),
    }
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'))
}

/// Words: any characters but controls, at most [`MAX_CHARS`]. A leading `=` is just a character.
pub fn text(cell: &Cell) -> Result<String, Problem> {
    let text = match cell {
        Cell::Text(_) | Cell::Number(_) | Cell::Empty => words(cell),
        Cell::Date(_) => return Err(Problem::new("应为文字", "请将单元格设为文本格式后填写")),
        Cell::Invalid(_) => return Err(unreadable()),
    };
    if text.chars().any(char::is_control) {
        return Err(Problem::new("含有不可见的控制字符", "请删除换行等控制字符后重新填写"));
    }
    if text.chars().count() > MAX_CHARS {
        return Err(Problem::new("超过200个字", "请缩短到200个字以内"));
    }
    Ok(text)
}

/// A long number that is a name. A number cell has kept 15 digits at most, so it is refused
/// whatever it shows, as is scientific notation in a text cell.
pub fn identifier(cell: &Cell) -> Result<String, Problem> {
    const AS_TEXT: &str = "请将该列设为文本格式，再对照原件重新填写完整号码";
    match cell {
        Cell::Number(_) => Err(Problem::new("号码不能是数字格式，Excel会丢失末尾数字", AS_TEXT)),
        Cell::Date(_) => Err(Problem::new("号码不能是日期格式", AS_TEXT)),
        _ => {
            let text = text(cell)?;
            if is_scientific(&text) {
                return Err(Problem::new("号码是科学计数法，末尾数字已丢失", AS_TEXT));
            }
            Ok(text)
        }
    }
}

/// A code short enough that a whole number cell still holds all of it.
pub fn short_code(cell: &Cell) -> Result<String, Problem> {
    match cell {
        Cell::Number(text) if text.len() <= 15 && text.bytes().all(|b| b.is_ascii_digit()) => {
            Ok(text.clone())
        }
        _ => identifier(cell),
    }
}

fn is_scientific(text: &str) -> bool {
    let plain: String = text.chars().map(half_width).collect();
    plain.split_once(['E', 'e']).is_some_and(|(mantissa, exponent)| {
        (mantissa.contains('.') || exponent.starts_with('+'))
            && !mantissa.is_empty()
            && mantissa.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && exponent.trim_start_matches('+').bytes().all(|b| b.is_ascii_digit())
            && exponent.len() > usize::from(exponent.starts_with('+'))
    })
}

/// One of a closed list.
pub fn choice(cell: &Cell, values: &'static [&'static str]) -> Result<&'static str, Problem> {
    let text: String = text(cell)?.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
    values.iter().find(|value| value.eq_ignore_ascii_case(&text)).copied().ok_or_else(|| {
        let (last, others) = values.split_last().unwrap_or((&"", &[]));
        Problem::new(format!("只能填 {} 或 {last}", others.join("、")), "请从下拉列表选择")
    })
}

/// A day: a date cell, a serial number, or one of the usual spellings.
pub fn date(cell: &Cell) -> Result<NaiveDate, Problem> {
    let text = match cell {
        Cell::Date(date) => return sensible(*date),
        Cell::Number(text) => match text.parse::<u64>() {
            Ok(serial) if SERIALS.contains(&serial) => return sensible(of_serial(serial)?),
            _ if text.len() == 8 => text.clone(),
            _ => return Err(no_date()),
        },
        _ => text(cell)?,
    };
    let plain: String = text.chars().map(half_width).collect();
    let day = ["T00:00:00", " 00:00:00", " 0:00:00", " 00:00", " 0:00"]
        .iter()
        .find_map(|midnight| plain.strip_suffix(midnight))
        .unwrap_or(&plain);
    spelled(day)
}

/// A day with or without a time, in Asia/Shanghai; midnight when only the day is known.
pub fn moment(cell: &Cell) -> Result<NaiveDateTime, Problem> {
    let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN);
    let Cell::Text(text) = cell else {
        return date(cell).map(midnight);
    };
    let text: String = trimmed(text).chars().map(half_width).collect();
    let east = FixedOffset::east_opt(SHANGHAI).ok_or_else(no_date)?;
    if let Ok(stamped) = DateTime::parse_from_rfc3339(&text) {
        sensible(stamped.with_timezone(&east).date_naive())?;
        return Ok(stamped.with_timezone(&east).naive_local());
    }
    let (day, time) = match text.split_once([' ', 'T']) {
        Some((day, time)) => (day, time.trim()),
        None => return spelled(&text).map(midnight),
    };
    let time = ["%H:%M:%S%.f", "%H:%M"]
        .iter()
        .find_map(|format| NaiveTime::parse_from_str(time, format).ok())
        .ok_or_else(no_date)?;
    Ok(spelled(day)?.and_time(time))
}

/// A calendar month, as its first day: `2026-01`, `2026/1`, `202601`, `2026年1月`. Spreadsheets
/// turn a typed month into the date of its first day.
pub fn month(cell: &Cell) -> Result<NaiveDate, Problem> {
    let no_month = || Problem::new("月份格式错误", "请按2026-01的格式填写");
    let text = match cell {
        Cell::Date(_) | Cell::Number(_) if date(cell).is_ok_and(is_first) => return date(cell),
        Cell::Number(text) if text.len() == 6 => text.clone(),
        Cell::Text(_) => text(cell)?,
        _ => return Err(no_month()),
    };
    let plain: String = text.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
    let (year, month) =
        match plain.strip_suffix('月').unwrap_or(&plain).split_once(['-', '/', '.', '年']) {
            Some(parts) => parts,
            None if plain.len() == 6 && plain.is_ascii() => plain.split_at(4),
            None => return Err(no_month()),
        };
    if year.len() != 4 || !(1..=2).contains(&month.len()) {
        return Err(no_month());
    }
    let number = |digits: &str| digits.parse::<u32>().ok().filter(|_| all_digits(digits));
    let (year, month) = number(year).zip(number(month)).ok_or_else(no_month)?;
    let year = i32::try_from(year).map_err(|_| no_month())?;
    let first = NaiveDate::from_ymd_opt(year, month, 1)
        .ok_or_else(|| Problem::new("月份不存在", "月份应为1至12"))?;
    sensible(first)
}

/// Yuan with at most two decimals, not negative; full width, `¥`, `元` and thousands separators
/// are tolerated.
pub fn amount(cell: &Cell) -> Result<Fen, Problem> {
    const PLAIN: &str = "请填写数字，最多两位小数，例如 200000.00";
    let text = match cell {
        Cell::Number(_) | Cell::Text(_) => words(cell),
        Cell::Invalid(_) => return Err(unreadable()),
        _ => return Err(Problem::new("金额格式错误", PLAIN)),
    };
    let plain: String = text.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
    let plain = plain.trim_start_matches(['¥', '￥']).trim_end_matches('元');
    if plain.starts_with('-') {
        return Err(Problem::new("金额不能为负数", PLAIN));
    }
    let ungrouped = ungroup(plain).ok_or_else(|| Problem::new("金额格式错误", PLAIN))?;
    if ungrouped.split_once('.').is_some_and(|(_, cents)| cents.len() > 2 && all_digits(cents)) {
        return Err(Problem::new("金额最多两位小数", PLAIN));
    }
    ungrouped.parse().map_err(|_| Problem::new("金额格式错误", PLAIN))
}

/// The number without thousands separators, `None` when they do not part groups of three.
fn ungroup(text: &str) -> Option<String> {
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let fits = !whole.contains(',')
        || ((1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3));
    (fits && !rest.contains(',')).then(|| format!("{}{rest}", whole.replace(',', "")))
}

/// A whole number that is not negative, at most 100 000.
pub fn integer(cell: &Cell) -> Result<u32, Problem> {
    let plain: String =
        text(cell)?.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
    plain
        .parse::<u32>()
        .ok()
        .filter(|number| all_digits(&plain) && *number <= 100_000)
        .ok_or_else(|| Problem::new("应为不小于0的整数", "请填写整数，例如 20"))
}

fn unreadable() -> Problem {
    Problem::new("单元格内容有误", "请改为直接填写的值，不要使用公式")
}

fn no_date() -> Problem {
    Problem::new("日期格式错误", "请按2026-11-23的格式填写")
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_first(date: NaiveDate) -> bool {
    chrono::Datelike::day(&date) == 1
}

fn of_serial(serial: u64) -> Result<NaiveDate, Problem> {
    NaiveDate::from_ymd_opt(1899, 12, 30)
        .and_then(|zero| zero.checked_add_days(Days::new(serial)))
        .ok_or_else(no_date)
}

/// `2026-11-23`, `2026/1/3`, `2026.1.3`, `20260123`, `2026年2月3日`.
fn spelled(text: &str) -> Result<NaiveDate, Problem> {
    let text = text.trim();
    let parts: Vec<&str> = if let Some(chinese) = text.strip_suffix(['日', '号']) {
        let (year, rest) = chinese.split_once('年').ok_or_else(no_date)?;
        let (month, day) = rest.split_once('月').ok_or_else(no_date)?;
        vec![year.trim(), month.trim(), day.trim()]
    } else if text.len() == 8 && all_digits(text) {
        vec![&text[..4], &text[4..6], &text[6..]]
    } else {
        let mark = ['-', '/', '.'].into_iter().find(|mark| text.contains(*mark));
        text.split(mark.ok_or_else(no_date)?).collect()
    };
    let [year, month, day] = parts[..] else {
        return Err(no_date());
    };
    let shaped = all_digits(year)
        && year.len() == 4
        && [month, day].iter().all(|part| all_digits(part) && part.len() <= 2);
    if !shaped {
        return Err(no_date());
    }
    let number = |digits: &str| digits.parse::<u32>().map_err(|_| no_date());
    let year = i32::try_from(number(year)?).map_err(|_| no_date())?;
    let date = NaiveDate::from_ymd_opt(year, number(month)?, number(day)?)
        .ok_or_else(|| Problem::new("日期不存在", "请核对年月日"))?;
    sensible(date)
}

fn sensible(date: NaiveDate) -> Result<NaiveDate, Problem> {
    let year = chrono::Datelike::year(&date);
    if (1950..2100).contains(&year) {
        Ok(date)
    } else {
        Err(Problem::new("日期超出合理范围", "年份应在1950至2099之间"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    fn number(text: &str) -> Cell {
        Cell::Number(text.to_owned())
    }

    fn reason<T: std::fmt::Debug>(result: Result<T, Problem>) -> String {
        result.expect_err("refused").reason
    }

    #[test]
    fn a_day_is_read_in_every_usual_spelling() {
        for (cell, expected) in [
            (of("2026-11-23"), "2026-11-23"),
            (of("2026/11/23"), "2026-11-23"),
            (of("20260123"), "2026-01-23"),
            (of("2024/3/1"), "2024-03-01"),
            (of("2024.3.1"), "2024-03-01"),
            (of("2026年2月3日"), "2026-02-03"),
            (of(" ２０２６－０２－０３ "), "2026-02-03"),
            (of("2026-02-03 00:00:00"), "2026-02-03"),
            (number("46023"), "2026-01-01"),
            (number("20260123"), "2026-01-23"),
            (Cell::Date(NaiveDate::from_ymd_opt(2026, 1, 5).expect("a day")), "2026-01-05"),
        ] {
            assert_eq!(date(&cell).map(|day| day.to_string()), Ok(expected.to_owned()), "{cell:?}");
        }
    }

    #[test]
    fn a_day_that_is_none_is_told_from_a_strange_spelling() {
        for text in ["2026年2月30日", "2026-13-01", "20260230", "2025/2/29", "2026-00-10"] {
            assert_eq!(reason(date(&of(text))), "日期不存在", "{text}");
        }
        for cell in [
            of("26-1-1"),
            of("2026"),
            of("2026-1"),
            of("2026-1-1-1"),
            of("46023"),
            of("明天"),
            of("2026-01-01 08:00"),
            of("2026年1月1"),
            number("19999"),
            number("80001"),
            number("46023.5"),
        ] {
            assert_eq!(reason(date(&cell)), "日期格式错误", "{cell:?}");
        }
        assert_eq!(reason(date(&of("1226-01-01"))), "日期超出合理范围");
        assert_eq!(reason(date(&Cell::Invalid("#N/A".to_owned()))), "单元格内容有误");
    }

    #[test]
    fn a_moment_is_local_time_whatever_its_spelling() {
        for (text, expected) in [
            ("2027-03-15 10:20:30", "2027-03-15 10:20:30"),
            ("2027/3/15 10:20", "2027-03-15 10:20:00"),
            ("20270315", "2027-03-15 00:00:00"),
            ("2027-03-15T10:20:30+08:00", "2027-03-15 10:20:30"),
            ("2027-03-15T20:00:00Z", "2027-03-16 04:00:00"),
        ] {
            assert_eq!(moment(&of(text)).map(|at| at.to_string()), Ok(expected.to_owned()));
        }
        assert_eq!(reason(moment(&of("2027-03-15 25:00"))), "日期格式错误");
        assert_eq!(reason(moment(&of("2027-02-30 10:00"))), "日期不存在");
    }

    #[test]
    fn a_month_may_have_become_a_date() {
        let first = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day");
        for cell in [
            of("2026-01"),
            of("2026/1"),
            of("202601"),
            of("2026年1月"),
            number("202601"),
            number("46023"),
            Cell::Date(first),
        ] {
            assert_eq!(month(&cell), Ok(first), "{cell:?}");
        }
        assert_eq!(reason(month(&of("2026-13"))), "月份不存在");
        for cell in [of("1月"), of("26-01"), of("2026-01-01"), Cell::Date(first + Days::new(4))] {
            assert_eq!(reason(month(&cell)), "月份格式错误", "{cell:?}");
        }
    }

    #[test]
    fn an_amount_is_exact_or_refused() {
        for (cell, fen) in [
            (of("200,000.00"), 20_000_000),
            (of("￥１，２３４．５元"), 123_450),
            (of("0"), 0),
            (number("116666.67"), 11_666_667),
        ] {
            assert_eq!(amount(&cell), Ok(Fen::new(fen)), "{cell:?}");
        }
        assert_eq!(reason(amount(&number("12345.332"))), "金额最多两位小数");
        assert_eq!(reason(amount(&of("-1"))), "金额不能为负数");
        for text in ["1,00.00", "1,2345", "1.2,3", "11.67万元", "1e5", ".5", "元", "1..2"] {
            assert_eq!(reason(amount(&of(text))), "金额格式错误", "{text}");
        }
    }

    #[test]
    fn identifiers_that_a_spreadsheet_has_damaged_are_refused() {
        assert_eq!(
            reason(identifier(&number("350102199003079000"))),
            "号码不能是数字格式，Excel会丢失末尾数字"
        );
        for text in ["3.50102E+17", "6.217E18", "1E+18"] {
            assert_eq!(reason(identifier(&of(text))), "号码是科学计数法，末尾数字已丢失", "{text}");
        }
        for text in ["E95492602", "1E5678", "350102199003079981"] {
            assert_eq!(identifier(&of(text)), Ok(text.to_owned()));
        }
        assert_eq!(short_code(&number("13800000000")), Ok("13800000000".to_owned()));
        assert!(short_code(&number("1.5")).is_err());
    }

    #[test]
    fn words_are_any_characters_but_controls() {
        assert_eq!(text(&of(" =HYPERLINK(1) ")), Ok("=HYPERLINK(1)".to_owned()));
        assert_eq!(reason(text(&of("a\u{7}b"))), "含有不可见的控制字符");
        assert_eq!(reason(text(&of(&"字".repeat(201)))), "超过200个字");
        assert!(text(&of(&"字".repeat(200))).is_ok());
        assert_eq!(reason(choice(&of("兼职"), &["是", "否"])), "只能填 是 或 否");
        assert_eq!(reason(choice(&of("x"), &["甲", "乙", "丙"])), "只能填 甲、乙 或 丙");
        assert_eq!(choice(&of(" ｓ "), &["S", "F"]), Ok("S"));
        assert_eq!(integer(&number("21")), Ok(21));
        for cell in [of("-1"), of("1.5"), of("100001"), of("+5")] {
            assert_eq!(reason(integer(&cell)), "应为不小于0的整数", "{cell:?}");
        }
    }
}
