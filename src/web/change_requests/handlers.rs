//! The list of changes that wait or were decided, one of them, and decisions.

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::{ChangeRow, RequestList, RequestView};
use crate::clock::china_time;
use crate::domain::registry::Code;
use crate::domain::roster::span;
use crate::service::Error;
use crate::service::directory::{self, ChangeLine, REQUESTS_A_PAGE};
use crate::service::roster::{ChangeAct, decide_change};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{offset, pager};
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/change-requests";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    state: String,
    page: Option<u64>,
}

/// `GET /change-requests`.
pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let is_decided = wanted.state == "decided";
    let from = offset(wanted.page, REQUESTS_A_PAGE);
    let (total, found) =
        directory::change_requests(&site.app, &who.actor, !is_decided, from).await?;
    let state = if is_decided { "decided" } else { "" };
    let rows: Vec<ChangeRow> = found.into_iter().map(row).collect();
    Ok(Page::ok(RequestList {
        frame: who.frame(&site, HERE).await?,
        filter: FormState::new("filter").with("state", state),
        states: Choice::list(&[("decided", "已办结")]),
        is_decided,
        pager: pager((HERE, &[("state", state)]), total, (from, REQUESTS_A_PAGE, rows.len())),
        rows,
    })
    .into_response())
}

fn row(line: ChangeLine) -> ChangeRow {
    let area = if line.owner.is_person { "/engineers" } else { "/enterprises" };
    let at = |at| china_time(at).format("%Y-%m-%d %H:%M");
    ChangeRow {
        what: what(&line),
        held: line.held.map(|held| span(&held)).unwrap_or_default(),
        wanted: wanted(&line),
        kind: if line.owner.is_person { "个人" } else { "单位" },
        owner_href: format!("{area}/{}", line.owner.no),
        state: match &line.decided {
            None => "待确认",
            Some((_, _, true, _)) => "已确认",
            Some(_) => "已退回",
        },
        asked: format!("{} {}", at(line.asked.1), line.asked.0),
        decided: line.decided.as_ref().map(|(by, on, ..)| format!("{} {by}", at(*on))),
        note: line.decided.map(|(.., note)| note).unwrap_or_default(),
        no: line.no,
        name: line.owner.name,
        owner_no: line.owner.no,
        reason: line.reason,
        document_no: line.document_no,
        may_decide: line.may_decide,
        is_own: line.is_own,
    }
}

/// What is to be done, with the kind of fact.
fn what(line: &ChangeLine) -> String {
    let fact = line.fact.map(Code::label).unwrap_or_default();
    match line.act {
        ChangeAct::Correct => format!("更正{fact}期间"),
        ChangeAct::Withdraw => format!("撤销{fact}记录"),
        act => act.label().to_owned(),
    }
}

/// What is to hold then.
fn wanted(line: &ChangeLine) -> String {
    let days = match (line.act, line.days) {
        (ChangeAct::Withdraw, _) => "不再有效".to_owned(),
        (ChangeAct::Delist, (_, Some(last))) => format!("最后有效日 {last}"),
        (_, (Some(from), Some(through))) => format!("{from}至{through}"),
        (_, (Some(from), None)) => format!("{from}起"),
        _ => String::new(),
    };
    if line.ground.is_empty() { days } else { format!("{days}，{}", line.ground) }
}

/// `GET /change-requests/{no}`.
pub(super) async fn show(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    Ok(Page::ok(page(&site, &who, &no, None).await?).into_response())
}

async fn page(
    site: &Site,
    who: &SignedIn,
    no: &str,
    wrong: Option<FormState>,
) -> Result<RequestView, Error> {
    let found = directory::change_request(&site.app, &who.actor, no).await?;
    let has_say = found.decided.is_none() && (found.may_decide || found.is_own);
    let form = wrong.unwrap_or_else(|| FormState::new(no));
    Ok(RequestView {
        frame: who.frame(site, HERE).await?,
        row: row(found),
        form: has_say.then_some(form),
    })
}

/// `POST /change-requests/{no}/decisions`. Fields: verdict, note.
pub(super) async fn decide(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let accept = filed.text("verdict") == "accept";
    match decide_change(&site.app, &who.actor, &no, (accept, filed.text("note"))).await {
        Ok(()) => {
            let said = if accept { "已确认，变更即时生效。" } else { "已退回。" };
            Ok(done(HERE, said))
        }
        Err(error @ Error::Stale(_)) => {
            // A request whose fact changed meanwhile still waits, to be sent back; one that
            // somebody decided has no form any more.
            let form = filed.state(&no).refused(error.to_string());
            let view = page(&site, &who, &no, Some(form)).await?;
            if view.form.is_none() {
                return Err(error.into());
            }
            Ok(Page::retry(view).into_response())
        }
        Err(error) => {
            let form = back_to_form(filed.state(&no), error)?;
            Ok(Page::retry(page(&site, &who, &no, Some(form)).await?).into_response())
        }
    }
}
