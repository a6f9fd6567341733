//! Roster entries that await confirmation.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::Pager;

/// An entry as the enterprise declared it.
#[derive(Debug, Clone, Default)]
pub struct Declaration {
    /// Number of the engineer.
    pub no: String,
    pub name: String,
    pub document: String,
    pub enterprise: String,
    pub enterprise_uscc: String,
    pub post: String,
    pub starts_on: String,
    pub declared_at: String,
    pub declared_by: String,
    /// Remarks of the automatic checks; empty when all passed.
    pub remarks: Vec<String>,
    /// A check forbids it to be entered on the roster.
    pub blocked: bool,
    /// Number of its file, and where that stands.
    pub case_no: String,
    pub state: String,
}

/// `/roster/declarations`.
#[derive(Debug, Clone, Template)]
#[template(path = "roster/declarations.html")]
pub struct RosterDeclarations {
    pub frame: Frame,
    pub rows: Vec<Declaration>,
    pub pager: Pager,
}

impl RosterDeclarations {
    /// Waiting, and cleared.
    pub fn samples() -> Vec<Self> {
        let row = |id, name: &str, remarks: &[&str], blocked| Declaration {
            no: format!("P{id:06}"),
            name: name.into(),
            document: "身份证 3501**********1234".into(),
            enterprise: "福州某某智能科技有限公司".into(),
            enterprise_uscc: "91350100MA2XNQ4T3K".into(),
            post: "算法研发".into(),
            starts_on: "2026-11-01".into(),
            declared_at: "2026-11-18 09:12".into(),
            declared_by: "陈经办".into(),
            remarks: remarks.iter().map(|r| (*r).to_owned()).collect(),
            blocked,
            case_no: format!("MC2026-{id:06}"),
            state: "县区审核中".into(),
        };
        let other = "该证件已在其他企业名册中（2026-03-01 起），请先由原企业办理离职";
        let rows = vec![
            row(11, "张小北", &[], false),
            row(12, "欧阳明月", &["任职于 2027-03-31 结束，名册未注明末日"], false),
            Declaration {
                case_no: String::new(),
                state: String::new(),
                ..row(13, "李思源", &[other], true)
            },
        ];
        let page = |rows: Vec<Declaration>| Self {
            frame: Frame::sample_hr("/roster/declarations"),
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            rows,
        };
        vec![page(rows), page(vec![])]
    }
}

/// How a field of [`FormPage`] is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Line,
    Day,
    Words,
    Pick(Vec<Choice>),
    /// Sent along, not shown.
    Hidden,
}

/// A field of [`FormPage`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub required: bool,
    pub kind: Kind,
}

impl Field {
    /// A field that must be filled in.
    pub const fn new(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Self { name, label, hint: "", required: true, kind }
    }

    /// The same field with a hint.
    #[must_use]
    pub fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// The same field, which may stay empty.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }
}

/// One form on a page of its own: asked for by address, or shown again with what to correct.
#[derive(Debug, Clone, Template)]
#[template(path = "roster/form.html")]
pub struct FormPage {
    pub frame: Frame,
    pub title: &'static str,
    /// Whom it is about.
    pub about: String,
    /// Heading and address of the page to go back to.
    pub back_label: String,
    pub back: String,
    /// Where the form is sent.
    pub action: String,
    /// What happens when it is sent.
    pub note: &'static str,
    pub submit: &'static str,
    pub fields: Vec<Field>,
    pub form: FormState,
}

impl FormPage {
    /// A fresh form, and one with something of every kind to correct.
    pub fn samples() -> Vec<Self> {
        let reasons = Kind::Pick(Choice::list(&[("resigned", "本人辞职"), ("other", "其他")]));
        let page = |form| Self {
            frame: Frame::sample_hr("/engineers"),
            title: "办理离职",
            about: "张小北（P000011）".into(),
            back_label: "张小北".into(),
            back: "/engineers/P000011".into(),
            action: "/engineers/P000011/departures".into(),
            note: "最后在职日当天仍计入。",
            submit: "办理离职",
            fields: vec![
                Field::new("last_day", "最后在职日", Kind::Day),
                Field::new("reason", "离职原因", reasons.clone()),
                Field::new("note", "说明", Kind::Words).optional(),
                Field::new("document_no", "证明文件编号", Kind::Line)
                    .hint("解除劳动合同证明的编号"),
                Field::new("fact", "", Kind::Hidden),
            ],
            form,
        };
        let typed = FormState::new("departure").with("reason", "resigned").with("note", "已办交接");
        let wrong = typed
            .wrong("last_day", "请填写最后在职日")
            .wrong("document_no", "请填写依据文件编号")
            .refused("该人员在2026-06-30不在职，请核对最后在职日");
        vec![page(FormState::new("departure")), page(wrong)]
    }
}
