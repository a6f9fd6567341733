//! The console of the security administrator.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::domain::access::AccessRules;
use crate::domain::password::Profile;
use crate::domain::registry::Code;
use crate::web::form::FormState;
use crate::web::frame::Frame;
use crate::web::words::Pager;

/// Something that was asked for.
#[derive(Debug, Clone, Default)]
pub struct ProposalRow {
    pub id: i64,
    pub kind: String,
    pub login: String,
    pub name: String,
    pub staff_no: String,
    pub same_person: Vec<String>,
    /// Role and organisation.
    pub now: String,
    /// Role and organisation asked for; empty unless they change.
    pub wanted: String,
    /// Number, rights and last day; empty unless it is about a token.
    pub token: String,
    pub asked_by: String,
    pub asked_at: String,
    /// 待授权, 已授权 or 已退回.
    pub state: String,
    /// When it was decided, and why not.
    pub reason: String,
    /// Why the reader must not decide it; empty when they may.
    pub why_not: String,
}

/// `/authorisations`.
#[derive(Debug, Clone, Template)]
#[template(path = "authorisations/list.html")]
pub struct Proposals {
    pub frame: Frame,
    pub waiting: Vec<ProposalRow>,
    pub decided: Vec<ProposalRow>,
}

/// `/authorisations/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "authorisations/request.html")]
pub struct ProposalView {
    pub frame: Frame,
    pub row: ProposalRow,
    /// Field: reason.
    pub form: FormState,
    /// Second half of a password or token, shown once after it was authorised.
    pub told: Option<String>,
    pub is_token: bool,
}

/// Somebody who is signed in.
#[derive(Debug, Clone, Default)]
pub struct SessionRow {
    pub id: i64,
    pub login: String,
    pub name: String,
    pub role: String,
    pub organisation: String,
    pub device: String,
    pub address: String,
    pub signed_in_at: String,
    pub last_seen_at: String,
    /// The session the page was asked with.
    pub is_this: bool,
}

/// Somebody who is locked out.
#[derive(Debug, Clone, Default)]
pub struct LockRow {
    pub id: i64,
    pub login: String,
    pub name: String,
    pub organisation: String,
    pub until: String,
}

/// `/sessions`.
#[derive(Debug, Clone, Template)]
#[template(path = "authorisations/sessions.html")]
pub struct Sessions {
    pub frame: Frame,
    /// Fields: q.
    pub filter: FormState,
    pub rows: Vec<SessionRow>,
    pub pager: Pager,
    pub locked: Vec<LockRow>,
    /// The settings that guard accounts, in words.
    pub rules: Vec<(&'static str, String)>,
}

/// The settings that guard accounts, as the security administrator reads them.
pub(super) fn rules_in_words(rules: &AccessRules) -> Vec<(&'static str, String)> {
    let days = |days: u32| match days {
        0 => "不限".to_owned(),
        days => format!("{days} 天"),
    };
    let mut all = vec![
        ("两步验证", rules.second_factor.label().to_owned()),
        ("密码规则", rules.passwords.label().to_owned()),
        ("停用久未登录账号", days(rules.idle_days)),
        ("每人每日查看明文", format!("{} 次", rules.reveals_a_day)),
    ];
    if rules.passwords == Profile::Dengbao3 {
        all.insert(2, ("密码有效期", days(rules.password_days)));
    }
    all
}

fn sample(id: i64, kind: &str, state: &str) -> ProposalRow {
    ProposalRow {
        id,
        kind: kind.into(),
        login: "chengd".into(),
        name: "陈国栋".into(),
        staff_no: "FJ-0017".into(),
        same_person: vec!["chengd-2".into()],
        now: "财务经办 · 福建省财政厅".into(),
        asked_by: "吴志强（wu-zhiqiang）".into(),
        asked_at: "2026-11-24 09:42".into(),
        state: state.into(),
        ..ProposalRow::default()
    }
}

impl Proposals {
    /// Some wait, nothing yet.
    pub fn samples() -> Vec<Self> {
        let page = |waiting, decided| Self {
            frame: Frame::sample_security("/authorisations"),
            waiting,
            decided,
        };
        let mut duty = sample(2, "变更角色或机构", "待授权");
        duty.wanted = "财务复核 · 厦门市财政局".into();
        let mut refused = sample(1, "启用账号", "已退回");
        refused.reason = "2026-11-24 10:02 本人已调离".into();
        vec![page(vec![duty, sample(3, "开设账号", "待授权")], vec![refused]), page(vec![], vec![])]
    }
}

impl ProposalView {
    /// To decide, without a reason, just authorised, a token, one's own, decided.
    pub fn samples() -> Vec<Self> {
        let page = |row: ProposalRow, form| Self {
            frame: Frame::sample_security("/authorisations"),
            row,
            form,
            told: None,
            is_token: false,
        };
        let form = || FormState::new("refusal");
        let mut duty = sample(2, "变更角色或机构", "待授权");
        duty.wanted = "财务复核 · 厦门市财政局".into();
        let mut token = sample(4, "签发接口令牌", "待授权");
        token.token = "AT000001：读取，有效至 2026-12-31".into();
        let mut own = sample(5, "重置密码", "待授权");
        own.why_not = "不能授权自己的账号事项，请由另一位安全管理员办理".into();
        let mut refused = sample(1, "启用账号", "已退回");
        refused.reason = "2026-11-24 10:02 本人已调离".into();
        let wrong = form().wrong("reason", "请写明退回原因，4 至 200 个字");
        let mut told = page(sample(3, "开设账号", "已授权"), form());
        told.told = Some("p9tw-h2ra".into());
        let mut secret = page(sample(4, "签发接口令牌", "已授权"), form());
        (secret.told, secret.is_token) = (Some("0123456789abcdef".repeat(2)), true);
        vec![
            page(duty, form()),
            page(sample(3, "开设账号", "待授权"), wrong),
            told,
            page(token, form()),
            secret,
            page(own, form()),
            page(refused, form()),
        ]
    }
}

impl Sessions {
    /// Some, with somebody locked out; only oneself.
    pub fn samples() -> Vec<Self> {
        let row = |id, login: &str, name: &str, is_this| SessionRow {
            id,
            login: login.into(),
            name: name.into(),
            role: "财务经办".into(),
            organisation: "福建省财政厅".into(),
            device: "Windows · Chromium 86".into(),
            address: "10.21.4.17".into(),
            signed_in_at: "2026-11-24 08:31".into(),
            last_seen_at: "2026-11-24 10:02".into(),
            is_this,
        };
        let page = |rows: Vec<SessionRow>, locked| Self {
            frame: Frame::sample_security("/sessions"),
            filter: FormState::new("filter"),
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            rows,
            locked,
            rules: rules_in_words(&AccessRules::STRICT),
        };
        let own = || row(1, "qian-an", "钱安", true);
        let locked = LockRow {
            id: 9,
            login: "huangy".into(),
            name: "黄颖".into(),
            organisation: "福建省财政厅".into(),
            until: "2026-11-24 10:17".into(),
        };
        vec![
            page(vec![own(), row(2, "chengd", "陈国栋", false)], vec![locked]),
            page(vec![own()], vec![]),
        ]
    }
}
