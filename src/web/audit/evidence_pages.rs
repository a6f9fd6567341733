//! One person's way from list document to bank serial, and the bundle of a batch.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::Yuan;

/// Something that happened.
#[derive(Debug, Clone, Default)]
pub struct MomentRow {
    pub at: String,
    pub what: String,
    pub detail: String,
    pub who: String,
    pub document: String,
    /// Empty when there is no file.
    pub hash: String,
    /// Empty when there is no page.
    pub href: String,
    pub link: String,
}

/// A part of the way.
#[derive(Debug, Clone, Default)]
pub struct Part {
    pub title: String,
    pub rows: Vec<MomentRow>,
}

/// A bundle that was made before.
#[derive(Debug, Clone, Default)]
pub struct MadeRow {
    pub at: String,
    pub who: String,
    pub purpose: String,
    pub year: String,
    pub sha256: String,
}

/// The form that makes a bundle, and those made before.
#[derive(Debug, Clone, Default)]
pub struct BundleForm {
    pub action: String,
    /// `all`, a year; empty where there is no choice.
    pub year: String,
    /// Field: purpose.
    pub form: FormState,
    pub made: Vec<MadeRow>,
}

/// `/audit/persons/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "audit/person.html")]
pub struct PersonEvidence {
    pub frame: Frame,
    pub no: String,
    pub name: String,
    pub document: String,
    pub merged: Vec<String>,
    /// Field: year.
    pub filter: FormState,
    pub years: Vec<Choice>,
    pub year_label: String,
    pub parts: Vec<Part>,
    /// Events of the log about all this.
    pub events: i64,
    /// Number, time and hash of the last seal.
    pub sealed: Option<(i64, String, String)>,
    pub printed_at: String,
    pub bundle: BundleForm,
}

/// `/audit/batches/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "audit/batch.html")]
pub struct BatchEvidence {
    pub frame: Frame,
    pub no: String,
    pub state: String,
    pub purpose: String,
    pub lines: i64,
    pub sum: Yuan,
    pub bundle: BundleForm,
}

fn sample_made() -> MadeRow {
    MadeRow {
        at: "2027-06-01 10:02:11".into(),
        who: "陈审".into(),
        purpose: "2026 年度奖补专项审计".into(),
        year: "2026 年度".into(),
        sha256: "66c7f0f462eeedd9d1f2d46bdc10e4e2".into(),
    }
}

fn wrong_purpose() -> FormState {
    FormState::new("bundle").wrong("purpose", "请写明用途，4 至 200 个字")
}

impl PersonEvidence {
    /// Paid, nothing on record yet, purpose missing.
    pub fn samples() -> Vec<Self> {
        let row = |what: &str, detail: &str, hash: &str, href: &str, link: &str| MomentRow {
            at: "2026-02-03 09:10:00".into(),
            what: what.into(),
            detail: detail.into(),
            who: "林一（福建省人力资源和社会保障厅）".into(),
            document: "骨干企业清单，闽工信〔2026〕1号，导入 IMP2026-0001，文件 清单.xlsx".into(),
            hash: hash.into(),
            href: href.into(),
            link: link.into(),
        };
        let part = |title: &str, rows| Part { title: title.into(), rows };
        let hash = "4167c4875cf2f7a2297da02b8f4ba8e04167c4875cf2f7a2297da02b8f4ba8e0";
        let listed = row("骨干企业清单", "甲公司，第一批", hash, "/enterprises/X", "企业");
        let paid =
            row("成功（已对上）", "银行流水号 S1，200,000.00 元", hash, "/batches/B", "批次");
        let page = |parts: Vec<Part>, form, made| Self {
            frame: Frame::sample_auditor("/audit"),
            no: "E000001".into(),
            name: "张三".into(),
            document: "居民身份证 35**************81".into(),
            merged: vec!["E000009".into()],
            filter: FormState::new("year").with("year", "2026"),
            years: Choice::list(&[("2026", "2026 年度"), ("all", "全部年度")]),
            year_label: "2026 年度".into(),
            events: 42,
            sealed: (!parts.is_empty()).then(|| (7, "2027-06-01 10:00".into(), hash.into())),
            parts,
            printed_at: "2027-06-01 10:05:00".into(),
            bundle: BundleForm {
                action: "/audit/persons/E000001/bundle".into(),
                year: "2026".into(),
                form,
                made,
            },
        };
        let whole =
            || vec![part("清单文件", vec![listed.clone()]), part("银行回单", vec![paid.clone()])];
        let empty = vec![part("清单文件", vec![]), part("银行回单", vec![])];
        vec![
            page(whole(), FormState::new("bundle"), vec![sample_made()]),
            page(empty, FormState::new("bundle"), vec![]),
            page(whole(), wrong_purpose(), vec![]),
        ]
    }
}

impl BatchEvidence {
    /// Made before, never, purpose missing.
    pub fn samples() -> Vec<Self> {
        let page = |form, made| Self {
            frame: Frame::sample_auditor("/audit"),
            no: "2026-FJ-003".into(),
            state: "已结清".into(),
            purpose: "2026年度核心工程师奖补".into(),
            lines: 300,
            sum: Yuan::of(6_000_000_000),
            bundle: BundleForm {
                action: "/audit/batches/2026-FJ-003/bundle".into(),
                year: String::new(),
                form,
                made,
            },
        };
        vec![
            page(FormState::new("bundle"), vec![sample_made()]),
            page(FormState::new("bundle"), vec![]),
            page(wrong_purpose(), vec![]),
        ]
    }
}
