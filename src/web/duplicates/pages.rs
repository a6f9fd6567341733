//! Likely duplicates and merges.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::{Deed, Pager};

/// A person in few words; numbers are masked.
#[derive(Debug, Clone, Default)]
pub struct PersonCell {
    pub no: String,
    pub name: String,
    pub document: String,
    pub enterprise: String,
}

impl PersonCell {
    fn sample(no: &str, document: &str, enterprise: &str) -> Self {
        Self {
            no: no.into(),
            name: "约翰·史密斯".into(),
            document: document.into(),
            enterprise: enterprise.into(),
        }
    }

    fn samples() -> [Self; 2] {
        [
            Self::sample("E000012", "护照 C******7", "福州某某智能科技有限公司"),
            Self::sample("E000385", "外国人永久居留身份证 93*************981", ""),
        ]
    }
}

/// A likely duplicate.
#[derive(Debug, Clone)]
pub struct DuplicateRow {
    pub one: PersonCell,
    pub other: PersonCell,
    pub reasons: Vec<&'static str>,
    pub strength: &'static str,
    pub state: &'static str,
    pub pair_href: String,
    pub merge_no: Option<String>,
}

/// `/duplicates`.
#[derive(Debug, Clone, Template)]
#[template(path = "duplicates/list.html")]
pub struct DuplicateList {
    pub frame: Frame,
    /// Fields: reason, state.
    pub filter: FormState,
    /// Fields: a, b.
    pub compare: FormState,
    pub reasons: Vec<Choice>,
    pub states: Vec<Choice>,
    /// Pairs that wait to be looked at.
    pub open: i64,
    pub rows: Vec<DuplicateRow>,
    pub pager: Pager,
    pub export_href: Option<String>,
}

impl DuplicateList {
    /// Whether the list does not show what it shows unasked.
    pub fn is_filtered(&self) -> bool {
        self.filter.values.values().any(|value| !value.is_empty())
    }

    /// With pairs, without any, and without any under a filter.
    pub fn samples() -> Vec<Self> {
        let [one, other] = PersonCell::samples();
        let row = |state, strength, merge_no: Option<&str>| DuplicateRow {
            one: one.clone(),
            other: other.clone(),
            reasons: vec!["姓名和出生日期相同", "手机号码相同"],
            strength,
            state,
            pair_href: "/duplicates/pair?a=E000012&b=E000385".into(),
            merge_no: merge_no.map(str::to_owned),
        };
        let page = |rows: Vec<DuplicateRow>, filter| Self {
            frame: Frame::sample_hr("/duplicates"),
            filter,
            compare: FormState::new("compare"),
            reasons: Choice::list(&[("mobile", "手机号码相同")]),
            states: Choice::list(&[("dismissed", "已排除"), ("all", "全部")]),
            open: 1,
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            export_href: (!rows.is_empty()).then(|| "/duplicates.xlsx?".into()),
            rows,
        };
        let rows = vec![
            row("待处理", "高", None),
            row("待确认", "中", Some("HB000003")),
            row("已合并", "低", Some("HB000001")),
            row("已排除", "低", None),
        ];
        let filtered = FormState::new("filter").with("state", "dismissed");
        vec![
            page(rows, FormState::new("filter")),
            page(vec![], FormState::new("filter")),
            page(vec![], filtered),
        ]
    }
}

/// One kind of fact of both.
#[derive(Debug, Clone)]
pub struct FactRow {
    pub label: &'static str,
    pub one: Vec<String>,
    pub other: Vec<String>,
}

/// That somebody found them different.
#[derive(Debug, Clone)]
pub struct DismissedRow {
    pub at: String,
    pub who: String,
    pub explanation: String,
    pub reasons: String,
}

/// `/duplicates/pair`.
#[derive(Debug, Clone, Template)]
#[template(path = "duplicates/pair.html")]
pub struct DuplicatePair {
    pub frame: Frame,
    pub one: PersonCell,
    pub other: PersonCell,
    pub reasons: Vec<&'static str>,
    pub strength: &'static str,
    pub state: &'static str,
    pub merge_no: Option<String>,
    pub facts: Vec<FactRow>,
    pub dismissals: Vec<DismissedRow>,
    /// What has to be corrected before a merge.
    pub obstacles: Vec<String>,
    /// Field: explanation.
    pub dismissal: Option<FormState>,
    /// Fields: leading, reason, document_no.
    pub proposal: Option<FormState>,
    pub numbers: Vec<Choice>,
}

impl DuplicatePair {
    /// Whether anything has to be corrected.
    pub fn has_errors(&self) -> bool {
        [&self.dismissal, &self.proposal].into_iter().flatten().any(FormState::has_errors)
    }

    /// Open, with something in the way and mistyped forms; merged; dismissed.
    pub fn samples() -> Vec<Self> {
        let [one, other] = PersonCell::samples();
        let fact = |label, one: &[&str], other: &[&str]| FactRow {
            label,
            one: one.iter().map(|line| (*line).to_owned()).collect(),
            other: other.iter().map(|line| (*line).to_owned()).collect(),
        };
        let open = Self {
            frame: Frame::sample_hr("/duplicates"),
            numbers: Choice::list(&[("E000012", "E000012（护照）"), ("E000385", "E000385")]),
            one,
            other,
            reasons: vec!["手机号码相同", "收款账号相同"],
            strength: "高",
            state: "待处理",
            merge_no: None,
            facts: vec![
                fact("姓名", &["约翰·史密斯，2026-01-01起"], &["约翰·史密斯，2026-04-01起"]),
                fact("手机", &["138****0001，2026-01-01起"], &[]),
            ],
            dismissals: vec![],
            obstacles: vec![],
            dismissal: Some(FormState::new("dismissal")),
            proposal: Some(FormState::new("proposal")),
        };
        let mut wrong = open.clone();
        wrong.obstacles = vec![
            "名册期间重叠：E000012 在企业甲（2026-01-01起）与 E000385 在企业乙（2026-04-01起），请先更正或撤销其中一条".into(),
        ];
        wrong.dismissal = Some(
            FormState::new("dismissal").wrong("explanation", "请写明为什么是两个人，2至500字"),
        );
        wrong.proposal = Some(
            FormState::new("proposal")
                .with("leading", "E000012")
                .wrong("document_no", "请填写依据文件编号")
                .refused("其中一个编号在合并申请 HB000002 中等待确认，请先办结那一件"),
        );
        let closed = |state, merge_no: Option<&str>| Self {
            state,
            merge_no: merge_no.map(str::to_owned),
            dismissal: None,
            proposal: None,
            reasons: vec![],
            ..open.clone()
        };
        let mut dismissed = closed("已排除", None);
        dismissed.dismissals = vec![DismissedRow {
            at: "2026-11-20 10:05".into(),
            who: "林晓岚".into(),
            explanation: "夫妻共用手机号码".into(),
            reasons: "手机号码相同".into(),
        }];
        vec![open.clone(), wrong, closed("已合并", Some("HB000001")), dismissed]
    }
}

/// A year with results of one of the persons.
#[derive(Debug, Clone)]
pub struct YearRow {
    pub year: i64,
    /// Computed again since.
    pub done: bool,
}

/// `/duplicates/merges/{no}`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "duplicates/merge.html")]
pub struct MergePage {
    pub frame: Frame,
    pub no: String,
    pub leading: PersonCell,
    pub merged: PersonCell,
    pub pair_href: String,
    pub state: &'static str,
    pub note: Option<&'static str>,
    /// The open request is to take the merge back.
    pub undoing: bool,
    pub in_force: bool,
    pub deeds: Vec<Deed>,
    /// Number of the open request; may be empty.
    pub request: String,
    pub confirmation: Option<FormState>,
    /// Field: decision.
    pub rejection: Option<FormState>,
    /// Fields: reason, document_no.
    pub undo: Option<FormState>,
    pub years: Vec<YearRow>,
    pub may_compute: bool,
    /// What was refused, when its form is not on the page any more.
    pub refused: Option<FormState>,
}

impl MergePage {
    /// Whether anything has to be corrected.
    pub fn has_errors(&self) -> bool {
        [&self.confirmation, &self.rejection, &self.undo, &self.refused]
            .into_iter()
            .flatten()
            .any(FormState::has_errors)
    }

    /// Proposed, mistyped, in force with years to compute, taken back.
    pub fn samples() -> Vec<Self> {
        let [leading, merged] = PersonCell::samples();
        let proposed = Self {
            frame: Frame::sample_hr("/duplicates"),
            no: "HB000003".into(),
            leading,
            merged,
            pair_href: "/duplicates/pair?a=E000012&b=E000385".into(),
            state: "待确认",
            deeds: vec![Deed::new(
                "2026-11-20 10:05",
                "林晓岚",
                "提出合并（HB000003）：同一人先后以护照和永居证登记",
                None,
            )],
            request: "HB000003".into(),
            confirmation: Some(FormState::new("confirmation")),
            rejection: Some(FormState::new("rejection")),
            ..Self::default()
        };
        let mut own = proposed.clone();
        own.confirmation = None;
        own.note = Some("这件申请由您提出，须由另一位省级人社人员确认；您可以撤回。");
        own.rejection =
            Some(FormState::new("rejection").wrong("decision", "请写明不予办理的原因，2至500字"));
        let in_force = Self {
            state: "已合并",
            in_force: true,
            request: String::new(),
            confirmation: None,
            rejection: None,
            undo: Some(FormState::new("undo")),
            years: vec![YearRow { year: 2026, done: false }, YearRow { year: 2025, done: true }],
            may_compute: true,
            ..proposed.clone()
        };
        let undone = Self { state: "已撤销", undo: None, in_force: false, ..in_force.clone() };
        let refused = FormState::new("refused").refused("申请 HB000003 已由他人办结，请刷新查看");
        let late = Self { refused: Some(refused), ..undone.clone() };
        vec![proposed, own, in_force, undone, late]
    }
}
