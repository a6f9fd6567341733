//! Tips: what the public says of lines whose notice is over.

pub mod pages;

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::Deserialize;

use self::pages::{TipList, TipPage, TipRow};
use crate::domain::authority::Act;
use crate::service::Error;
use crate::service::tip::{self, TIPS_A_PAGE, TipLine};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::FormState;
use crate::web::listing::minute;
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::step_up::Confirmed;

const HERE: &str = "/tips";

/// The addresses of this area.
pub fn routes() -> axum::Router<Site> {
    axum::Router::new()
        .route(HERE, get(list))
        .route("/tips/{no}", get(view))
        .route("/tips/{no}/end", post(close))
        .route("/tips/{no}/informant", post(open))
}

fn row(line: TipLine) -> TipRow {
    TipRow {
        state: if line.end.is_some() { "已办结" } else { "待处理" },
        from: if line.named { "实名（身份已密封）" } else { "匿名" },
        named: line.named,
        end: line.end.map(|(note, who, at)| (note, format!("{who}，{}", minute(at)))),
        no: line.no,
        about: line.about,
        case_no: line.case_no,
        content: line.content,
        at: minute(line.received_at),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    page: String,
}

async fn list(State(site): State<Site>, who: SignedIn, Query(wanted): Query<Wanted>) -> Answer {
    let page = wanted.page.parse().unwrap_or(1).max(1);
    let (found, total) = tip::tips(&site.app, &who.actor, page).await?;
    let frame = who.frame(&site, HERE).await?;
    let rows = found.into_iter().map(row).collect();
    let more = total > page.saturating_mul(TIPS_A_PAGE);
    Ok(Page::ok(TipList { frame, rows, total, next: more.then_some(page + 1) }).into_response())
}

async fn page(
    site: &Site,
    who: &SignedIn,
    no: &str,
    form: FormState,
    opened: Option<(String, String)>,
) -> Result<TipPage, Error> {
    let row = row(tip::tip(&site.app, &who.actor, no).await?);
    let may = who.actor.role.may(Act::HandleTips) && row.end.is_none();
    Ok(TipPage { frame: who.frame(site, HERE).await?, row, may_handle: may, form, opened })
}

async fn view(State(site): State<Site>, who: SignedIn, Path(no): Path<String>) -> Answer {
    Ok(Page::ok(page(&site, &who, &no, FormState::new("end"), None).await?).into_response())
}

/// `POST /tips/{no}/end`. Field: note.
async fn close(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    match tip::close(&site.app, &who.actor, &no, filed.text("note")).await {
        Ok(()) => Ok(done(&format!("/tips/{no}"), "举报已办结。")),
        Err(error) => {
            let form = back_to_form(filed.state("end"), error)?;
            Ok(Page::retry(page(&site, &who, &no, form, None).await?).into_response())
        }
    }
}

/// `POST /tips/{no}/informant`. Field: reason. The answer is the only place that shows the name.
async fn open(
    State(site): State<Site>,
    Path(no): Path<String>,
    Confirmed { who, filed }: Confirmed,
) -> Answer {
    match tip::open_informant(&site.app, &who.actor, &no, filed.text("reason")).await {
        Ok(found) => {
            let (form, opened) = (FormState::new("end"), Some((found.name, found.contact)));
            Ok(Page::ok(page(&site, &who, &no, form, opened).await?).into_response())
        }
        Err(error) => {
            let form = back_to_form(filed.state("informant"), error)?;
            Ok(Page::retry(page(&site, &who, &no, form, None).await?).into_response())
        }
    }
}
