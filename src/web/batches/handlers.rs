//! Reading batches.

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::fill::{self, Typed, pager, row};
use super::pages::{Batch, BatchList};
use crate::domain::authority::Act;
use crate::domain::payment::State as BatchState;
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::batch_pages::{self, ListFilter};
use crate::service::payment::{self, FileFormat};
use crate::service::presence::{self, Way};
use crate::web::failure::Answer;
use crate::web::form::{Choice, FormState};
use crate::web::page::Page;
use crate::web::send::{XLSX, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;

/// Which batches to list, as the address says. Nonsense is left out: it shows everything.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    year: String,
    state: String,
    page: String,
}

/// A number in an address; anything else is the first page.
pub(super) fn page_number(text: &str) -> i64 {
    text.parse().unwrap_or(0).max(0)
}

pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Query(query): Query<ListQuery>,
) -> Answer {
    let filter = ListFilter {
        award_year: query.year.parse().ok(),
        state: BatchState::from_code(&query.state),
    };
    let page = page_number(&query.page);
    let list = batch_pages::list(&site.app, &who.actor, &filter, page).await?;
    let year = filter.award_year.map_or_else(String::new, |year| year.to_string());
    let state = filter.state.map_or("", Code::code);
    let address = format!("year={year}&state={state}&");
    let years = list.years.iter();
    let shown = BatchList {
        frame: who.frame(&site, "/batches").await?,
        filter: FormState::new("filter").with("year", &year).with("state", state),
        years: years
            .map(|year| Choice { value: year.to_string(), label: format!("{year} 年度") })
            .collect(),
        states: BatchState::ALL
            .iter()
            .map(|state| Choice { value: state.code().into(), label: state.label().into() })
            .collect(),
        rows: list.items.iter().map(row).collect(),
        pager: pager(list.total, (page, batch_pages::PAGE), list.items.len(), "/batches", &address),
        may_create: who.actor.role.may(Act::MakeBatch),
    };
    Ok(Page::ok(shown).into_response())
}

/// Which payments of a batch to show.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BatchQuery {
    pub(super) page: String,
}

pub(super) async fn batch(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    Query(query): Query<BatchQuery>,
) -> Answer {
    let page = page_number(&query.page);
    Ok(Page::ok(filled(&site, &who, &no, page, None).await?).into_response())
}

/// The page of a batch, with a form to be corrected if there is one.
///
/// # Errors
/// Those of the services.
pub(super) async fn filled(
    site: &Site,
    who: &SignedIn,
    no: &str,
    page: i64,
    typed: Option<Typed>,
) -> Result<Batch, Error> {
    let view = batch_pages::view(&site.app, &who.actor, no, page).await?;
    let draft = batch_pages::draft_preview(&site.app, &who.actor, no).await?;
    let draft = draft.as_ref().map(fill::preview).transpose()?;
    let frame = who.frame(site, "/batches").await?;
    let may_download = who.actor.role.may(Act::MakeBatch);
    let mut batch = fill::batch(frame, &view, draft, typed, page, may_download);
    if presence::way(&site.app, &who.actor).await? == Way::Code {
        // A code is asked for instead, when the form is sent.
        batch.actions.iter_mut().for_each(|action| action.fields.retain(|f| !f.is_secret));
    }
    Ok(batch)
}

/// The bank file under the name it has: which characters it holds, its profile decides.
pub(super) async fn bank_file(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    let (name, bytes) = payment::file(&site.app, &who.actor, &no, FileFormat::Bank).await?;
    let kind = if name.ends_with(".csv") { "text/csv" } else { "text/plain" };
    Ok(download(&name, kind, bytes))
}

pub(super) async fn message(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    let (name, bytes) = payment::file(&site.app, &who.actor, &no, FileFormat::Pain001).await?;
    Ok(download(&name, "application/xml", bytes))
}

pub(super) async fn voucher(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    let (name, bytes) = payment::file(&site.app, &who.actor, &no, FileFormat::Voucher).await?;
    Ok(download(&name, XLSX, bytes))
}

pub(super) async fn xlsx(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    let (name, bytes) = payment::file(&site.app, &who.actor, &no, FileFormat::Xlsx).await?;
    Ok(download(&name, XLSX, bytes))
}
