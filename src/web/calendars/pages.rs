//! Working days of years.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::FormState;
use crate::web::frame::Frame;

/// A year that is known.
#[derive(Debug, Clone, Default)]
pub struct YearRow {
    pub year: i32,
    pub title: String,
    pub announced_on: String,
    pub loaded_on: String,
    pub working_days: usize,
}

/// A stretch of days off, or a make-up day.
#[derive(Debug, Clone, Default)]
pub struct DayRow {
    pub days: String,
    /// 休 or 班.
    pub kind: String,
    pub count: i64,
}

/// A version that somebody read in.
#[derive(Debug, Clone, Default)]
pub struct VersionRow {
    pub year: i32,
    pub version: i64,
    pub document: String,
    pub announced_on: String,
    pub working_days: usize,
    pub proposed: String,
    pub state: String,
    /// When and by whom; empty while it waits.
    pub decided: String,
    pub note: String,
    pub is_own: bool,
    pub days: Vec<DayRow>,
    pub concerns: Vec<String>,
}

/// `/calendars`.
#[derive(Debug, Clone, Template)]
#[template(path = "calendars/list.html")]
pub struct CalendarList {
    pub frame: Frame,
    pub waiting: Vec<VersionRow>,
    pub years: Vec<YearRow>,
    /// Fields: year, title, document_no, announced_on, days, file. `None` when not allowed.
    pub form: Option<FormState>,
}

/// `/calendars/{year}`.
#[derive(Debug, Clone, Template)]
#[template(path = "calendars/year.html")]
pub struct CalendarYear {
    pub frame: Frame,
    pub year: i32,
    /// What holds; `None` before the first confirmation.
    pub live: Option<YearRow>,
    pub days: Vec<DayRow>,
    /// The last first.
    pub versions: Vec<VersionRow>,
    /// Fields: version, verdict, note. `None` when nothing waits or not allowed.
    pub decision: Option<FormState>,
}

fn year() -> YearRow {
    YearRow {
        year: 2026,
        title: "国务院办公厅关于2026年部分节假日安排的通知".into(),
        announced_on: "2025-11-04".into(),
        loaded_on: "2025-11-05".into(),
        working_days: 248,
    }
}

fn waiting(is_own: bool) -> VersionRow {
    VersionRow {
        year: 2027,
        version: 1,
        document: "关于2027年部分节假日安排的通知 国办发明电〔2026〕0号".into(),
        announced_on: "2026-11-10".into(),
        working_days: 247,
        proposed: "2026-11-12 09:30 林晓岚".into(),
        state: "待确认".into(),
        decided: String::new(),
        note: String::new(),
        is_own,
        days: vec![
            DayRow {
                days: "2027-01-01 星期五 至 2027-01-03 星期日".into(),
                kind: "休".into(),
                count: 3,
            },
            DayRow { days: "2027-01-30 星期六".into(), kind: "班".into(), count: 1 },
        ],
        concerns: vec!["全年工作日 247 天；按法定节日 13 天推算应为 248 天".into()],
    }
}

impl CalendarList {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.form.as_ref().is_some_and(FormState::has_errors)
    }

    /// With one waiting, with wrong lines, for a reader.
    pub fn samples() -> Vec<Self> {
        let page = |waiting, form| Self {
            frame: Frame::sample_hr("/calendars"),
            waiting,
            years: vec![year()],
            form,
        };
        let form = || FormState::new("calendar");
        let wrong =
            form().wrong("year", "请填写年份").wrong("days", "第 2 行：2027-02-30 不是存在的日期");
        vec![
            page(vec![waiting(false)], Some(form())),
            page(vec![], Some(wrong)),
            page(vec![], None),
        ]
    }
}

impl CalendarYear {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.decision.as_ref().is_some_and(FormState::has_errors)
    }

    /// Known, waiting for one's own, waiting for another, mistyped.
    pub fn samples() -> Vec<Self> {
        let days = || waiting(false).days;
        let page = |live: Option<YearRow>, versions: Vec<VersionRow>, decision| Self {
            frame: Frame::sample_hr("/calendars"),
            year: 2027,
            days: if live.is_some() { days() } else { vec![] },
            live,
            versions,
            decision,
        };
        let form = || FormState::new("decision");
        let refused = VersionRow {
            state: "退回修改".into(),
            decided: "2026-11-12 10:00 高振宇".into(),
            note: "漏了补班日".into(),
            ..waiting(false)
        };
        vec![
            page(Some(year()), vec![refused], None),
            page(None, vec![waiting(true)], Some(form())),
            page(Some(year()), vec![waiting(false)], Some(form())),
            page(None, vec![waiting(false)], Some(form().wrong("note", "退回时请写明原因"))),
        ]
    }
}
