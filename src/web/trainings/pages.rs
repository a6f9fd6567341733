//! Trainings and one training.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;

/// A training.
#[derive(Debug, Clone, Default)]
pub struct TrainingRow {
    pub no: String,
    pub organiser: String,
    pub occupation: String,
    pub place: String,
    pub days: String,
    pub seats: i64,
    pub attended: i64,
    pub passed: i64,
}

/// Sums of a year in a city.
#[derive(Debug, Clone, Default)]
pub struct SumRow {
    pub year: i32,
    pub city: String,
    pub trainings: i64,
    pub seats: i64,
    pub attended: i64,
    pub passed: i64,
}

/// `/trainings`.
#[derive(Debug, Clone, Template)]
#[template(path = "trainings/list.html")]
pub struct TrainingList {
    pub frame: Frame,
    /// Fields: year, city, q.
    pub filter: FormState,
    pub cities: Vec<Choice>,
    pub divisions: Vec<Choice>,
    pub rows: Vec<TrainingRow>,
    pub sums: Vec<SumRow>,
    pub export_href: String,
    /// Fields: organiser, occupation, division, from, through, seats, document_no. `None` when not
    /// allowed.
    pub form: Option<FormState>,
    /// Field: file. `None` when not allowed.
    pub upload: Option<FormState>,
}

/// Who attended.
#[derive(Debug, Clone, Default)]
pub struct AttendanceRow {
    pub enterprise: String,
    /// Number and name.
    pub person: Option<(String, String)>,
    pub persons: i64,
    pub passed: i64,
    pub at: String,
}

/// `/trainings/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "trainings/training.html")]
pub struct TrainingPage {
    pub frame: Frame,
    pub row: TrainingRow,
    pub attendance: Vec<AttendanceRow>,
    /// Earlier plans, in words.
    pub former: Vec<String>,
    pub divisions: Vec<Choice>,
    /// Fields: uscc, person, persons, passed, document_no. `None` when not allowed.
    pub form: Option<FormState>,
    /// Fields as in [`TrainingList::form`]. `None` when not allowed.
    pub plan: Option<FormState>,
}

impl TrainingList {
    /// Whether a form has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.form.iter().chain(&self.upload).any(FormState::has_errors)
    }

    /// Some with wrong forms, none.
    pub fn samples() -> Vec<Self> {
        let page = |rows: Vec<TrainingRow>, sums, form, upload| Self {
            frame: Frame::sample_hr("/trainings"),
            filter: FormState::new("filter"),
            cities: Choice::list(&[("350100", "福州市")]),
            divisions: Choice::list(&[("350102", "福州市鼓楼区")]),
            rows,
            sums,
            export_href: "/trainings.xlsx".into(),
            form,
            upload,
        };
        let sum = SumRow {
            year: 2026,
            city: "福州市".into(),
            trainings: 1,
            seats: 40,
            attended: 36,
            passed: 30,
        };
        let plan = FormState::new("plan").wrong("seats", "计划人数应为 1 至 100000 的整数");
        let file = FormState::new("upload").wrong("file", "第 2 行 培训编号：没有这个培训");
        vec![
            page(vec![sample()], vec![sum], Some(plan), Some(file)),
            page(vec![], vec![], None, None),
        ]
    }
}

fn sample() -> TrainingRow {
    TrainingRow {
        no: "TR00001".into(),
        organiser: "福州市人力资源和社会保障局".into(),
        occupation: "人工智能训练师".into(),
        place: "福州市鼓楼区".into(),
        days: "2026-05-06 至 2026-05-20".into(),
        seats: 40,
        attended: 36,
        passed: 30,
    }
}

impl TrainingPage {
    /// Whether a form has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.form.iter().chain(&self.plan).any(FormState::has_errors)
    }

    /// With and without who attended.
    pub fn samples() -> Vec<Self> {
        let named = AttendanceRow {
            enterprise: "福州智算科技有限公司".into(),
            person: Some(("E000127".into(), "张三".into())),
            persons: 1,
            passed: 1,
            at: "2026-05-21 09:12".into(),
        };
        let open = AttendanceRow { persons: 35, passed: 29, ..AttendanceRow::default() };
        let page = |attendance, former, form, plan| Self {
            frame: Frame::sample_hr("/trainings"),
            row: sample(),
            attendance,
            former,
            divisions: Choice::list(&[("350102", "福州市鼓楼区")]),
            form,
            plan,
        };
        let wrong = FormState::new("attendance").wrong("person", "没有这个工程师编号");
        let former = vec!["福州市，2026-05-01 至 2026-05-10，计划 30 人".to_owned()];
        let plan = FormState::new("plan");
        vec![
            page(vec![named, open], former, Some(wrong), Some(plan)),
            page(vec![], vec![], None, None),
        ]
    }
}
