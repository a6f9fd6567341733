//! What whoever objected sees and does, and the sealed identity.

use axum::extract::{Path, State};
use axum::response::IntoResponse;

use super::pages::{ObjectorPage, OwnObjection, TrackPage};
use crate::service::Error;
use crate::service::objection;
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::FormState;
use crate::web::page::Page;
use crate::web::send::Filed;
use crate::web::session::{Guest, SignedIn};
use crate::web::site::Site;
use crate::web::step_up::Confirmed;

pub(super) async fn ask(State(site): State<Site>, guest: Guest) -> Answer {
    let form = FormState::new("receipt");
    let page = |frame| Page::ok(TrackPage { frame, form, found: None, message: String::new() });
    Ok(guest.answer(&site, page)?)
}

/// `POST /public/objections`. Field: receipt.
pub(super) async fn show(State(site): State<Site>, guest: Guest, filed: Filed) -> Answer {
    let found = objection::by_receipt(&site.app, &guest.address, filed.text("receipt")).await;
    told(&site, &guest, &filed, found, "").await
}

/// `POST /public/objections/withdrawals`. Field: receipt.
pub(super) async fn withdraw(State(site): State<Site>, guest: Guest, filed: Filed) -> Answer {
    let done = objection::withdraw(&site.app, &guest.address, filed.text("receipt")).await;
    told(&site, &guest, &filed, done, "异议已撤回。").await
}

/// `POST /public/objections/reviews`. Fields: receipt, ground.
pub(super) async fn review(State(site): State<Site>, guest: Guest, filed: Filed) -> Answer {
    let (receipt, ground) = (filed.text("receipt"), filed.text("ground"));
    let done = objection::request_review(&site.app, &guest.address, receipt, ground).await;
    told(&site, &guest, &filed, done, "复核申请已收到，省级将在 20 个工作日内答复。").await
}

/// The objection as it stands now, with what has to be corrected in the form that was sent.
async fn told(
    site: &Site,
    guest: &Guest,
    filed: &Filed,
    outcome: Result<objection::OwnObjection, Error>,
    message: &str,
) -> Answer {
    let receipt = filed.text("receipt");
    match outcome {
        Ok(found) => {
            let found = Some(own(found, receipt, FormState::new("review")));
            let (form, message) = (FormState::new("receipt"), message.to_owned());
            let page = |frame| Page::ok(TrackPage { frame, form, found, message });
            Ok(guest.answer(site, page)?)
        }
        Err(error) => {
            let of_receipt =
                matches!(&error, Error::Invalid(f) if f.iter().any(|(name, _)| name == "receipt"));
            let form = back_to_form(filed.state("receipt"), error)?;
            let known = match of_receipt || filed.text("receipt").is_empty() {
                true => None,
                false => objection::by_receipt(&site.app, &guest.address, receipt).await.ok(),
            };
            let (form, found) = match known {
                None => (form, None),
                Some(found) => {
                    let form = FormState { prefix: "review".to_owned(), ..form };
                    (FormState::new("receipt"), Some(own(found, receipt, form)))
                }
            };
            let message = String::new();
            let page = |frame| Page::retry(TrackPage { frame, form, found, message });
            Ok(guest.answer(site, page)?)
        }
    }
}

fn own(found: objection::OwnObjection, receipt: &str, review: FormState) -> OwnObjection {
    let line = |(on, act): (chrono::NaiveDate, &str)| (on.to_string(), act.to_owned());
    OwnObjection {
        receipt: receipt.to_owned(),
        no: found.no,
        about: found.about,
        content: found.content,
        state: found.state.to_owned(),
        due_on: found.due_on.map(|day| day.to_string()).unwrap_or_default(),
        history: found.history.into_iter().map(line).collect(),
        answers: found.answers.into_iter().map(|(to, text)| (to.to_owned(), text)).collect(),
        may_withdraw: found.may_withdraw,
        may_request_review: found.may_request_review,
        review,
    }
}

const CASES: &str = "/cases";

/// `GET /cases/{no}/objector`: asks for the reason.
pub(super) async fn ask_why(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    objection::may_open_objector(&site.app, &who.actor, &no).await?;
    let (frame, form) = (who.frame(&site, CASES).await?, FormState::new("objector"));
    Ok(Page::ok(ObjectorPage { frame, no, form, opened: None }).into_response())
}

/// `POST /cases/{no}/objector`. Field: reason. The answer is the only place that shows the name.
pub(super) async fn open(
    State(site): State<Site>,
    Path(no): Path<String>,
    Confirmed { who, filed }: Confirmed,
) -> Answer {
    let frame = who.frame(&site, CASES).await?;
    match objection::open_objector(&site.app, &who.actor, &no, filed.text("reason")).await {
        Ok(found) => {
            let (form, opened) = (FormState::new("objector"), Some((found.name, found.contact)));
            Ok(Page::ok(ObjectorPage { frame, no, form, opened }).into_response())
        }
        Err(error) => {
            let form = back_to_form(filed.state("objector"), error)?;
            Ok(Page::retry(ObjectorPage { frame, no, form, opened: None }).into_response())
        }
    }
}
