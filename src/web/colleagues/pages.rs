//! The accounts of one's own enterprise.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;

/// An account.
#[derive(Debug, Clone, Default)]
pub struct ColleagueRow {
    pub id: i64,
    pub login: String,
    pub name: String,
    pub role: String,
    /// 正常, 锁定, 停用 or 首次登录.
    pub state: String,
    pub last_seen_at: String,
    pub open_cases: i64,
    pub open_imports: i64,
    /// Who can go on with the work.
    pub successors: Vec<Choice>,
    pub may_change: bool,
}

/// `/colleagues`.
#[derive(Debug, Clone, Template)]
#[template(path = "colleagues/list.html")]
pub struct ColleagueList {
    pub frame: Frame,
    pub rows: Vec<ColleagueRow>,
    /// Fields: login, name, role, person_key.
    pub form: FormState,
    /// What is wrong with a handover.
    pub handover: FormState,
    pub roles: Vec<Choice>,
    /// One-time initial password: login and password.
    pub first_password: Option<(String, String)>,
}

impl ColleagueList {
    /// Some, just invited, mistakes, only oneself.
    pub fn samples() -> Vec<Self> {
        let row = |id, login: &str, name: &str, state: &str| ColleagueRow {
            id,
            login: login.into(),
            name: name.into(),
            role: "企业经办".into(),
            state: state.into(),
            last_seen_at: "2026-11-24 09:58".into(),
            open_cases: 2,
            open_imports: 1,
            successors: Choice::list(&[("9", "lin（林晓）")]),
            may_change: id != 1,
        };
        let page = |rows: Vec<ColleagueRow>| Self {
            frame: Frame::sample_hr("/colleagues"),
            rows,
            form: FormState::new("invite"),
            handover: FormState::new("handover"),
            roles: Choice::list(&[("enterprise_clerk", "企业经办")]),
            first_password: None,
        };
        let rows = || vec![row(1, "he", "何立新", "正常"), row(2, "du", "杜海峰", "正常")];
        let mut made = page(rows());
        made.first_password = Some(("du".into(), "kq7m-3xvd-p9tw-h2ra".into()));
        let mut wrong = page(vec![row(2, "du", "杜海峰", "停用")]);
        wrong.form = FormState::new("invite").wrong("login", "账号 du 已被使用，请换一个");
        wrong.handover = FormState::new("handover").refused("这是本企业最后一位授权签字人");
        vec![page(rows()), made, wrong, page(rows()[..1].to_vec())]
    }
}
