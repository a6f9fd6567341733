//! The next employer takes a suspended recognition over.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use crate::domain::authority::{Act, Role};
use crate::service::case::{self, NewTransfer};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::FormState;
use crate::web::frame::Frame;
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

/// `/recognitions/transfers/new`.
#[derive(Debug, Clone, Template)]
#[template(path = "cases/transfer.html")]
pub struct TransferNew {
    pub frame: Frame,
    /// Fields: person_no, certificate_no, employer_confirmation.
    pub form: FormState,
}

impl TransferNew {
    /// Empty, and with something to correct.
    pub fn samples() -> Vec<Self> {
        let frame = Frame::sample_hr("/cases");
        let form = FormState::new("transfer").with("person_no", "E000011");
        let wrong = form.clone().wrong("certificate_no", "该人员没有这个编号的已暂停认定");
        vec![Self { frame: frame.clone(), form }, Self { frame, form: wrong }]
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct About {
    person: String,
}

/// `GET /recognitions/transfers/new?person=E000001`.
pub(super) async fn ask(
    State(site): State<Site>,
    who: SignedIn,
    Query(about): Query<About>,
) -> Answer {
    if who.actor.role != Role::EnterpriseSignatory {
        return Err(crate::service::Error::Forbidden(Act::WorkCases).into());
    }
    let form = FormState::new("transfer").with("person_no", about.person);
    let frame = who.frame(&site, super::HERE).await?;
    Ok(Page::ok(TransferNew { frame, form }).into_response())
}

/// `POST /recognitions/transfers`. Fields: person_no, certificate_no, employer_confirmation.
pub(super) async fn confirm(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let new = NewTransfer {
        person_no: filed.text("person_no").to_owned(),
        certificate_no: filed.text("certificate_no").to_owned(),
        confirmation: filed.text("employer_confirmation").to_owned(),
    };
    match case::confirm_transfer(&site.app, &who.actor, &new).await {
        Ok(()) => Ok(done(super::HERE, "已确认转入，省级人社部门恢复认定后，办件转到本企业")),
        Err(error) => {
            let form = back_to_form(filed.state("transfer"), error)?;
            let frame = who.frame(&site, super::HERE).await?;
            Ok(Page::retry(TransferNew { frame, form }).into_response())
        }
    }
}
