//! Full numbers of somebody, shown for a purpose.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::domain::reveal::RevealPurpose;
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;

/// `/engineers/{no}/numbers` and the like: which number, and what for.
#[derive(Debug, Clone, Template)]
#[template(path = "reveals/form.html")]
pub struct RevealForm {
    pub frame: Frame,
    pub name: String,
    pub no: String,
    /// Page of the person, the enterprise or the account.
    pub back: String,
    pub action: String,
    pub numbers: Vec<Choice>,
    pub purposes: Vec<Choice>,
    pub today: u64,
    pub most: u32,
    /// Fields: number, purpose, note.
    pub form: FormState,
}

impl RevealForm {
    /// Untouched, without a purpose, nothing to show.
    pub fn samples() -> Vec<Self> {
        let page = |numbers: &[(&str, &str)], form| Self {
            frame: Frame::sample_hr("/engineers"),
            name: "陈明轩".into(),
            no: "P000000017".into(),
            back: "/engineers/P000000017".into(),
            action: "/engineers/P000000017/numbers".into(),
            numbers: Choice::list(numbers),
            purposes: Choice::of::<RevealPurpose>(),
            today: 3,
            most: 30,
            form,
        };
        let form = || FormState::new("reveal");
        let numbers = &[
            ("document:1", "证件号码 居民身份证 3501**********9981"),
            ("mobile:1", "手机号码 138****0000"),
        ];
        vec![
            page(numbers, form()),
            page(numbers, form().with("number", "mobile:1").wrong("purpose", "请选择用途")),
            page(&[], form()),
        ]
    }
}

/// A number in full.
#[derive(Debug, Clone, Template)]
#[template(path = "reveals/number.html")]
pub struct RevealedPage {
    pub frame: Frame,
    pub name: String,
    pub no: String,
    pub back: String,
    pub again: String,
    pub label: &'static str,
    pub purpose: &'static str,
    pub text: String,
    pub today: u64,
    pub most: u32,
}

impl RevealedPage {
    /// A mobile number.
    pub fn samples() -> Vec<Self> {
        vec![Self {
            frame: Frame::sample_hr("/engineers"),
            name: "陈明轩".into(),
            no: "P000000017".into(),
            back: "/engineers/P000000017".into(),
            again: "/engineers/P000000017/numbers".into(),
            label: "手机号码",
            purpose: "联系本人",
            text: "13800000000".into(),
            today: 4,
            most: 30,
        }]
    }
}
