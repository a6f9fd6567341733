//! Institutions and one institution.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;

/// An institution.
#[derive(Debug, Clone, Default)]
pub struct InstitutionRow {
    pub uscc: String,
    pub name: String,
    pub licence_no: String,
    pub place: String,
    pub term: String,
    /// 有效 or 已到期.
    pub state: String,
    pub services: String,
    pub placed: i64,
}

/// Sums of a year in a city.
#[derive(Debug, Clone, Default)]
pub struct SumRow {
    pub year: i32,
    pub city: String,
    pub placements: i64,
    pub persons: i64,
}

/// `/hr-institutions`.
#[derive(Debug, Clone, Template)]
#[template(path = "institutions/list.html")]
pub struct InstitutionList {
    pub frame: Frame,
    /// Fields: year, city, q.
    pub filter: FormState,
    pub cities: Vec<Choice>,
    pub divisions: Vec<Choice>,
    pub rows: Vec<InstitutionRow>,
    pub sums: Vec<SumRow>,
    pub export_href: String,
    /// Fields: uscc, name, licence_no, division, from, through, services. `None` when not allowed.
    pub form: Option<FormState>,
    /// Field: file. `None` when not allowed.
    pub upload: Option<FormState>,
}

/// A placement.
#[derive(Debug, Clone, Default)]
pub struct PlacementRow {
    pub day: String,
    pub enterprise: String,
    /// Number and name.
    pub person: Option<(String, String)>,
    pub persons: i64,
}

/// A licence that was ever on record.
#[derive(Debug, Clone, Default)]
pub struct LicenceRow {
    pub name: String,
    pub licence_no: String,
    pub term: String,
    pub at: String,
    /// 现行 or 已被替代.
    pub state: String,
}

/// `/hr-institutions/{uscc}`.
#[derive(Debug, Clone, Template)]
#[template(path = "institutions/institution.html")]
pub struct InstitutionPage {
    pub frame: Frame,
    pub row: InstitutionRow,
    pub licences: Vec<LicenceRow>,
    pub placements: Vec<PlacementRow>,
    /// Fields: day, enterprise, person, persons. `None` when not allowed.
    pub form: Option<FormState>,
}

fn sample() -> InstitutionRow {
    InstitutionRow {
        uscc: "91350100MAFAKE000K".into(),
        name: "福州英才人力资源有限公司".into(),
        licence_no: "350100000001".into(),
        place: "福州市鼓楼区".into(),
        term: "2026-01-01 至 2030-12-31".into(),
        state: "有效".into(),
        services: "招聘、培训、测评".into(),
        placed: 12,
    }
}

impl InstitutionList {
    /// Whether a form has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.form.iter().chain(&self.upload).any(FormState::has_errors)
    }

    /// Some with wrong forms, none.
    pub fn samples() -> Vec<Self> {
        let page = |rows: Vec<InstitutionRow>, sums, form, upload| Self {
            frame: Frame::sample_hr("/hr-institutions"),
            filter: FormState::new("filter"),
            cities: Choice::list(&[("350100", "福州市")]),
            divisions: Choice::list(&[("350102", "福州市鼓楼区")]),
            rows,
            sums,
            export_href: "/hr-institutions.xlsx".into(),
            form,
            upload,
        };
        let sum = SumRow { year: 2026, city: "福州市".into(), placements: 3, persons: 12 };
        let licence = FormState::new("licence").wrong("uscc", "统一社会信用代码校验位不符");
        let file = FormState::new("upload").wrong("file", "第 2 行 入职日期：请填写日期");
        let over = InstitutionRow { state: "已到期".into(), ..sample() };
        vec![
            page(vec![sample(), over], vec![sum], Some(licence), Some(file)),
            page(vec![], vec![], None, None),
        ]
    }
}

impl InstitutionPage {
    /// Whether a form has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.form.as_ref().is_some_and(FormState::has_errors)
    }

    /// With and without placements.
    pub fn samples() -> Vec<Self> {
        let named = PlacementRow {
            day: "2026-05-06".into(),
            enterprise: "福州智算科技有限公司".into(),
            person: Some(("E000127".into(), "张三".into())),
            persons: 1,
        };
        let many = PlacementRow { person: None, persons: 11, ..named.clone() };
        let licence = |state: &str| LicenceRow {
            name: "福州英才人力资源有限公司".into(),
            licence_no: "350100000001".into(),
            term: "2026-01-01 至 2030-12-31".into(),
            at: "2026-01-05 09:00".into(),
            state: state.into(),
        };
        let page = |licences, placements, form| Self {
            frame: Frame::sample_hr("/hr-institutions"),
            row: sample(),
            licences,
            placements,
            form,
        };
        let wrong = FormState::new("placement").wrong("enterprise", "该企业当日不在骨干企业清单内");
        vec![
            page(vec![licence("现行"), licence("已被替代")], vec![named, many], Some(wrong)),
            page(vec![licence("现行")], vec![], None),
        ]
    }
}
