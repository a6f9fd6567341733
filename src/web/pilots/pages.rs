//! Which enterprises recognise talent themselves.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::domain::draft::DraftForm;
use crate::web::drafts::DraftNote;
use crate::web::form::FormState;
use crate::web::frame::Frame;

/// An enterprise in the pilot.
#[derive(Debug, Clone, Default)]
pub struct PilotRow {
    pub enterprise: String,
    pub uscc: String,
    pub legal_form: String,
    pub period: String,
    /// Class, taken and places: "A类 1/3".
    pub places: Vec<String>,
    pub standard: String,
}

/// `/pilots`.
#[derive(Debug, Clone, Template)]
#[template(path = "pilots/list.html")]
pub struct PilotList {
    pub frame: Frame,
    pub rows: Vec<PilotRow>,
    /// Fields: uscc, legal_form, quota_a, quota_b, quota_c, from, through, document_no; `None`
    /// for readers who authorise nobody.
    pub grant: Option<FormState>,
    /// Fields: title, standard_no, content; `None` for readers who file none.
    pub standard: Option<FormState>,
    /// Of the standard.
    pub draft: DraftNote,
}

impl PilotList {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.grant.iter().chain(&self.standard).any(FormState::has_errors)
    }

    /// The province, an enterprise with mistakes, a reader.
    pub fn samples() -> Vec<Self> {
        let row = PilotRow {
            enterprise: "福州某某智能科技有限公司".into(),
            uscc: "91350100MA2XNQ4T3K".into(),
            legal_form: "备案".into(),
            period: "2026-01-01 至 2028-12-31".into(),
            places: vec!["A类 0/1".into(), "B类 1/3".into(), "C类 2/5".into()],
            standard: "人工智能高层次人才认定标准 Q/MJ 001-2026".into(),
        };
        let page = |rows, grant, standard| Self {
            frame: Frame::sample_hr("/pilots"),
            rows,
            grant,
            standard,
            draft: DraftNote::sample(DraftForm::Standard, ""),
        };
        let wrong = FormState::new("standard").wrong("title", "请填写标准名称");
        vec![
            page(vec![row.clone()], Some(FormState::new("grant")), None),
            page(vec![row], None, Some(wrong)),
            page(vec![], None, None),
        ]
    }
}
