//! Pages around signing in.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::{Flash, Frame, PublicFrame};

/// `/sign-in`. The same words for an unknown account and a wrong password.
#[derive(Debug, Clone, Template)]
#[template(path = "access/sign_in.html")]
pub struct SignIn {
    pub frame: PublicFrame,
    /// Fields: login, password, next (local path to go to afterwards).
    pub form: FormState,
}

impl SignIn {
    /// Untouched, refused, locked.
    pub fn samples() -> Vec<Self> {
        let page = |form| Self { frame: PublicFrame::sample(), form };
        let typed = || FormState::new("sign-in").with("login", "linxl");
        let mut signed_out = page(FormState::new("sign-in"));
        signed_out.frame.flash = Some(Flash { kind: "good", text: "您已安全退出。".into() });
        signed_out.frame.ribbon = Some(crate::web::frame::Ribbon::test("2027-03-05"));
        vec![
            page(FormState::new("sign-in")),
            page(typed().refused("账号或密码不正确，请核对后重新输入。")),
            page(typed().refused("连续输错次数过多，该账号已锁定至 15:10。可联系安全管理员解锁。")),
            signed_out,
        ]
    }
}

/// `/setup/{token}`: makes one of the three administrators, once.
#[derive(Debug, Clone, Template)]
#[template(path = "access/setup.html")]
pub struct Setup {
    pub frame: PublicFrame,
    /// Which of the three.
    pub role: String,
    /// One-time token of the address.
    pub token: String,
    /// Fields: login, name, person_key, password, password_again.
    pub form: FormState,
}

impl Setup {
    /// Untouched and with mistakes.
    pub fn samples() -> Vec<Self> {
        let page = |form| Self {
            frame: PublicFrame::sample(),
            role: "安全管理员".into(),
            token: "one-time".into(),
            form,
        };
        vec![
            page(FormState::new("setup")),
            page(
                FormState::new("setup")
                    .with("login", "管理员")
                    .with("name", "吴志强")
                    .wrong("login", "账号只能用小写字母、数字和连字符，例如 wu-zhiqiang")
                    .wrong("password", "密码至少 12 个字符，现在是 8 个"),
            ),
        ]
    }
}

/// `/password`.
#[derive(Debug, Clone, Template)]
#[template(path = "access/password.html")]
pub struct ChangePassword {
    pub frame: Frame,
    /// Why it has to be changed now, when it must.
    pub forced: Option<String>,
    /// Fields: current, password, password_again.
    pub form: FormState,
}

impl ChangePassword {
    /// Forced at first sign-in, wrong, done.
    pub fn samples() -> Vec<Self> {
        let page = |forced: Option<&str>, form| Self {
            frame: Frame::sample_hr(""),
            forced: forced.map(str::to_owned),
            form,
        };
        let wrong = FormState::new("password").wrong("current", "当前密码不正确，请重新输入");
        vec![
            page(
                Some("这是初始密码，设置您自己的密码后才能办理业务。"),
                FormState::new("password"),
            ),
            page(None, wrong.wrong("password_again", "两次输入的新密码不一致")),
        ]
    }
}

/// One of one's own sessions.
#[derive(Debug, Clone)]
pub struct SessionRow {
    pub id: i64,
    pub device: String,
    pub address: String,
    pub signed_in_at: String,
    pub last_seen_at: String,
    /// The session the page was asked with.
    pub is_this: bool,
}

/// `/account`: who I am and where I am signed in.
#[derive(Debug, Clone, Template)]
#[template(path = "access/account.html")]
pub struct Account {
    pub frame: Frame,
    pub login: String,
    pub roles: Vec<String>,
    pub password_changed_on: String,
    pub sessions: Vec<SessionRow>,
    /// Fields: rhythm, address.
    pub mail: FormState,
    pub rhythms: Vec<Choice>,
    /// Whether the installation sends mail.
    pub mail_is_on: bool,
}

impl Account {
    /// One session and several.
    pub fn samples() -> Vec<Self> {
        let row = |device: &str, address: &str, is_this| SessionRow {
            id: i64::from(is_this) + 1,
            device: device.into(),
            address: address.into(),
            signed_in_at: "2026-11-24 08:31".into(),
            last_seen_at: "2026-11-24 10:02".into(),
            is_this,
        };
        let page = |sessions| Self {
            frame: Frame::sample_hr(""),
            login: "linxl".into(),
            roles: vec!["人社经办 · 福建省人力资源和社会保障厅".into()],
            password_changed_on: "2026-09-01".into(),
            sessions,
            mail: FormState::new("mail").with("rhythm", "daily"),
            rhythms: Choice::list(&[("none", "不发邮件"), ("daily", "每天汇总一封")]),
            mail_is_on: true,
        };
        let wrong = FormState::new("mail").with("rhythm", "each");
        let here = || row("Windows · Chromium 86", "10.21.4.17", true);
        vec![
            page(vec![here()]),
            page(vec![here(), row("统信 UOS · 360 安全浏览器", "10.21.9.203", false)]),
            Self {
                mail: wrong.wrong("address", "请填写一个邮箱地址，如 name@example.gov.cn"),
                mail_is_on: false,
                ..page(vec![here()])
            },
        ]
    }
}
