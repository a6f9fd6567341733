//! Changes of facts that one person asked for and another looks at.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::Pager;

/// A change that was asked for.
#[derive(Debug, Clone, Default)]
pub struct ChangeRow {
    pub no: String,
    /// 更正名册期间, say.
    pub what: String,
    /// 个人 or 单位.
    pub kind: &'static str,
    pub name: String,
    pub owner_no: String,
    pub owner_href: String,
    /// The period that held when it was asked for; may be empty.
    pub held: String,
    /// What is to hold then.
    pub wanted: String,
    pub reason: String,
    pub document_no: String,
    pub state: &'static str,
    /// When and by whom.
    pub asked: String,
    pub decided: Option<String>,
    pub note: String,
    pub may_decide: bool,
    pub is_own: bool,
}

/// `/change-requests`.
#[derive(Debug, Clone, Template)]
#[template(path = "change_requests/list.html")]
pub struct RequestList {
    pub frame: Frame,
    pub rows: Vec<ChangeRow>,
    /// Field: state.
    pub filter: FormState,
    pub states: Vec<Choice>,
    pub is_decided: bool,
    pub pager: Pager,
}

/// `/change-requests/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "change_requests/request.html")]
pub struct RequestView {
    pub frame: Frame,
    pub row: ChangeRow,
    /// Fields: verdict, note. `None` when the reader decides nothing.
    pub form: Option<FormState>,
}

fn row(no: &str, state: &'static str) -> ChangeRow {
    let waits = state == "待确认";
    ChangeRow {
        no: no.into(),
        what: "更正名册期间".into(),
        kind: "个人",
        name: "陈明轩".into(),
        owner_no: "P000000017".into(),
        owner_href: "/engineers/P000000017".into(),
        held: "2026-01-01起".into(),
        wanted: "2026-02-01起".into(),
        reason: "劳动合同首日登记有误".into(),
        document_no: "闽人社更〔2026〕7号".into(),
        state,
        asked: "2026-11-24 09:12 黄颖".into(),
        decided: (!waits).then(|| "2026-11-24 10:00 何炜".into()),
        note: String::new(),
        may_decide: waits,
        is_own: false,
    }
}

impl RequestList {
    /// Some that wait, one's own among them; decided ones; none.
    pub fn samples() -> Vec<Self> {
        let page = |rows: Vec<ChangeRow>, is_decided| Self {
            frame: Frame::sample_hr("/change-requests"),
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            filter: FormState::new("filter").with("state", if is_decided { "decided" } else { "" }),
            states: Choice::list(&[("decided", "已办结")]),
            is_decided,
            rows,
        };
        let own = ChangeRow { is_own: true, may_decide: false, ..row("BG000002", "待确认") };
        let delist = ChangeRow {
            what: "移出清单".into(),
            kind: "单位",
            name: "福建示例智能科技有限公司".into(),
            owner_no: "91350100MA00000001".into(),
            owner_href: "/enterprises/91350100MA00000001".into(),
            wanted: "最后有效日 2026-06-30".into(),
            ..row("BG000003", "待确认")
        };
        let note = "合同首日与社保起缴月不符".into();
        let back = ChangeRow { note, ..row("BG000001", "已退回") };
        let rows = vec![row("BG000004", "待确认"), own, delist];
        vec![page(rows, false), page(vec![back], true), page(vec![], false)]
    }
}

impl RequestView {
    /// One to decide, one's own, sent back without a reason, decided.
    pub fn samples() -> Vec<Self> {
        let page = |row, form| Self { frame: Frame::sample_hr("/change-requests"), row, form };
        let form = || FormState::new("BG000004");
        let own = ChangeRow { is_own: true, may_decide: false, ..row("BG000004", "待确认") };
        vec![
            page(row("BG000004", "待确认"), Some(form())),
            page(own, Some(form())),
            page(row("BG000004", "待确认"), Some(form().wrong("note", "请填写退回原因"))),
            page(row("BG000001", "已确认"), None),
        ]
    }
}
