//! Tips, for the offices.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::FormState;
use crate::web::frame::Frame;

/// A tip.
#[derive(Debug, Clone, Default)]
pub struct TipRow {
    pub no: String,
    pub about: String,
    pub case_no: String,
    pub content: String,
    pub from: &'static str,
    pub named: bool,
    pub at: String,
    pub state: &'static str,
    /// What was made of it; by whom and when.
    pub end: Option<(String, String)>,
}

/// `/tips`.
#[derive(Debug, Clone, Template)]
#[template(path = "tips/list.html")]
pub struct TipList {
    pub frame: Frame,
    pub rows: Vec<TipRow>,
    pub total: u64,
    /// The page after this one.
    pub next: Option<u64>,
}

/// `/tips/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "tips/tip.html")]
pub struct TipPage {
    pub frame: Frame,
    pub row: TipRow,
    pub may_handle: bool,
    /// The form that came back, by its prefix: `end` with note, `informant` with reason.
    pub form: FormState,
    /// Name and contact, once.
    pub opened: Option<(String, String)>,
}

fn sample() -> TipRow {
    TipRow {
        no: "JB2026-00003".into(),
        about: "张*北 福州某某智能科技有限公司 C类".into(),
        case_no: "RD2026-00012".into(),
        content: "该同志 2026 年 5 月起已不在该公司工作，请核查其社保记录。".into(),
        from: "实名（身份已密封）",
        named: true,
        at: "2026-11-30 09:12".into(),
        state: "待处理",
        end: None,
    }
}

fn ended() -> TipRow {
    let note = "社保记录显示仍在岗，举报不属实。".into();
    TipRow { state: "已办结", end: Some((note, "林某，2026-12-04 10:00".into())), ..sample() }
}

impl TipList {
    /// Waiting and ended, none.
    pub fn samples() -> Vec<Self> {
        let page = |rows: Vec<TipRow>| Self {
            frame: Frame::sample_hr("/tips"),
            total: rows.len() as u64,
            next: (!rows.is_empty()).then_some(2),
            rows,
        };
        vec![page(vec![sample(), ended()]), page(vec![])]
    }
}

impl TipPage {
    /// The form with this prefix, fresh unless it came back.
    pub fn form_of(&self, prefix: &str) -> FormState {
        if self.form.prefix == prefix { self.form.clone() } else { FormState::new(prefix) }
    }

    /// Whether the form that came back is not on the page, so that what is wrong stands above.
    pub fn is_beside_forms(&self) -> bool {
        !self.may_handle || (self.form.prefix == "informant" && !self.row.named)
    }

    /// Waiting, with mistakes, opened, ended, ended meanwhile.
    pub fn samples() -> Vec<Self> {
        let page = |row: TipRow, form, opened| Self {
            frame: Frame::sample_hr("/tips"),
            may_handle: row.end.is_none(),
            row,
            form,
            opened,
        };
        let end = || FormState::new("end");
        let asked = FormState::new("informant").wrong("reason", "请写明查看举报人身份的事由");
        vec![
            page(sample(), end(), None),
            page(sample(), end().wrong("note", "请写明核实情况和去向"), None),
            page(sample(), asked, None),
            page(sample(), end(), Some(("王某某".into(), "138****0000".into()))),
            page(ended(), end(), None),
            page(ended(), end().refused("这件举报已经办结，请刷新后再看"), None),
        ]
    }
}
