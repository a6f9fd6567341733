//! Forms about appointments and services.

use axum::extract::{Path, State};
use axum::response::IntoResponse;

use super::HERE;
use super::handlers::{page, service_page};
use super::pages::ExpertNew;
use crate::domain::authority::Act;
use crate::domain::draft::DraftForm;
use crate::domain::expert::ExpertKind;
use crate::service::Error;
use crate::service::expert::{self, TypedAppointment, TypedEnd, TypedService};
use crate::web::drafts::{self, DraftNote};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

pub(super) async fn new(State(site): State<Site>, who: SignedIn) -> Answer {
    who.actor.must(Act::AppointExperts)?;
    let of = (DraftForm::Expert, "");
    let opened = drafts::opened(&site, &who.actor, FormState::new("expert"), of).await?;
    Ok(Page::ok(blank(who.frame(&site, HERE).await?, opened)).into_response())
}

fn blank(frame: Frame, (form, draft): (FormState, DraftNote)) -> ExpertNew {
    ExpertNew { frame, form, draft, kinds: Choice::of::<ExpertKind>() }
}

/// `POST /experts`. Fields: person, kind, field, employer, employer_uscc, enterprise, from, through,
/// document_no, body, funding.
pub(super) async fn propose(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let text = |field: &str| filed.text(field).to_owned();
    let typed = TypedAppointment {
        person: text("person"),
        kind: text("kind"),
        field: text("field"),
        employer: text("employer"),
        employer_uscc: text("employer_uscc"),
        enterprise: text("enterprise"),
        from: text("from"),
        through: text("through"),
        document_no: text("document_no"),
        body: text("body"),
        funding: text("funding"),
    };
    let effect = async {
        let no = expert::propose(&site.app, &who.actor, &typed).await?;
        Ok((format!("{HERE}/{no}"), format!("已录入 {no}，由另一人对照聘任文件确认后生效。")))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let state = back_to_form(filed.state("expert"), error)?;
            let note = drafts::note_of(&filed, DraftForm::Expert);
            let frame = who.frame(&site, HERE).await?;
            Ok(Page::retry(blank(frame, (state, note))).into_response())
        }
    }
}

/// The page of an appointment again, with the form that was refused.
async fn again(
    (site, who): (&Site, &SignedIn),
    no: &str,
    (filed, name): (&Filed, &str),
    error: Error,
) -> Answer {
    let form = back_to_form(filed.state(name), error)?;
    Ok(Page::retry(page(site, who, no, Some(form)).await?).into_response())
}

/// `POST /experts/{no}/decision`. Fields: verdict, note.
pub(super) async fn decide(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let accept = filed.text("verdict") == "accept";
    match expert::decide(&site.app, &who.actor, &no, accept, filed.text("note")).await {
        Ok(()) => {
            let said = if accept { "已确认，聘书可以打印。" } else { "已退回。" };
            Ok(done(&format!("{HERE}/{no}"), said))
        }
        Err(error) => again((&site, &who), &no, (&filed, "decision"), error).await,
    }
}

/// `POST /experts/{no}/end`. Fields: last_day, document_no, reason.
pub(super) async fn end(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let typed = TypedEnd {
        last_day: filed.text("last_day"),
        document_no: filed.text("document_no"),
        reason: filed.text("reason"),
    };
    match expert::end(&site.app, &who.actor, &no, &typed).await {
        Ok(()) => Ok(done(&format!("{HERE}/{no}"), "已提前结束，原定聘期留存。")),
        Err(error) => again((&site, &who), &no, (&filed, "end"), error).await,
    }
}

fn typed(filed: &Filed) -> TypedService<'_> {
    TypedService {
        uscc: filed.text("uscc"),
        served_on: filed.text("served_on"),
        kind: filed.text("kind"),
        hours: filed.text("hours"),
        content: filed.text("content"),
    }
}

/// `POST /experts/{no}/services`. Fields: uscc (of the province), served_on, kind, hours, content.
pub(super) async fn record(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let typed = typed(&filed);
    let effect = async {
        let service = expert::record(&site.app, &who.actor, &no, &typed).await?;
        Ok((format!("{HERE}/{no}"), format!("已登记服务 {service}，待对方确认。")))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(answer) => Ok(answer),
        Err(error) => again((&site, &who), &no, (&filed, "service"), error).await,
    }
}

/// `POST /expert-services/{no}/decision`. Fields: verdict, note.
pub(super) async fn confirm(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let accept = filed.text("verdict") == "accept";
    match expert::confirm(&site.app, &who.actor, &no, accept, filed.text("note")).await {
        Ok(()) => {
            let said = if accept { "已确认。" } else { "已退回。" };
            Ok(done(&format!("/expert-services/{no}"), said))
        }
        Err(error) => {
            let form = back_to_form(filed.state("decision"), error)?;
            Ok(Page::retry(service_page(&site, &who, &no, Some(form)).await?).into_response())
        }
    }
}

/// `POST /expert-services/{no}/correction`. Fields: served_on, kind, hours, content.
pub(super) async fn correct(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    match expert::correct(&site.app, &who.actor, &no, &typed(&filed)).await {
        Ok(service) => {
            let said = format!("已登记更正 {service}，待对方确认；确认前原记录有效。");
            Ok(done(&format!("/expert-services/{service}"), &said))
        }
        Err(error) => {
            let form = back_to_form(filed.state("correction"), error)?;
            Ok(Page::retry(service_page(&site, &who, &no, Some(form)).await?).into_response())
        }
    }
}
