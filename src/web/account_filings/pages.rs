//! Accounts that one person put down and another looks at.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::enterprises::account_pages::{AccountView, FilingRow};
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::Pager;

/// A filing with whose account it is.
#[derive(Debug, Clone, Default)]
pub struct OwnedRow {
    /// 个人 or 单位.
    pub kind: &'static str,
    pub name: String,
    pub owner_no: String,
    pub owner_href: String,
    /// The account in force today.
    pub now: Option<AccountView>,
    pub filing: FilingRow,
    pub imported: bool,
    pub is_own: bool,
}

/// `/account-filings`.
#[derive(Debug, Clone, Template)]
#[template(path = "account_filings/list.html")]
pub struct FilingList {
    pub frame: Frame,
    pub rows: Vec<OwnedRow>,
    /// Field: state.
    pub filter: FormState,
    pub states: Vec<Choice>,
    pub is_decided: bool,
    /// Whether the reader may confirm any of these.
    pub may_confirm: bool,
    pub pager: Pager,
}

/// `/account-filings/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "account_filings/filing.html")]
pub struct FilingView {
    pub frame: Frame,
    pub row: OwnedRow,
    /// Whether the full number can be shown to the reader.
    pub may_reveal: bool,
    /// Fields: verdict, note. `None` when the reader decides nothing.
    pub form: Option<FormState>,
}

fn account(last4: &str) -> AccountView {
    AccountView {
        account_name: "陈明轩".into(),
        last4: last4.into(),
        bank: "兴业银行福州五一支行".into(),
        cnaps: "309391000011".into(),
        from: "2026-11-24".into(),
    }
}

fn row(no: &str, state: &'static str) -> OwnedRow {
    let waits = state == "待确认";
    OwnedRow {
        kind: "个人",
        name: "陈明轩".into(),
        owner_no: "P000000017".into(),
        owner_href: "/engineers/P000000017".into(),
        now: Some(account("6217")),
        filing: FilingRow {
            no: no.into(),
            account: account("9012"),
            document_no: String::new(),
            reason: "原账户已销户".into(),
            state,
            filed: "2026-11-24 09:12 黄颖".into(),
            decided: if waits { String::new() } else { "2026-11-24 10:00 何炜".into() },
            note: String::new(),
            may_confirm: waits,
        },
        imported: false,
        is_own: false,
    }
}

impl FilingList {
    /// Some that wait, one's own among them; decided ones; none.
    pub fn samples() -> Vec<Self> {
        let page = |rows: Vec<OwnedRow>, is_decided| Self {
            frame: Frame::sample_hr("/account-filings"),
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            filter: FormState::new("filter").with("state", if is_decided { "decided" } else { "" }),
            states: Choice::list(&[("decided", "已办结")]),
            is_decided,
            may_confirm: rows.iter().any(|row| row.filing.may_confirm),
            rows,
        };
        let mut own = row("DZ000002", "待确认");
        (own.is_own, own.filing.may_confirm, own.imported, own.now) = (true, false, true, None);
        let back = || {
            let mut back = row("DZ000001", "已退回");
            back.filing.note = "账号尾号与银行证明不符".into();
            back
        };
        vec![
            page(vec![row("DZ000003", "待确认"), own], false),
            page(vec![back()], true),
            page(vec![], false),
        ]
    }
}

impl FilingView {
    /// One to decide, one's own, sent back without a reason, decided.
    pub fn samples() -> Vec<Self> {
        let page = |row: OwnedRow, form| Self {
            frame: Frame::sample_hr("/account-filings"),
            may_reveal: !row.is_own,
            row,
            form,
        };
        let form = || FormState::new("DZ000003");
        let mut own = row("DZ000003", "待确认");
        (own.is_own, own.filing.may_confirm) = (true, false);
        vec![
            page(row("DZ000003", "待确认"), Some(form())),
            page(own, Some(form())),
            page(row("DZ000003", "待确认"), Some(form().wrong("note", "请填写退回原因"))),
            page(row("DZ000001", "已确认"), None),
        ]
    }
}
