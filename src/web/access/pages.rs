//! Pages around signing in.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::domain::password::Profile;
use crate::file::qr::{self, Drawing};
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
    /// What a password must be.
    pub hint: String,
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
            hint: Profile::Asvs.hint().into(),
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
    /// What a password must be.
    pub hint: String,
    /// Fields: current, password, password_again.
    pub form: FormState,
}

impl ChangePassword {
    /// Forced at first sign-in, wrong, done.
    pub fn samples() -> Vec<Self> {
        let page = |forced: Option<&str>, form| Self {
            frame: Frame::sample_hr(""),
            forced: forced.map(str::to_owned),
            hint: Profile::Dengbao3.hint().into(),
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
    /// Since when there is a second factor.
    pub factor: Option<String>,
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
            factor: None,
            sessions,
            mail: FormState::new("mail").with("rhythm", "daily"),
            rhythms: Choice::list(&[("none", "不发邮件"), ("daily", "每天汇总一封")]),
            mail_is_on: true,
        };
        let wrong = FormState::new("mail").with("rhythm", "each");
        let here = || row("Windows · Chromium 86", "10.21.4.17", true);
        vec![
            page(vec![here()]),
            Self {
                factor: Some("2026-11-24".into()),
                ..page(vec![here(), row("统信 UOS · 360 安全浏览器", "10.21.9.203", false)])
            },
            Self {
                mail: wrong.wrong("address", "请填写一个邮箱地址，如 name@example.gov.cn"),
                mail_is_on: false,
                ..page(vec![here()])
            },
        ]
    }
}

/// `/sign-in/code`: the second page of signing in.
#[derive(Debug, Clone, Template)]
#[template(path = "access/sign_in_code.html")]
pub struct SignInCode {
    pub frame: PublicFrame,
    /// Fields: code, next (local path to go to afterwards).
    pub form: FormState,
}

impl SignInCode {
    /// Untouched, wrong.
    pub fn samples() -> Vec<Self> {
        let page = |form| Self { frame: PublicFrame::sample(), form };
        let form = || FormState::new("code").with("next", "/");
        let wrong = "验证码不正确或已用过。请等待下一个 6 位验证码（每 30 秒更换）后再输入。";
        vec![page(form()), page(form().refused(wrong))]
    }
}

/// Asks somebody signed in to confirm that it is they who sit there, and carries their form along.
#[derive(Debug, Clone, Template)]
#[template(path = "access/step_up.html")]
pub struct StepUp {
    pub frame: Frame,
    /// Where the form goes.
    pub action: String,
    /// Its fields.
    pub carried: Vec<(String, String)>,
    /// Whether a code is asked for, else the password.
    pub by_code: bool,
    /// Fields: step_up_code or step_up_password.
    pub form: FormState,
}

impl StepUp {
    /// By code, by password, wrong.
    pub fn samples() -> Vec<Self> {
        let page = |by_code, form| Self {
            frame: Frame::sample_finance(""),
            action: "/batches/2026-FJ-003/approve".into(),
            carried: vec![
                ("version".into(), "4".into()),
                ("idempotency_key".into(), "00".repeat(16)),
            ],
            by_code,
            form,
        };
        let form = || FormState::new("step-up");
        let wrong = form().wrong("step_up_code", "验证码不正确或已用过");
        vec![page(true, form()), page(false, form()), page(true, wrong)]
    }
}

/// `/account/second-factor`: one's own second factor.
#[derive(Debug, Clone, Template)]
#[template(path = "access/second_factor.html")]
pub struct Security {
    pub frame: Frame,
    /// Since when there is one, and how many recovery codes are left.
    pub enrolled: Option<(String, u64)>,
    /// Whether the installation asks the role for one.
    pub must: bool,
    /// A fresh secret: QR code, text, and what the form sends back.
    pub offer: Option<(Drawing, String, String)>,
    /// Fields: code.
    pub form: FormState,
}

impl Security {
    /// To enrol, wrong, enrolled, to replace.
    pub fn samples() -> Vec<Self> {
        let qr = || qr::draw("otpauth://totp/Juncai:linxl?secret=JBSWY3DP").unwrap_or_default();
        let offer = || Some((qr(), "JBSW Y3DP EHPK 3PXP".to_owned(), "00ff".to_owned()));
        let page = |enrolled: Option<u64>, must, offer, form| Self {
            frame: Frame::sample_hr(""),
            enrolled: enrolled.map(|left| ("2026-11-24".to_owned(), left)),
            must,
            offer,
            form,
        };
        let form = || FormState::new("enrol");
        let wrong = form().wrong("code", "验证码不正确或已用过");
        vec![
            page(None, true, offer(), form()),
            page(None, false, offer(), wrong),
            page(Some(9), true, None, form()),
            page(Some(2), false, None, form()),
            page(Some(9), true, offer(), form()),
        ]
    }
}

/// Recovery codes, shown once.
#[derive(Debug, Clone, Template)]
#[template(path = "access/recovery_codes.html")]
pub struct RecoveryCodes {
    pub frame: Frame,
    pub codes: Vec<String>,
}

impl RecoveryCodes {
    /// Ten.
    pub fn samples() -> Vec<Self> {
        let codes = (0..10).map(|n| format!("ABCDE-FGH{}2", char::from(b'J' + n))).collect();
        vec![Self { frame: Frame::sample_hr(""), codes }]
    }
}
