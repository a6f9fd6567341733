//! Golden cases.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::domain::region;
use crate::service::policy::CaseLine;
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;

/// A step of the engine.
#[derive(Debug, Clone, Default)]
pub struct StepRow {
    pub rule: String,
    pub text: String,
}

/// A case, run under a text.
#[derive(Debug, Clone, Default)]
pub struct CaseRow {
    pub no: i64,
    pub version: i64,
    pub name: String,
    pub year: i32,
    pub facts: Vec<String>,
    pub expected: String,
    pub found: String,
    pub differences: Vec<String>,
    pub steps: Vec<StepRow>,
    /// 本稿新增, 本稿改动; empty for one carried over as it is.
    pub mark: String,
    pub reason: String,
}

impl CaseRow {
    /// Whether it comes out as expected.
    pub fn holds(&self) -> bool {
        self.differences.is_empty()
    }
}

pub(super) fn case_row(line: CaseLine) -> CaseRow {
    let mark = match (line.is_of_draft, line.version) {
        (true, 1) => "本稿新增",
        (true, _) => "本稿改动",
        (false, _) => "",
    };
    let step = |step: crate::service::policy::CaseStep| StepRow {
        rule: step.rule.to_owned(),
        text: step.text,
    };
    CaseRow {
        no: line.no,
        version: line.version,
        name: line.name,
        year: line.year,
        facts: line.facts,
        expected: line.expected,
        found: line.found,
        differences: line.differences,
        steps: line.steps.into_iter().map(step).collect(),
        mark: mark.to_owned(),
        reason: line.reason,
    }
}

/// County-level divisions to choose from.
pub(super) fn divisions() -> Vec<Choice> {
    let choice = |division: &region::Division| Choice {
        value: division.code.clone(),
        label: division.full_name.clone(),
    };
    region::pickable(None).map(choice).collect()
}

/// `/policies/{id}/cases`.
#[derive(Debug, Clone, Template)]
#[template(path = "policies/cases.html")]
pub struct CaseList {
    pub frame: Frame,
    pub id: String,
    pub cases: Vec<CaseRow>,
}

/// `/policies/{id}/drafts/{no}/cases/new`.
#[derive(Debug, Clone, Template)]
#[template(path = "policies/case_new.html")]
pub struct CaseForm {
    pub frame: Frame,
    pub id: String,
    pub no: String,
    /// Fields of a year: name, year, division, from and through of listed, employed, rostered,
    /// suspended and excluded, evidence, award_group, award, amount, months. Of a visit: name, birth,
    /// origin, arrival, exit, submitted, work_from, work_through, used, on_roster, costs, other_payer,
    /// subsidy, allowance.
    pub form: FormState,
    /// Whether it is a visit.
    pub is_trip: bool,
    pub divisions: Vec<Choice>,
}

impl CaseForm {
    /// Whether the visitor is on a roster.
    pub fn yes_no(&self) -> Vec<Choice> {
        Choice::list(&[("no", "否"), ("yes", "是")])
    }
}

/// A version of a case.
#[derive(Debug, Clone, Default)]
pub struct VersionRow {
    pub version: i64,
    pub expected: String,
    pub reason: String,
    pub recorded: String,
    pub draft_no: String,
}

/// `/policies/{id}/drafts/{no}/cases/{case}`.
#[derive(Debug, Clone, Template)]
#[template(path = "policies/case.html")]
pub struct CaseView {
    pub frame: Frame,
    pub id: String,
    pub no: String,
    /// Whether it is a visit.
    pub is_trip: bool,
    pub case: CaseRow,
    /// The last first.
    pub versions: Vec<VersionRow>,
    /// Fields: amount and months, or subsidy and allowance; reason. `None` when not allowed or decided.
    pub form: Option<FormState>,
}

pub(super) fn sample(name: &str, holds: bool) -> CaseRow {
    let step = |rule: &str, text: &str| StepRow { rule: rule.into(), text: text.into() };
    CaseRow {
        no: if holds { 4 } else { 5 },
        version: 1,
        name: name.into(),
        year: 2026,
        facts: vec!["全职在岗并在册：E1（福州市鼓楼区）2026-01-01 至 2026-06-15".into()],
        expected: "100,000.00 元；计入 6 个月".into(),
        found: "100,000.00 元；计入 6 个月".into(),
        differences: if holds {
            vec![]
        } else {
            vec!["净额应为 100,000.00 元，算得 0.00 元".into()]
        },
        steps: vec![
            step("适用版本", "2025-11-04 至 2028-12-31 适用第 1 个版本"),
            step("应计金额", "200,000.00 元 × 6 ÷ 12 = 100,000.00 元"),
        ],
        mark: String::new(),
        reason: String::new(),
    }
}

impl CaseList {
    /// Holding ones, and none.
    pub fn samples() -> Vec<Self> {
        let page = |cases| Self {
            frame: Frame::sample_auditor("/policies"),
            id: "core-engineer".into(),
            cases,
        };
        vec![page(vec![sample("6月15日离职，正好6个月", true)]), page(vec![])]
    }
}

impl CaseForm {
    /// Fresh, and mistyped.
    pub fn samples() -> Vec<Self> {
        let page = |form| Self {
            frame: Frame::sample_hr("/policies"),
            id: "core-engineer".into(),
            no: "ZC00001".into(),
            form,
            is_trip: false,
            divisions: divisions(),
        };
        let form = || FormState::new("case").with("division", "350102").with("evidence", "1-12");
        let wrong = form()
            .wrong("name", "请写明这个算例说明什么，2 至 80 个字")
            .wrong("listed_through", "应为日期，且不早于起日")
            .wrong("amount", "请填写应得金额（元），最多两位小数，没有就填 0");
        let trip = FormState::new("case")
            .with("origin", "DE")
            .wrong("exit", "离境日期早于入境日期")
            .wrong("subsidy", "请填写应得金额（元），最多两位小数，没有就填 0");
        let trip = Self { id: "overseas-visit".into(), is_trip: true, ..page(trip) };
        vec![page(form()), page(wrong), trip]
    }
}

impl CaseView {
    /// To be changed, mistyped, to be read.
    pub fn samples() -> Vec<Self> {
        let version = |version, expected: &str, reason: &str, draft: &str| VersionRow {
            version,
            expected: expected.into(),
            reason: reason.into(),
            recorded: "2027-02-01 09:30 林晓岚".into(),
            draft_no: draft.into(),
        };
        let page = |form, case| Self {
            frame: Frame::sample_hr("/policies"),
            id: "core-engineer".into(),
            no: "ZC00001".into(),
            is_trip: false,
            case,
            versions: vec![
                version(2, "0.00 元；计入 6 个月", "最低月数改为 9 个月", "ZC00001"),
                version(1, "100,000.00 元；计入 6 个月", "", "随程序提供"),
            ],
            form,
        };
        let form = || FormState::new("expectation").with("amount", "100000.00").with("months", "6");
        let changed = CaseRow {
            mark: "本稿改动".into(),
            version: 2,
            reason: "最低月数改为 9 个月".into(),
            ..sample("6月15日离职，正好6个月", true)
        };
        let failing = || sample("6月15日离职，正好6个月", false);
        let trip = FormState::new("expectation").with("subsidy", "5000.00");
        let trip = trip.with("allowance", "0.00");
        vec![
            page(Some(form()), failing()),
            page(Some(form().wrong("reason", "请填写修改预期的理由")), failing()),
            page(None, changed),
            Self { id: "overseas-visit".into(), is_trip: true, ..page(Some(trip), failing()) },
        ]
    }
}
