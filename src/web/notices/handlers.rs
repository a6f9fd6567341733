//! What the province does with notices.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::{CandidateRow, EvidenceField, NoticeList, NoticeNew, NoticeRow};
use crate::domain::authority::Act;
use crate::domain::lifecycle::Evidence;
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::notice::{self, Candidate, Correction, Draft, NoticeLine};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/notices";

pub(super) fn row(line: &NoticeLine) -> NoticeRow {
    NoticeRow {
        no: line.no.clone(),
        title: line.title.clone(),
        kind: line.kind.to_owned(),
        starts_on: line.starts_on.to_string(),
        ends_on: line.ends_on.to_string(),
        state: if line.running { "公示中" } else { "已结束" }.to_owned(),
    }
}

async fn list_page(site: &Site, who: &SignedIn) -> Result<NoticeList, Error> {
    who.actor.must(Act::PublishNotices)?;
    let rows = notice::notices(&site.app, 1).await?;
    let kinds = notice::announced_by(who.actor.role);
    let own = |line: &&NoticeLine| kinds.iter().any(|own| own.kind.label() == line.kind);
    Ok(NoticeList {
        kinds: kinds
            .iter()
            .map(|own| Choice {
                value: own.kind.code().to_owned(),
                label: own.kind.label().to_owned(),
            })
            .collect(),
        frame: who.frame(site, HERE).await?,
        restart: FormState::new("restart"),
        running: rows
            .iter()
            .filter(|line| line.running)
            .filter(own)
            .map(|line| Choice {
                value: line.no.clone(),
                label: format!("{} {}", line.no, line.title),
            })
            .collect(),
        rows: rows.iter().map(row).collect(),
    })
}

pub(super) async fn list(State(site): State<Site>, who: SignedIn) -> Answer {
    Ok(Page::ok(list_page(&site, &who).await?).into_response())
}

async fn page(
    site: &Site,
    who: &SignedIn,
    form: FormState,
    (kind, chosen): (&str, Option<&[String]>),
) -> Result<NoticeNew, Error> {
    let (announced, rows) = notice::candidates(&site.app, &who.actor, kind).await?;
    let field =
        |evidence: &Evidence| EvidenceField { name: evidence.code(), label: evidence.label() };
    let candidate = |row: Candidate| CandidateRow {
        chosen: chosen.is_none_or(|chosen| chosen.contains(&row.no)),
        no: row.no,
        name: row.name_masked,
        enterprise: row.enterprise,
        detail: row.detail,
    };
    Ok(NoticeNew {
        frame: who.frame(site, HERE).await?,
        kind: announced.kind.code(),
        kind_label: announced.kind.label(),
        evidence: announced.evidence.iter().map(field).collect(),
        form,
        rows: rows.into_iter().map(candidate).collect(),
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    kind: String,
}

/// `GET /notices/new?kind=recognition`.
pub(super) async fn ask(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let form = FormState::new("notice").with("working_days", "5");
    Ok(Page::ok(page(&site, &who, form, (&wanted.kind, None)).await?).into_response())
}

/// `POST /notices`.
pub(super) async fn publish(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let text = |field: &str| filed.text(field).to_owned();
    let evidence: BTreeMap<String, String> =
        Evidence::ALL.iter().map(|kind| (kind.code().to_owned(), text(kind.code()))).collect();
    let draft = Draft {
        kind: text("kind"),
        title: text("title"),
        basis: text("basis"),
        contact: text("contact"),
        working_days: text("working_days"),
        count_first_day: filed.text("count_first_day") == "yes",
        case_nos: filed.all("case").into_iter().map(str::to_owned).collect(),
        evidence,
    };
    match notice::publish(&site.app, &who.actor, &draft).await {
        Ok(no) => {
            let count = draft.case_nos.len();
            Ok(done(HERE, &format!("公示 {no} 已发布，共 {count} 项")))
        }
        Err(error) => {
            let form = back_to_form(filed.state("notice"), error)?;
            let page = page(&site, &who, form, (&draft.kind, Some(&draft.case_nos))).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}

/// `POST /notices/restarts`. Fields: no, reason, title, basis, contact.
pub(super) async fn restart(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let no = filed.text("no");
    let text = |field: &str| filed.text(field).to_owned();
    let correction = Correction {
        reason: text("reason"),
        title: text("title"),
        basis: text("basis"),
        contact: text("contact"),
    };
    match notice::restart(&site.app, &who.actor, no, &correction).await {
        Ok(()) => Ok(done(HERE, &format!("公示 {no} 已重新起算"))),
        Err(error) => {
            let restart = back_to_form(filed.state("restart"), error)?;
            let page = NoticeList { restart, ..list_page(&site, &who).await? };
            Ok(Page::retry(page).into_response())
        }
    }
}
