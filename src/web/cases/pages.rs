//! Files that move through offices.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::Pager;

/// A line of the list.
#[derive(Debug, Clone, Default)]
pub struct CaseRow {
    pub no: String,
    pub kind: String,
    pub about: String,
    pub enterprise: String,
    pub state: String,
    pub since: String,
    /// Last day, or how it is said that there is none.
    pub due: String,
    pub overdue: bool,
}

/// `/cases`.
#[derive(Debug, Clone, Template)]
#[template(path = "cases/list.html")]
pub struct CaseList {
    pub frame: Frame,
    /// Fields: show, state, overdue.
    pub filter: FormState,
    pub states: Vec<Choice>,
    pub rows: Vec<CaseRow>,
    pub pager: Pager,
    /// Whether only what waits for the reader is shown.
    pub waiting: bool,
    pub may_open: bool,
}

/// An act of the past.
#[derive(Debug, Clone, Default)]
pub struct StepRow {
    pub at: String,
    pub act: String,
    pub who: String,
    pub state: String,
    pub remark: String,
    /// Name and text.
    pub evidence: Vec<(String, String)>,
}

/// A field of an act.
#[derive(Debug, Clone)]
pub enum ActField {
    Line { name: &'static str, label: &'static str },
    Number { name: &'static str, label: &'static str },
    Day { name: &'static str, label: &'static str },
    YesNo { name: &'static str, label: &'static str },
}

/// Something that must hold.
#[derive(Debug, Clone)]
pub struct CheckRow {
    pub label: String,
    /// Why it does not; empty when it does.
    pub fault: String,
}

/// An act that can be done.
#[derive(Debug, Clone)]
pub struct ActForm {
    pub act: &'static str,
    pub label: &'static str,
    pub elsewhere: Option<String>,
    pub fields: Vec<ActField>,
    pub checks: Vec<CheckRow>,
    /// Opened because it came back with something to correct.
    pub open: bool,
    pub form: FormState,
}

/// `/cases/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "cases/case.html")]
pub struct CasePage {
    pub frame: Frame,
    pub row: CaseRow,
    pub person_no: String,
    /// Name and text.
    pub facts: Vec<(String, String)>,
    pub steps_seen: i64,
    pub steps: Vec<StepRow>,
    pub acts: Vec<ActForm>,
    pub waits_for: String,
    pub limit: String,
    pub certificate_no: Option<String>,
    pub may_open_objector: bool,
    /// What came too late, and what was typed: name and text.
    pub late: Option<(String, Vec<(String, String)>)>,
}

/// `/recognitions/new`.
#[derive(Debug, Clone, Template)]
#[template(path = "cases/new.html")]
pub struct RecognitionNew {
    pub frame: Frame,
    /// Fields: person_no, class, grounds.
    pub form: FormState,
    pub classes: Vec<Choice>,
}

fn sample_row() -> CaseRow {
    CaseRow {
        no: "RD2026-00012".into(),
        kind: "自主认定".into(),
        about: "张小北（E000011），B类".into(),
        enterprise: "福州某某智能科技有限公司".into(),
        state: "县区审核中".into(),
        since: "2026-11-18".into(),
        due: "2026-12-02".into(),
        overdue: false,
    }
}

fn choices() -> Vec<Choice> {
    Choice::list(&[("county_check", "县区审核中"), ("returned", "退回修改")])
}

impl CaseList {
    /// Waiting with an overdue one, nothing waiting, everything.
    pub fn samples() -> Vec<Self> {
        let late = CaseRow { overdue: true, due: "2026-11-20".into(), ..sample_row() };
        let page = |rows: Vec<CaseRow>, waiting, may_open| Self {
            frame: Frame::sample_hr("/cases"),
            filter: FormState::new("filter"),
            states: choices(),
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            rows,
            waiting,
            may_open,
        };
        vec![
            page(vec![late, sample_row()], true, false),
            page(vec![], true, true),
            page(vec![sample_row()], false, true),
        ]
    }
}

impl CasePage {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.late.is_some() || self.acts.iter().any(|act| act.form.has_errors())
    }

    /// With acts, with a mistake to correct, and at its end.
    pub fn samples() -> Vec<Self> {
        let step = StepRow {
            at: "2026-11-18 09:12".into(),
            act: "提交备案".into(),
            who: "陈某 · 企业授权签字人".into(),
            state: "已提交".into(),
            remark: "材料齐全".into(),
            evidence: vec![("企业内部公示记录".into(), "闽江智行公示〔2026〕3号".into())],
        };
        let form = |prefix: &str| FormState::new(prefix);
        let pass = ActForm {
            act: "pass_county",
            label: "县区审核通过",
            elsewhere: None,
            fields: vec![
                ActField::Line { name: "evidence_check", label: "身份、社保核查" },
                ActField::Number { name: "members", label: "评审会成员人数" },
                ActField::Day { name: "notice_from", label: "公示首日" },
                ActField::YesNo { name: "major_shareholder", label: "是否为前三大股东" },
            ],
            checks: vec![
                CheckRow { label: "人员身份已核实".into(), fault: String::new() },
                CheckRow {
                    label: "公示期满".into(), fault: "公示到 2026-12-02 为止".into()
                },
            ],
            open: false,
            form: form("pass_county"),
        };
        let publish = ActForm {
            act: "publish",
            label: "发布公示",
            elsewhere: Some("/notices/new".to_owned()),
            fields: vec![],
            checks: vec![],
            open: false,
            form: form("publish"),
        };
        let page = |acts, waits_for: &str| Self {
            frame: Frame::sample_hr("/cases"),
            row: sample_row(),
            person_no: "E000011".into(),
            facts: vec![("认定类别".into(), "B类".into())],
            steps_seen: 1,
            steps: vec![step.clone()],
            acts,
            waits_for: waits_for.into(),
            limit: "10 个工作日".into(),
            certificate_no: Some("FJ-AI-2026000123-K".into()),
            may_open_objector: true,
            late: None,
        };
        let wrong = ActForm {
            open: true,
            form: form("pass_county")
                .refused("该件已于 11-18 14:03 由县区人社审核办理")
                .wrong("evidence_check", "请填写身份、社保核查"),
            ..pass.clone()
        };
        let mut late = page(vec![], "");
        let typed = vec![("办理意见".into(), "同意".into())];
        late.late = Some(("该件已于 11-18 14:03 由县区人社审核办理".into(), typed));
        vec![page(vec![pass, publish], "县区人社审核"), page(vec![wrong], "县区人社审核"), late]
    }
}

impl RecognitionNew {
    /// Untouched and with mistakes.
    pub fn samples() -> Vec<Self> {
        let page = |form| Self {
            frame: Frame::sample_hr("/cases"),
            form,
            classes: Choice::list(&[("A", "A类"), ("B", "B类")]),
        };
        let form = || FormState::new("recognition");
        vec![
            page(form()),
            page(form().with("person_no", "E1").wrong("grounds", "请写明认定理由，不少于10个字")),
        ]
    }
}
