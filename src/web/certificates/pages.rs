//! Certificates.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::file::qr::{self, Drawing};
use crate::web::form::FormState;
use crate::web::frame::{Frame, OwnFrame, PublicFrame};

/// What is printed.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    pub no: String,
    pub name: String,
    /// Masked.
    pub document: String,
    pub class: String,
    pub from: String,
    pub through: String,
    pub enterprise: String,
    /// Whether the enterprise recommended and the office decided.
    pub recommended: bool,
    /// Where it went since then; empty when it did not.
    pub employer: String,
    pub decision_no: String,
    pub valid: bool,
    pub mark: String,
    /// `None` while the address of the public site is not set.
    pub qr: Option<Drawing>,
}

/// `/recognitions/{no}/certificate`.
#[derive(Debug, Clone, Template)]
#[template(path = "certificates/certificate.html")]
pub struct CertificatePage {
    pub frame: Frame,
    pub person_no: String,
    pub sheet: Sheet,
}

/// `/me/recognitions/{no}/certificate`.
#[derive(Debug, Clone, Template)]
#[template(path = "certificates/own.html")]
pub struct OwnCertificate {
    pub frame: OwnFrame,
    pub sheet: Sheet,
}

/// What the check said.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Nothing was asked yet.
    None,
    /// It holds: name and text of what may be seen.
    Valid(Vec<(&'static str, String)>),
    /// It does not, whatever the reason.
    Invalid,
}

/// `/public/verify`.
#[derive(Debug, Clone, Template)]
#[template(path = "certificates/verify.html")]
pub struct VerifyPage {
    pub frame: PublicFrame,
    /// Fields: no, name, code; class, from, through unseen.
    pub form: FormState,
    pub outcome: Outcome,
}

fn sample() -> Sheet {
    Sheet {
        no: "FJ-AI-2026000123-K".into(),
        name: "张小北".into(),
        document: "3501**********123X".into(),
        class: "B类".into(),
        from: "2026年11月11日".into(),
        through: "2031年11月10日".into(),
        enterprise: "福州某某智能科技有限公司".into(),
        recommended: false,
        employer: "厦门某某智能科技有限公司".into(),
        decision_no: "闽人社认〔2026〕5号".into(),
        valid: true,
        mark: "0A1B-2C3D-4E5F-6071-8293".into(),
        qr: qr::draw("https://juncai.test/public/verify?no=FJ-AI-2026000123-K"),
    }
}

impl CertificatePage {
    /// One that holds, one that does not and has no QR code, one that was recommended.
    pub fn samples() -> Vec<Self> {
        let page = |sheet| Self {
            frame: Frame::sample_hr("/engineers"),
            person_no: "E000011".into(),
            sheet,
        };
        let void = Sheet { valid: false, qr: None, ..sample() };
        vec![page(sample()), page(void), page(Sheet { recommended: true, ..sample() })]
    }
}

impl OwnCertificate {
    /// One that holds.
    pub fn samples() -> Vec<Self> {
        vec![Self { frame: OwnFrame::sample(), sheet: sample() }]
    }
}

impl VerifyPage {
    /// Untouched, valid, not valid, mistyped.
    pub fn samples() -> Vec<Self> {
        let form = || FormState::new("verify").with("no", "FJ-AI-2026000123-K");
        let page = |form, outcome| Self { frame: PublicFrame::sample(), form, outcome };
        let facts = vec![("证书编号", "FJ-AI-2026000123-K".into()), ("姓名", "张*北".into())];
        vec![
            page(FormState::new("verify"), Outcome::None),
            page(form(), Outcome::Valid(facts)),
            page(form(), Outcome::Invalid),
            page(form().wrong("name", "请填写证书上的姓名"), Outcome::None),
        ]
    }
}
