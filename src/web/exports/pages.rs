//! Exports of whoever is signed in, and the form that asks for one.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::FormState;
use crate::web::frame::Frame;
use crate::web::words::Pager;

/// An export.
#[derive(Debug, Clone, Default)]
pub struct ExportRow {
    pub no: String,
    pub list: String,
    pub conditions: String,
    pub purpose: String,
    /// Rows when it was asked for.
    pub rows: i64,
    /// Rows written.
    pub done: i64,
    pub state: String,
    pub asked_at: String,
    pub finished_at: String,
    pub kept_until: String,
    pub size: String,
    pub sha256: String,
    /// Why there is no file.
    pub message: String,
    pub may_take: bool,
}

/// A template.
#[derive(Debug, Clone, Default)]
pub struct TemplateRow {
    pub id: i64,
    pub name: String,
    pub list: String,
    pub conditions: String,
}

/// `/exports`.
#[derive(Debug, Clone, Template)]
#[template(path = "exports/list.html")]
pub struct Exports {
    pub frame: Frame,
    pub templates: Vec<TemplateRow>,
    pub rows: Vec<ExportRow>,
    pub pager: Pager,
}

/// `/exports/new`.
#[derive(Debug, Clone, Template)]
#[template(path = "exports/new.html")]
pub struct ExportNew {
    pub frame: Frame,
    pub list: String,
    pub conditions: String,
    pub rows: i64,
    /// Keys of the columns, and whether each is wanted.
    pub columns: Vec<(String, bool)>,
    /// Fields: wanted (hidden), purpose, column (often), template_name.
    pub form: FormState,
}

impl Exports {
    /// Every state, none.
    pub fn samples() -> Vec<Self> {
        let row = |no: &str, state: &str, done: i64| ExportRow {
            no: no.into(),
            list: "核心工程师".into(),
            conditions: "福州市；在册；2026 年度".into(),
            purpose: "年度核定前核对名单".into(),
            rows: 48_200,
            done,
            state: state.into(),
            asked_at: "2026-11-24 09:12".into(),
            ..ExportRow::default()
        };
        let ready = ExportRow {
            finished_at: "2026-11-24 09:13".into(),
            kept_until: "2026-12-01 09:13".into(),
            size: "3820 KB".into(),
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
            may_take: true,
            ..row("DC000007", "可下载", 48_200)
        };
        let failed = ExportRow {
            message: "角色或管理范围已变更，没有生成；请重新申请".into(),
            ..row("DC000004", "未生成", 0)
        };
        let template = TemplateRow {
            id: 1,
            name: "每月在册名单".into(),
            list: "核心工程师".into(),
            conditions: "福州市；在册；列：姓名、编号、企业".into(),
        };
        let page = |rows: Vec<ExportRow>| Self {
            frame: Frame::sample_hr("/exports"),
            templates: if rows.is_empty() { vec![] } else { vec![template.clone()] },
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            rows,
        };
        let others = [
            row("DC000006", "生成中", 21_000),
            row("DC000005", "排队中", 0),
            failed,
            row("DC000003", "已过期", 48_200),
        ];
        vec![page([ready].into_iter().chain(others).collect()), page(vec![])]
    }
}

impl ExportNew {
    /// Fresh, and without a purpose.
    pub fn samples() -> Vec<Self> {
        let page = |form: FormState| Self {
            frame: Frame::sample_hr("/exports"),
            list: "核心工程师".into(),
            conditions: "福州市；在册；2026 年度".into(),
            rows: 48_200,
            columns: [("姓名", true), ("编号", true), ("证件号码", false), ("企业", true)]
                .map(|(key, wanted)| (key.to_owned(), wanted))
                .to_vec(),
            form: form.with("wanted", "list=engineers&city=350100"),
        };
        let fresh = || FormState::new("export");
        let wrong = fresh().wrong("purpose", "请写明用途，4 至 200 个字");
        vec![page(fresh()), page(wrong)]
    }
}
