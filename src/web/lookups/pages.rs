//! Many document numbers looked up at once.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::FormState;
use crate::web::frame::Frame;

/// A line of the list that was looked up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookupRow {
    pub line: i64,
    pub state: String,
    pub note: String,
    /// Official number; empty when nobody was found.
    pub no: String,
    pub name: String,
    pub masked: String,
    pub enterprise: String,
    pub years: Vec<String>,
    pub payments: Vec<String>,
}

/// How many lines came out so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookupCount {
    pub state: String,
    pub count: i64,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookupResult {
    pub purpose: String,
    pub at: String,
    pub total: i64,
    pub counts: Vec<LookupCount>,
    /// Malformed and repeated lines, one sentence each.
    pub faults: Vec<String>,
    pub rows: Vec<LookupRow>,
    /// Lines that only the workbook has.
    pub not_shown: i64,
    /// The numbers, sealed, for the workbook.
    pub sealed: String,
    pub leads_to_engineers: bool,
}

/// `/lookups`.
#[derive(Debug, Clone, Template)]
#[template(path = "lookups/lookups.html")]
pub struct LookupPage {
    pub frame: Frame,
    /// Fields: purpose, numbers, file. Numbers are never sent back.
    pub form: FormState,
    pub result: Option<LookupResult>,
}

impl LookupPage {
    /// Empty, mistyped, answered, nobody found.
    pub fn samples() -> Vec<Self> {
        let page = |form, result| Self { frame: Frame::sample_auditor("/lookups"), form, result };
        let form = || FormState::new("lookups");
        let wrong = form()
            .wrong("purpose", "请写明核查用途，4 至 200 个字")
            .wrong("numbers", "没有找到证件号码，请每行填写一个");
        let nobody = LookupResult {
            rows: vec![LookupRow {
                line: 1,
                state: "未登记".into(),
                masked: "44*************014".into(),
                ..LookupRow::default()
            }],
            counts: vec![LookupCount { state: "未登记".into(), count: 1 }],
            faults: vec![],
            not_shown: 0,
            total: 1,
            ..sample()
        };
        vec![
            page(form(), None),
            page(wrong, None),
            page(form().with("purpose", "审计抽查"), Some(sample())),
            page(form(), Some(nobody)),
        ]
    }
}

fn sample() -> LookupResult {
    LookupResult {
        purpose: "审计抽查 2026 年发放名单".into(),
        at: "2026-11-24 10:20".into(),
        total: 612,
        counts: [("在册", 604), ("未登记", 4), ("格式错误", 1), ("重复", 3)]
            .map(|(state, count)| LookupCount { state: state.into(), count })
            .to_vec(),
        faults: vec!["第 18 行：校验码不符，请核对".into(), "第 44 行：与第 7 行相同".into()],
        rows: vec![
            LookupRow {
                line: 1,
                state: "在册".into(),
                no: "E000318".into(),
                name: "林*岚".into(),
                masked: "35*************21X".into(),
                enterprise: "福州闽江智能科技有限公司".into(),
                years: vec!["2026 年度：计入 11 个月，应发 183,333.33 元，已付".into()],
                payments: vec!["2026 年度 183,333.33 元，2026-11-20，已付（B2026-0003）".into()],
                note: String::new(),
            },
            LookupRow {
                line: 18,
                state: "格式错误".into(),
                note: "校验码不符，请核对".into(),
                ..LookupRow::default()
            },
        ],
        not_shown: 112,
        sealed: "c2VhbGVk".into(),
        leads_to_engineers: true,
    }
}
