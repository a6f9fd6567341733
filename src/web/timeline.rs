//! A person's history drawn by the server: lanes over years, with the same facts as a table.

use chrono::{Datelike, Days, NaiveDate};

/// Left edge of the years, in drawing units; lane names stand to the left of it.
const LEFT: i64 = 84;
/// Width of the years.
const WIDTH: i64 = 912;
/// Height of the line with the years.
const HEAD: i64 = 26;
/// Distance from lane to lane.
const PITCH: i64 = 34;
/// How far behind its start the name of a year would meet the name of the day.
const TODAY_COVERS: std::ops::RangeInclusive<i64> = -13..=74;
/// Room a Chinese character takes.
const GLYPH: i64 = 13;

/// What a stretch of time is, which decides how it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Employment.
    Work,
    /// On the roster, active.
    Roster,
    /// The employer is on the list.
    Listed,
    /// Recognised talent.
    Recognised,
    /// Months with social insurance or tax records.
    Evidence,
    /// Payment stopped, or excluded.
    Hold,
    /// A payment.
    Paid,
    /// Something is missing here: hatched.
    Gap,
}

impl Kind {
    /// Name of the style.
    pub const fn class(&self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::Roster => "roster",
            Self::Listed => "listed",
            Self::Recognised => "recognised",
            Self::Evidence => "evidence",
            Self::Hold => "hold",
            Self::Paid => "paid",
            Self::Gap => "gap",
        }
    }
}

/// A stretch of time in a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// First day.
    pub from: NaiveDate,
    /// First day after it; `None` while it lasts.
    pub to: Option<NaiveDate>,
    /// Short name, shown on the bar when it fits.
    pub label: String,
    /// How it is drawn.
    pub kind: Kind,
    /// Source document or remark, for the table.
    pub note: String,
}

/// A named row of stretches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Name of at most four characters.
    pub label: &'static str,
    /// Its stretches, by first day.
    pub stretches: Vec<Stretch>,
}

/// A bar ready to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Left edge.
    pub x: i64,
    /// Width of what has passed, at least 3; 0 when it has not begun.
    pub width: i64,
    /// Width of what is still to come, drawn pale.
    pub tail: i64,
    /// Text on the bar, or behind it when it is too narrow; empty when there is no room at all.
    pub text: String,
    /// Where the text starts.
    pub text_x: i64,
    /// Whether the text stands behind the bar.
    pub outside: bool,
    /// Full description for readers and pointers.
    pub title: String,
    /// Style.
    pub class: &'static str,
}

/// A lane ready to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Name.
    pub label: &'static str,
    /// Upper edge of its bars.
    pub y: i64,
    /// Bars.
    pub bars: Vec<Bar>,
}

/// A mark on the line of years.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// Position.
    pub x: i64,
    /// The year; empty for a quarter.
    pub label: String,
}

/// A line of the table beside the drawing. The last day is inclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Name of the lane.
    pub lane: &'static str,
    /// What.
    pub label: String,
    /// First day.
    pub from: String,
    /// Last day, or 至今.
    pub until: String,
    /// Source or remark.
    pub note: String,
    /// Something is missing here.
    pub is_gap: bool,
}

/// The whole drawing; `templates/timeline.html` puts it on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// Height of the drawing.
    pub height: i64,
    /// Years and quarters.
    pub ticks: Vec<Tick>,
    /// Where the day looked at is, when inside the years.
    pub today_x: Option<i64>,
    /// What that day is called.
    pub today_label: &'static str,
    /// Lanes.
    pub rows: Vec<Row>,
    /// The same as a table.
    pub lines: Vec<Line>,
    /// One sentence for those who cannot see it.
    pub summary: String,
}

/// The days covered by the drawing.
struct Scale {
    first: NaiveDate,
    days: i64,
}

impl Scale {
    fn years(first_year: i32, last_year: i32) -> Option<Self> {
        let first = NaiveDate::from_ymd_opt(first_year, 1, 1)?;
        let end = NaiveDate::from_ymd_opt(last_year.max(first_year) + 1, 1, 1)?;
        Some(Self { first, days: (end - first).num_days() })
    }

    /// Position of the start of a day, cut off at both edges.
    fn x(&self, day: NaiveDate) -> i64 {
        LEFT + (day - self.first).num_days().clamp(0, self.days) * WIDTH / self.days
    }

    fn covers(&self, day: NaiveDate) -> bool {
        (0..self.days).contains(&(day - self.first).num_days())
    }
}

impl Timeline {
    /// Draws `lanes` over whole years, both inclusive. What lies outside is cut off in the drawing
    /// and kept in the table. Years that do not exist give an empty drawing.
    pub fn draw(first_year: i32, last_year: i32, today: NaiveDate, lanes: &[Lane]) -> Self {
        let lines = lanes.iter().flat_map(lines_of).collect::<Vec<_>>();
        let gaps = lines.iter().filter(|line| line.is_gap).count();
        let summary = format!(
            "{first_year} 年至 {last_year} 年的履历时间线，共 {} 段，其中断档 {gaps} 段；详见下方数据表。",
            lines.len() - gaps
        );
        let height = HEAD + PITCH * i64::try_from(lanes.len()).unwrap_or(0) + 8;
        let today_label = "今天";
        let Some(scale) = Scale::years(first_year, last_year) else {
            return Self {
                height,
                ticks: vec![],
                today_x: None,
                today_label,
                rows: vec![],
                lines,
                summary,
            };
        };
        let mut y = HEAD + 6 - PITCH;
        let rows = lanes.iter().map(|lane| {
            y += PITCH;
            let mut bars: Vec<Bar> =
                lane.stretches.iter().filter_map(|s| bar(&scale, today, lane.label, s)).collect();
            place_texts(&mut bars);
            Row { label: lane.label, y, bars }
        });
        let rows = rows.collect();
        let today_x = scale.covers(today).then(|| scale.x(today));
        let mut ticks = ticks(&scale, first_year, last_year);
        for tick in &mut ticks {
            let from_today = today_x.map(|today| today - tick.x);
            // The name of the day stands in the line of the years.
            if from_today.is_some_and(|distance| TODAY_COVERS.contains(&distance)) {
                tick.label.clear();
            }
        }
        Self { height, ticks, today_x, today_label, rows, lines, summary }
    }
}

fn ticks(scale: &Scale, first_year: i32, last_year: i32) -> Vec<Tick> {
    let marks = (first_year..=last_year).flat_map(|year| [1, 4, 7, 10].map(|month| (year, month)));
    let mark = |(year, month)| {
        let x = scale.x(NaiveDate::from_ymd_opt(year, month, 1)?);
        let label = if month == 1 { format!("{year} 年") } else { String::new() };
        Some(Tick { x, label })
    };
    marks.filter_map(mark).collect()
}

/// A stretch as a bar: solid up to today, a pale tail for what is still to come.
fn bar(scale: &Scale, today: NaiveDate, lane: &str, stretch: &Stretch) -> Option<Bar> {
    let end = scale.first.checked_add_days(Days::new(scale.days.unsigned_abs()))?;
    let to = stretch.to.unwrap_or(end);
    if to <= scale.first || stretch.from >= end {
        return None;
    }
    let x = scale.x(stretch.from);
    let edge = scale.x(to) - 1;
    let begun = stretch.from <= today;
    let solid_to = if begun { edge.min(scale.x(today)) } else { x };
    let width = if begun { (solid_to - x).max(3) } else { 0 };
    let tail = (edge - x - width).max(0);
    let title = format!("{lane}：{}，{} 至 {}", stretch.label, stretch.from, last_day(stretch.to));
    let text = stretch.label.clone();
    let class = stretch.kind.class();
    Some(Bar { x, width, tail, text, text_x: x + 6, outside: false, title, class })
}

/// Moves a text that is wider than its bar behind it, or drops it when the next bar is too near.
fn place_texts(bars: &mut [Bar]) {
    for i in 0..bars.len() {
        let next = bars.get(i + 1).map_or(LEFT + WIDTH, |bar| bar.x);
        let bar = &mut bars[i];
        let glyphs = i64::try_from(bar.text.chars().count()).unwrap_or(i64::MAX);
        let need = glyphs.saturating_mul(GLYPH).saturating_add(10);
        if need <= bar.width {
            continue;
        }
        bar.outside = true;
        bar.text_x = bar.x + bar.width + 5;
        if bar.text_x.saturating_add(need - 10) > next {
            bar.text.clear();
        }
    }
}

/// The inclusive last day of a half-open period.
fn last_day(to: Option<NaiveDate>) -> String {
    match to.map(|day| day.pred_opt().unwrap_or(day)) {
        Some(day) => format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day()),
        None => "至今".to_owned(),
    }
}

fn lines_of(lane: &Lane) -> Vec<Line> {
    let line = |stretch: &Stretch| Line {
        lane: lane.label,
        label: stretch.label.clone(),
        from: stretch.from.to_string(),
        until: last_day(stretch.to),
        note: stretch.note.clone(),
        is_gap: stretch.kind == Kind::Gap,
    };
    lane.stretches.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a date")
    }

    fn one(from: NaiveDate, to: Option<NaiveDate>, kind: Kind) -> Timeline {
        let stretch = Stretch { from, to, label: "某某公司".into(), kind, note: String::new() };
        let lanes = [Lane { label: "任职", stretches: vec![stretch] }];
        Timeline::draw(2025, 2026, day(2026, 11, 24), &lanes)
    }

    #[test]
    fn a_period_that_lasts_is_solid_up_to_today_and_pale_to_the_edge() {
        let drawing = one(day(2020, 3, 1), None, Kind::Work);
        let (bar, today) = (&drawing.rows[0].bars[0], drawing.today_x);
        assert_eq!((bar.x, Some(bar.x + bar.width)), (LEFT, today));
        assert_eq!(bar.width + bar.tail, WIDTH - 1);
        assert_eq!(drawing.lines[0].until, "至今");
    }

    #[test]
    fn the_name_of_the_day_takes_the_place_of_a_year_too_near() {
        let drawn = |today| Timeline::draw(2025, 2026, today, &[]);
        let years = |drawing: Timeline| {
            let labels = drawing.ticks.into_iter().map(|tick| tick.label);
            labels.filter(|label| !label.is_empty()).collect::<Vec<_>>()
        };
        assert_eq!(years(drawn(day(2026, 1, 20))), ["2025 年"]);
        assert_eq!(years(drawn(day(2026, 7, 1))), ["2025 年", "2026 年"]);
    }

    #[test]
    fn the_table_shows_the_last_day_inclusive() {
        let drawing = one(day(2026, 1, 1), Some(day(2026, 7, 1)), Kind::Listed);
        assert_eq!(drawing.lines[0].until, "2026-06-30");
    }

    #[test]
    fn what_lies_outside_the_years_stays_in_the_table_only() {
        let drawing = one(day(2020, 1, 1), Some(day(2025, 1, 1)), Kind::Work);
        assert!(drawing.rows[0].bars.is_empty());
        assert_eq!(drawing.lines.len(), 1);
    }

    #[test]
    fn a_name_longer_than_its_bar_stands_behind_it() {
        let drawing = one(day(2026, 2, 1), Some(day(2026, 3, 1)), Kind::Hold);
        let bar = &drawing.rows[0].bars[0];
        assert!(bar.outside && bar.text_x > bar.x + bar.width);
    }

    #[test]
    fn a_name_without_room_is_left_to_the_title() {
        let drawing = one(day(2026, 12, 1), None, Kind::Gap);
        let bar = &drawing.rows[0].bars[0];
        assert_eq!((bar.width, bar.text.as_str()), (0, ""));
        assert!(bar.title.contains("某某公司"));
    }
}
