//! The yearly check of recognitions.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::Pager;

/// How many stand where, of a city or of all.
#[derive(Debug, Clone, Default)]
pub struct TallyRow {
    pub name: String,
    pub total: i64,
    pub passed: i64,
    pub reported: i64,
    pub missing: i64,
    pub suspended: i64,
    pub late: i64,
    pub coverage: String,
    /// The same for the bar.
    pub permille: i64,
}

/// A recognition.
#[derive(Debug, Clone, Default)]
pub struct CheckRow {
    pub no: String,
    pub about: String,
    pub enterprise: String,
    pub city: String,
    pub standing: String,
    pub reported_on: String,
    pub passed_on: String,
    pub due_on: String,
    pub late: bool,
    pub actionable: bool,
}

/// What became of one file.
#[derive(Debug, Clone, Default)]
pub struct ResultRow {
    pub no: String,
    pub done: bool,
    pub text: String,
}

/// What can be done with many at once.
#[derive(Debug, Clone)]
pub struct BulkForm {
    pub label: &'static str,
    pub field: &'static str,
    pub hint: &'static str,
    /// Fields: case (many), text.
    pub form: FormState,
}

/// `/campaigns`.
#[derive(Debug, Clone, Template)]
#[template(path = "campaigns/campaign.html")]
pub struct CampaignPage {
    pub frame: Frame,
    pub year: i32,
    pub is_this_year: bool,
    pub all: TallyRow,
    pub cities: Vec<TallyRow>,
    /// Fields: year, show.
    pub filter: FormState,
    pub years: Vec<Choice>,
    pub shows: Vec<Choice>,
    pub rows: Vec<CheckRow>,
    pub pager: Pager,
    /// `None` when the reader has nothing to do here.
    pub bulk: Option<BulkForm>,
    pub results: Vec<ResultRow>,
    pub export_href: String,
}

impl CampaignPage {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.bulk.as_ref().is_some_and(|bulk| bulk.form.has_errors())
    }

    /// Under way with something to do, after a bulk act, mistyped, with nothing.
    pub fn samples() -> Vec<Self> {
        let tally = |name: &str| TallyRow {
            name: name.into(),
            total: 12,
            passed: 7,
            reported: 2,
            missing: 2,
            suspended: 1,
            late: 2,
            coverage: "58.3%".into(),
            permille: 583,
        };
        let row = CheckRow {
            no: "RD2026-00012".into(),
            about: "张小北（E000011），B类".into(),
            enterprise: "福州某某智能科技有限公司".into(),
            city: "福建省福州市".into(),
            standing: "未报告".into(),
            reported_on: "—".into(),
            passed_on: "—".into(),
            due_on: "2027-03-31".into(),
            late: true,
            actionable: true,
        };
        let page = |rows: Vec<CheckRow>, form: FormState, results| Self {
            frame: Frame::sample_hr("/campaigns"),
            year: 2027,
            is_this_year: true,
            all: tally("合计"),
            cities: vec![tally("福建省福州市"), tally("福建省厦门市")],
            filter: FormState::new("filter").with("year", "2027"),
            years: Choice::list(&[("2027", "2027 年"), ("2026", "2026 年")]),
            shows: Choice::list(&[("late", "逾期"), ("all", "全部")]),
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            bulk: (!rows.is_empty()).then_some(BulkForm {
                label: "暂停",
                field: "事由",
                hint: "对逾期未报告或逾期未通过的认定，写明事由",
                form,
            }),
            rows,
            results,
            export_href: "/campaigns.xlsx?year=2027".into(),
        };
        let passed =
            CheckRow { standing: "通过".into(), late: false, actionable: false, ..row.clone() };
        let results = vec![
            ResultRow { no: "RD2026-00012".into(), done: true, text: "已办理".into() },
            ResultRow { no: "RD2026-00013".into(), done: false, text: "已被他人办理".into() },
        ];
        let form = || FormState::new("bulk");
        vec![
            page(vec![row.clone(), passed], form(), vec![]),
            page(vec![row.clone()], form(), results),
            page(vec![row], form().wrong("text", "请填写事由"), vec![]),
            page(vec![], form(), vec![]),
        ]
    }
}
