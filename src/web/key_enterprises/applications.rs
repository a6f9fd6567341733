//! Calls for applications, and the applications of enterprises.

use axum::extract::{Path, State};
use axum::response::IntoResponse;

use super::pages::{Applications, Apply, CallRow, OwnPlace};
use crate::domain::authority::Act;
use crate::domain::draft::DraftForm;
use crate::service::Error;
use crate::service::key_enterprise::{self, CallLine, NewApplication, NewCall, Opening};
use crate::web::drafts::{self, DraftNote};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/applications";

pub(super) async fn list(State(site): State<Site>, who: SignedIn) -> Answer {
    Ok(Page::ok(page(&site, &who).await?).into_response())
}

async fn page(site: &Site, who: &SignedIn) -> Result<Applications, Error> {
    let calls = key_enterprise::calls(&site.app, &who.actor).await?;
    let role = who.actor.role;
    let own = match role.may(Act::FileKeyEnterprise) {
        true => Some(own(key_enterprise::opening(&site.app, &who.actor).await?)),
        false => None,
    };
    let choice = |line: &CallLine| Choice {
        value: line.no.clone(),
        label: format!("{} {}", line.no, line.title),
    };
    let may_call = role.may(Act::CallApplications);
    Ok(Applications {
        frame: who.frame(site, HERE).await?,
        own,
        revocable: match may_call {
            true => calls.iter().filter(|line| line.holds).map(choice).collect(),
            false => Vec::new(),
        },
        calls: calls.into_iter().map(row).collect(),
        publish: may_call.then(|| FormState::new("call")),
        revoke: FormState::new("revoke"),
    })
}

fn row(line: CallLine) -> CallRow {
    CallRow {
        no: line.no,
        title: line.title,
        document_no: line.document_no,
        days: format!("{} 至 {}", line.opens_on, line.closes_on),
        state: line.state,
    }
}

fn own(opening: Opening) -> OwnPlace {
    let Opening { name, closes_on, file, fault } = opening;
    OwnPlace {
        may_apply: fault.is_none() && closes_on.is_some(),
        fault: fault.unwrap_or_else(|| match closes_on {
            Some(day) => format!("申报期到 {day} 为止"),
            None => "今天不在申报期内".to_owned(),
        }),
        name,
        file: file.map(|file| (file.no, file.state)),
    }
}

/// `POST /applications/calls`.
pub(super) async fn publish(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let text = |field: &str| filed.text(field).to_owned();
    let new = NewCall {
        title: text("title"),
        document_no: text("document_no"),
        opens_on: text("opens_on"),
        closes_on: text("closes_on"),
    };
    match key_enterprise::publish_call(&site.app, &who.actor, &new).await {
        Ok(no) => Ok(done(HERE, &format!("申报通知 {no} 已发布"))),
        Err(error) => {
            let form = back_to_form(filed.state("call"), error)?;
            let page = Applications { publish: Some(form), ..page(&site, &who).await? };
            Ok(Page::retry(page).into_response())
        }
    }
}

/// `POST /applications/calls/revocations`. Fields: no.
pub(super) async fn revoke(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let no = filed.text("no");
    match key_enterprise::revoke_call(&site.app, &who.actor, no).await {
        Ok(()) => Ok(done(HERE, &format!("申报通知 {no} 已撤销"))),
        Err(error) => {
            let revoke = back_to_form(filed.state("revoke"), error)?;
            let page = Applications { revoke, ..page(&site, &who).await? };
            Ok(Page::retry(page).into_response())
        }
    }
}

async fn form(
    site: &Site,
    who: &SignedIn,
    (form, draft): (FormState, DraftNote),
) -> Result<Apply, Error> {
    let opening = key_enterprise::opening(&site.app, &who.actor).await?;
    let own = own(opening);
    Ok(Apply { frame: who.frame(site, HERE).await?, form, draft, own })
}

/// `GET /applications/new`.
pub(super) async fn ask(State(site): State<Site>, who: SignedIn) -> Answer {
    let of = (DraftForm::Application, "");
    let opened = drafts::opened(&site, &who.actor, FormState::new("application"), of).await?;
    Ok(Page::ok(form(&site, &who, opened).await?).into_response())
}

/// `POST /applications`.
pub(super) async fn apply(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let text = |field: &str| filed.text(field).to_owned();
    let new = NewApplication {
        industry: text("industry"),
        main_business: text("main_business"),
        staff: text("staff"),
        research_staff: text("research_staff"),
    };
    match key_enterprise::apply(&site.app, &who.actor, &new).await {
        Ok(no) => {
            drafts::sent(&site, &who.actor, &filed).await;
            let told = format!("已建立办件 {no}，由企业授权签字人提交");
            Ok(done(&format!("/cases/{no}"), &told))
        }
        Err(error) => {
            let state = back_to_form(filed.state("application"), error)?;
            let note = drafts::note_of(&filed, DraftForm::Application);
            Ok(Page::retry(form(&site, &who, (state, note)).await?).into_response())
        }
    }
}

/// `POST /enterprises/{uscc}/file`.
pub(super) async fn take_over(
    State(site): State<Site>,
    who: SignedIn,
    Path(uscc): Path<String>,
    _filed: Filed,
) -> Answer {
    let no = key_enterprise::take_over(&site.app, &who.actor, &uscc).await?;
    Ok(done(&format!("/cases/{no}"), &format!("已按清单文件建立档案 {no}")))
}
