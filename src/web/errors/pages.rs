//! Pages that say what went wrong, what to do, and where to go on.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::frame::{Frame, PublicFrame};

/// Where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    pub label: String,
    pub href: String,
}

/// What happened and what to do; the words of one error page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// HTTP status.
    pub status: u16,
    /// What happened: the heading.
    pub what: String,
    /// More about it, such as who did it when, or which role is needed.
    pub detail: String,
    /// What to do now.
    pub advice: String,
    pub links: Vec<Recovery>,
}

impl Trouble {
    /// The usual words for a status; statuses without words of their own read like 500.
    pub fn of(status: u16) -> Self {
        let (what, advice) = match status {
            400 => ("请求无法识别", "请核对网址，或从工作台重新进入。"),
            403 => ("您没有权限办理这一事项", "如确需办理，请联系本单位账号管理员调整角色。"),
            404 => ("没有找到这个页面", "请核对网址或编号；也可能它不在您的管辖范围内。"),
            405 => ("这个地址不能这样访问", "请从工作台重新进入，不要直接输入网址。"),
            408 => ("网络太慢，内容没有传完", "没有保存任何更改。请检查网络后重新提交。"),
            409 => ("内容已被他人更新", "您的更改没有保存。请查看最新内容后再决定是否重新办理。"),
            413 => ("文件太大", "单个文件不能超过 20 MB。请拆分后分次上传。"),
            415 | 422 => ("提交的内容无法处理", "请返回上一页，按提示更正后重新提交。"),
            503 => ("系统繁忙，没有办成", "未保存任何更改。请稍后再试。"),
            _ => (
                "系统出错，没有办成",
                "您的数据没有改动。请稍后重试；仍不行时，请将下面的请求编号告诉系统管理员。",
            ),
        };
        let home = Recovery { label: "返回工作台".into(), href: "/".into() };
        Self {
            status,
            what: what.into(),
            detail: String::new(),
            advice: advice.into(),
            links: vec![home],
        }
    }

    /// Adds what is known about this case.
    #[must_use]
    pub fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Puts a way on before the others.
    #[must_use]
    pub fn offering(mut self, label: &str, href: &str) -> Self {
        self.links.insert(0, Recovery { label: label.into(), href: href.into() });
        self
    }

    fn samples() -> Vec<Self> {
        vec![
            Self::of(403).because("办理“复核批次”需要角色：财务复核。您当前的角色是：财务经办。"),
            Self::of(404).offering("搜索工程师", "/engineers"),
            Self::of(409)
                .because("批次 2026-FJ-003 已于 14:05 由 陈国栋 复核通过。")
                .offering("查看最新内容", "/batches/2026-FJ-003"),
            Self::of(413).offering("重新上传", "/imports/new"),
            Self::of(422),
            Self::of(500),
            Self::of(503),
        ]
    }
}

/// An error page for someone signed in.
#[derive(Debug, Clone, Template)]
#[template(path = "errors/error.html")]
pub struct ErrorPage {
    pub frame: Frame,
    pub trouble: Trouble,
}

impl ErrorPage {
    /// Every status.
    pub fn samples() -> Vec<Self> {
        let page = |trouble| Self { frame: Frame::sample_finance(""), trouble };
        Trouble::samples().into_iter().map(page).collect()
    }
}

/// An error page before sign-in.
#[derive(Debug, Clone, Template)]
#[template(path = "errors/before_sign_in.html")]
pub struct PublicErrorPage {
    pub frame: PublicFrame,
    pub trouble: Trouble,
}

impl PublicErrorPage {
    /// Every status.
    pub fn samples() -> Vec<Self> {
        let page = |trouble| Self { frame: PublicFrame::sample(), trouble };
        Trouble::samples().into_iter().map(page).collect()
    }
}
