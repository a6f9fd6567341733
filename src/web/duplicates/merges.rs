//! One merge: confirmed or not by a second person, and taken back the same way.

use axum::extract::{Path, State};
use axum::response::IntoResponse;

use super::handlers::{HERE, cell, pair_href};
use super::pages::{MergePage, YearRow};
use crate::domain::registry::Code;
use crate::service::duplicate::{self, MergeState};
use crate::service::roster::Grounds;
use crate::web::failure::{Answer, Failure, back_to_form};
use crate::web::form::FormState;
use crate::web::listing::minute;
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Deed;

/// The forms of the page.
struct Forms {
    confirmation: FormState,
    rejection: FormState,
    undo: FormState,
}

impl Forms {
    fn fresh() -> Self {
        Self {
            confirmation: FormState::new("confirmation"),
            rejection: FormState::new("rejection"),
            undo: FormState::new("undo"),
        }
    }
}

pub(super) async fn view(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    Ok(Page::ok(page(&site, &who, &no, Forms::fresh()).await?).into_response())
}

async fn page(site: &Site, who: &SignedIn, no: &str, forms: Forms) -> Result<MergePage, Failure> {
    let view = duplicate::merge_view(&site.app, &who.actor, no).await?;
    let undoing = view.state == MergeState::UndoProposed;
    let note = (view.open_request.is_some() && view.may_reject && !view.may_confirm)
        .then_some("这件申请由您提出，须由另一位省级人社人员确认；您可以撤回。");
    Ok(MergePage {
        frame: who.frame(site, HERE).await?,
        state: view.state.label(),
        note,
        undoing,
        in_force: matches!(view.state, MergeState::InForce | MergeState::UndoProposed),
        pair_href: pair_href(&view.leading.no, &view.merged.no),
        leading: cell(view.leading),
        merged: cell(view.merged),
        deeds: view
            .steps
            .iter()
            .map(|step| Deed::new(&minute(step.at), &step.who, &step.what, None))
            .collect(),
        confirmation: view.may_confirm.then_some(forms.confirmation),
        rejection: view.may_reject.then_some(forms.rejection),
        undo: view.may_undo.then_some(forms.undo),
        years: view.years.into_iter().map(|(year, done)| YearRow { year, done }).collect(),
        may_compute: view.may_compute,
        request: view.open_request.unwrap_or_default(),
        refused: None,
        no: view.no,
    })
}

fn address(no: &str) -> String {
    format!("{HERE}/merges/{no}")
}

/// `POST /duplicates/merges/{no}/confirmation`. Field: request, the number of the open request.
pub(super) async fn confirm(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    match duplicate::confirm(&site.app, &who.actor, filed.text("request")).await {
        Ok(()) => Ok(done(&address(&no), "已确认。请重新核定列出的年度，重新核定前不发放")),
        Err(error) => {
            let confirmation = back_to_form(FormState::new("confirmation"), error)?;
            again(&site, &who, &no, Forms { confirmation, ..Forms::fresh() }).await
        }
    }
}

/// `POST /duplicates/merges/{no}/rejection`. Fields: request, decision.
pub(super) async fn reject(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let why = filed.text("decision");
    match duplicate::reject(&site.app, &who.actor, filed.text("request"), why).await {
        Ok(()) => Ok(done(&address(&no), "已办结，没有改变任何记录")),
        Err(error) => {
            let rejection = back_to_form(filed.state("rejection"), error)?;
            again(&site, &who, &no, Forms { rejection, ..Forms::fresh() }).await
        }
    }
}

/// `POST /duplicates/merges/{no}/undo`. Fields: reason, document_no.
pub(super) async fn propose_undo(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let grounds = Grounds::new(filed.text("reason"), filed.text("document_no"));
    let made = once(&site, &who, &filed, async {
        let request = duplicate::propose_undo(&site.app, &who.actor, &no, &grounds).await?;
        let text = format!("已提出撤销申请 {request}，请另一位省级人社人员确认");
        Ok((address(&no), text))
    });
    match made.await {
        Ok(response) => Ok(response),
        Err(error) => {
            let undo = back_to_form(filed.state("undo"), error)?;
            again(&site, &who, &no, Forms { undo, ..Forms::fresh() }).await
        }
    }
}

/// The page again with what is wrong. A form that is no longer offered says it above the page.
async fn again(site: &Site, who: &SignedIn, no: &str, forms: Forms) -> Answer {
    let said: Vec<String> = [&forms.confirmation, &forms.rejection, &forms.undo]
        .into_iter()
        .flat_map(|form| form.form_errors.clone())
        .collect();
    let mut page = page(site, who, no, forms).await?;
    if !page.has_errors() {
        let refused = said.into_iter().fold(FormState::new("refused"), FormState::refused);
        page.refused = Some(refused);
    }
    Ok(Page::retry(page).into_response())
}
