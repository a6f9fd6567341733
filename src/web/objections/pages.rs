//! Objections, from outside and inside.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::FormState;
use crate::web::frame::{Frame, PublicFrame};

/// An objection as the one who raised it sees it.
#[derive(Debug, Clone, Default)]
pub struct OwnObjection {
    pub receipt: String,
    pub no: String,
    pub about: String,
    pub content: String,
    pub state: String,
    /// Empty without a limit.
    pub due_on: String,
    /// Day and act.
    pub history: Vec<(String, String)>,
    /// To what, and the text.
    pub answers: Vec<(String, String)>,
    pub may_withdraw: bool,
    pub may_request_review: bool,
    /// Field: ground.
    pub review: FormState,
}

/// `/public/objections`.
#[derive(Debug, Clone, Template)]
#[template(path = "objections/track.html")]
pub struct TrackPage {
    pub frame: PublicFrame,
    /// Field: receipt.
    pub form: FormState,
    pub found: Option<OwnObjection>,
    /// What was just done; empty for a look.
    pub message: String,
}

/// `/cases/{no}/objector`.
#[derive(Debug, Clone, Template)]
#[template(path = "objections/objector.html")]
pub struct ObjectorPage {
    pub frame: Frame,
    pub no: String,
    /// Field: reason.
    pub form: FormState,
    /// Name and contact, once.
    pub opened: Option<(String, String)>,
}

impl TrackPage {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.form.has_errors() || self.found.as_ref().is_some_and(|f| f.review.has_errors())
    }

    /// Untouched, unknown, under way, answered, with a review that lacks a reason.
    pub fn samples() -> Vec<Self> {
        let page = |form, found, message: &str| Self {
            frame: PublicFrame::sample(),
            form,
            found,
            message: message.into(),
        };
        let own = |state: &str, review: FormState| OwnObjection {
            receipt: "YY2026-00007-0A1B2C3D4E5F".into(),
            no: "YY2026-00007".into(),
            about: "GS2026-0003 第 1 项：张*北 福州某某智能科技有限公司".into(),
            content: "该同志的项目由他人主持完成，请予核查。".into(),
            state: state.into(),
            due_on: "2026-12-08".into(),
            history: vec![("2026-11-19".into(), "收到异议".into())],
            answers: vec![("认定异议不成立".into(), "经核查，项目由本人主持。".into())],
            may_withdraw: state == "已受理",
            may_request_review: state == "异议不成立",
            review,
        };
        let form = || FormState::new("receipt");
        let review = || FormState::new("review");
        let wrong = review().wrong("ground", "请写明申请复核的理由");
        vec![
            page(form(), None, ""),
            page(form().wrong("receipt", "没有这个回执号"), None, ""),
            page(form(), Some(own("已受理", review())), ""),
            page(form(), Some(own("异议不成立", review())), "异议已撤回。"),
            page(form(), Some(own("异议不成立", wrong)), ""),
        ]
    }
}

impl ObjectorPage {
    /// Asked, without a reason, opened.
    pub fn samples() -> Vec<Self> {
        let page = |form, opened| Self {
            frame: Frame::sample_hr("/cases"),
            no: "YY2026-00007".into(),
            form,
            opened,
        };
        let form = || FormState::new("objector");
        vec![
            page(form(), None),
            page(form().wrong("reason", "请写明查看提出人身份的事由"), None),
            page(form(), Some(("王某某".into(), "138****0000".into()))),
        ]
    }
}
