//! What the province does with notices.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::{CandidateRow, KindLink, NoticeList, NoticeNew, NoticeRow};
use crate::domain::authority::Act;
use crate::domain::lifecycle::CaseKind;
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::notice::{self, Candidate, Draft, NoticeLine};
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
    Ok(NoticeList {
        frame: who.frame(site, HERE).await?,
        restart: FormState::new("restart"),
        running: rows
            .iter()
            .filter(|line| line.running)
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

/// The kind that is asked for; recognitions otherwise.
fn kind_of(code: &str) -> CaseKind {
    CaseKind::from_code(code).unwrap_or(CaseKind::Recognition)
}

async fn page(
    site: &Site,
    who: &SignedIn,
    kind: CaseKind,
    form: FormState,
    chosen: Option<&[String]>,
) -> Result<NoticeNew, Error> {
    let rows = notice::candidates(&site.app, &who.actor, kind).await?;
    let link = |(kind, waiting): (CaseKind, u64)| KindLink {
        code: kind.code(),
        label: kind.label(),
        waiting,
    };
    let kinds = notice::waiting(&site.app, &who.actor).await?.into_iter().map(link).collect();
    let candidate = |row: Candidate| CandidateRow {
        chosen: chosen.is_none_or(|chosen| chosen.contains(&row.no)),
        no: row.no,
        name: row.name_masked,
        enterprise: row.enterprise,
        detail: row.detail,
    };
    Ok(NoticeNew {
        frame: who.frame(site, HERE).await?,
        form,
        rows: rows.into_iter().map(candidate).collect(),
        kind: kind.code(),
        kinds,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    kind: String,
}

/// `GET /notices/new?kind=roster_entry`.
pub(super) async fn ask(
    State(site): State<Site>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Answer {
    let kind = kind_of(&asked.kind);
    let form = FormState::new("notice").with("working_days", "5");
    Ok(Page::ok(page(&site, &who, kind, form, None).await?).into_response())
}

/// `POST /notices`.
pub(super) async fn publish(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let text = |field: &str| filed.text(field).to_owned();
    let draft = Draft {
        title: text("title"),
        basis: text("basis"),
        contact: text("contact"),
        working_days: text("working_days"),
        count_first_day: filed.text("count_first_day") == "yes",
        case_nos: filed.all("case").into_iter().map(str::to_owned).collect(),
        cross_check: text("cross_check"),
        sample_audit: text("sample_audit"),
    };
    match notice::publish(&site.app, &who.actor, &draft).await {
        Ok(no) => {
            let count = draft.case_nos.len();
            Ok(done(HERE, &format!("公示 {no} 已发布，共 {count} 项")))
        }
        Err(error) => {
            let form = back_to_form(filed.state("notice"), error)?;
            let page =
                page(&site, &who, kind_of(filed.text("kind")), form, Some(&draft.case_nos)).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}

/// `POST /notices/restarts`. Fields: no, reason.
pub(super) async fn restart(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let no = filed.text("no");
    match notice::restart(&site.app, &who.actor, no, filed.text("reason")).await {
        Ok(()) => Ok(done(HERE, &format!("公示 {no} 已重新起算"))),
        Err(error) => {
            let restart = back_to_form(filed.state("restart"), error)?;
            let page = NoticeList { restart, ..list_page(&site, &who).await? };
            Ok(Page::retry(page).into_response())
        }
    }
}
