//! Accounts of other people.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::Pager;

/// A line of the list.
#[derive(Debug, Clone, Default)]
pub struct AccountRow {
    pub id: i64,
    pub login: String,
    pub name: String,
    pub role: String,
    pub organisation: String,
    /// Other accounts held by the same natural person.
    pub same_person: Vec<String>,
    /// 正常, 锁定, 停用, 待授权 or 首次登录.
    pub state: String,
    pub last_seen_at: String,
    /// Whether it can be switched off or on from here.
    pub may_change: bool,
    /// Whether it has a second factor.
    pub has_factor: bool,
    /// What waits for the security administrator.
    pub waits: Vec<String>,
}

/// Something that was asked for an account.
#[derive(Debug, Clone, Default)]
pub struct RequestRow {
    pub kind: String,
    pub asked_at: String,
    /// 待授权, 已授权 or 已退回.
    pub state: String,
    pub reason: String,
}

/// `/accounts`.
#[derive(Debug, Clone, Template)]
#[template(path = "accounts/list.html")]
pub struct AccountList {
    pub frame: Frame,
    /// Fields: q.
    pub filter: FormState,
    pub rows: Vec<AccountRow>,
    pub pager: Pager,
    /// Fields: login, name, role, organisation, person_key.
    pub form: FormState,
    pub roles: Vec<Choice>,
    pub organisations: Vec<Choice>,
    /// Fields: kind, office_name, division, uscc.
    pub office_form: FormState,
    pub kinds: Vec<Choice>,
    pub divisions: Vec<Choice>,
    /// First half of an initial password, shown once after an account was made: login and half.
    pub first_half: Option<(String, String)>,
}

impl AccountList {
    /// Some, just made, a conflict of roles, only oneself.
    pub fn samples() -> Vec<Self> {
        let row =
            |id, login: &str, name: &str, role: &str, state: &str, same: &[&str]| AccountRow {
                id,
                login: login.into(),
                name: name.into(),
                role: role.into(),
                organisation: "福建省财政厅".into(),
                same_person: same.iter().map(|s| (*s).to_owned()).collect(),
                state: state.into(),
                last_seen_at: "2026-11-24 09:58".into(),
                may_change: id != 1,
                has_factor: id == 2,
                waits: if id == 4 { vec!["开设账号".into()] } else { vec![] },
            };
        let page = |rows: Vec<AccountRow>, form| Self {
            frame: Frame::sample_admin("/accounts"),
            filter: FormState::new("filter"),
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            rows,
            form,
            roles: Choice::list(&[
                ("finance-maker", "财务经办"),
                ("finance-checker", "财务复核"),
                ("finance-approver", "财务审批"),
            ]),
            organisations: Choice::list(&[("fj-finance", "福建省财政厅")]),
            office_form: FormState::new("office"),
            kinds: Choice::list(&[("finance_office", "财政部门"), ("enterprise", "企业")]),
            divisions: Choice::list(&[("350000", "福建省（省级）"), ("350100", "福州市")]),
            first_half: None,
        };
        let rows = || {
            vec![
                row(1, "wu-zhiqiang", "吴志强", "系统管理员", "正常", &[]),
                row(2, "chengd", "陈国栋", "财务复核", "正常", &["chengd-2"]),
                row(3, "huangy", "黄颖", "财务经办", "锁定", &[]),
                row(4, "hew", "何炜", "财务审批", "待授权", &[]),
                row(5, "zhaol", "赵磊", "财务经办", "停用", &[]),
            ]
        };
        let form = || FormState::new("account");
        let mut made = page(rows(), form());
        made.first_half = Some(("hew".into(), "kq7m-3xvd".into()));
        let wrong = form()
            .with("login", "chengd")
            .with("name", "陈国栋")
            .wrong("login", "账号 chengd 已被使用，请换一个")
            .wrong("role", "陈国栋已是财务复核，同一自然人不能再任财务审批");
        let mut no_office = page(rows(), form());
        no_office.office_form =
            FormState::new("office").wrong("uscc", "该企业已作为“闽江智行科技有限公司”开设过机构");
        vec![
            page(rows(), form()),
            made,
            page(rows(), wrong),
            page(rows()[..1].to_vec(), form()),
            no_office,
        ]
    }
}

/// `/accounts/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "accounts/account.html")]
pub struct AccountView {
    pub frame: Frame,
    pub account: AccountRow,
    pub staff_no: String,
    /// Fields: role, organisation.
    pub form: FormState,
    pub roles: Vec<Choice>,
    pub organisations: Vec<Choice>,
    /// The latest first.
    pub requests: Vec<RequestRow>,
    /// First half of an initial password, shown once after a reset was asked for.
    pub first_half: Option<String>,
}

impl AccountView {
    /// Somebody else's, just reset, a conflict, one's own.
    pub fn samples() -> Vec<Self> {
        let page = |state: &str, may_change, form| Self {
            frame: Frame::sample_admin("/accounts"),
            account: AccountRow {
                id: 2,
                login: "chengd".into(),
                name: "陈国栋".into(),
                role: "财务复核".into(),
                organisation: "福建省财政厅".into(),
                same_person: vec!["chengd-2".into()],
                state: state.into(),
                last_seen_at: "2026-11-24 09:58".into(),
                may_change,
                has_factor: state == "正常",
                waits: vec![],
            },
            staff_no: "FJ-0017".into(),
            form,
            roles: Choice::list(&[("finance_maker", "财务经办")]),
            organisations: Choice::list(&[("7", "福建省财政厅（财政部门）")]),
            requests: vec![RequestRow {
                kind: "启用账号".into(),
                asked_at: "2026-11-24 09:58".into(),
                state: "已退回".into(),
                reason: "任职文件尚未印发".into(),
            }],
            first_half: None,
        };
        let form = || FormState::new("duty");
        let mut reset = page("正常", true, form());
        reset.first_half = Some("kq7m-3xvd".into());
        reset.account.waits = vec!["重置密码".into()];
        let mut new = page("待授权", true, form());
        (new.requests, new.account.waits) = (vec![], vec!["开设账号".into()]);
        let wrong = form().wrong("role", "陈国栋已是财务复核，同一自然人不能再任财务审批");
        vec![
            page("正常", true, form()),
            reset,
            page("停用", true, wrong),
            page("正常", false, form()),
            new,
        ]
    }
}
