//! One person's way from list document to bank serial, and the bundles that auditors take along.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use super::evidence_pages::{BatchEvidence, BundleForm, MadeRow, MomentRow, Part, PersonEvidence};
use crate::domain::money::Fen;
use crate::domain::payment::State as BatchState;
use crate::domain::registry::Code;
use crate::service::directory;
use crate::service::evidence::{self, Made, Moment, PersonChain, Place, Stage, Years};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{minute, second};
use crate::web::page::Page;
use crate::web::send::{Filed, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

const HERE: &str = "/audit";
const ZIP: &str = "application/zip";
/// What stands for every year in addresses and forms.
const ALL: &str = "all";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    no: String,
    year: String,
}

/// `GET /audit/persons?no=`: on to the person.
pub(super) async fn find(who: SignedIn, Query(wanted): Query<Wanted>) -> Answer {
    who.actor.must(crate::domain::authority::Act::ReadAudit)?;
    let plain = |c: &char| c.is_ascii_alphanumeric();
    let no: String = wanted.no.to_ascii_uppercase().chars().filter(plain).take(20).collect();
    let to = if no.is_empty() { HERE.to_owned() } else { format!("/audit/persons/{no}") };
    Ok(Redirect::to(&to).into_response())
}

fn years(text: &str) -> Years {
    match text.parse() {
        Ok(year) => Years::One(year),
        Err(_) if text == ALL => Years::All,
        Err(_) => Years::Last,
    }
}

pub(super) async fn person(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    who.actor.must(crate::domain::authority::Act::ReadAudit)?;
    if let Some(leading) = directory::leading(&site.app, &who.actor, &no, None).await? {
        return Ok(Redirect::to(&format!("/audit/persons/{leading}")).into_response());
    }
    let found = evidence::person_chain(&site.app, &who.actor, &no, years(&wanted.year)).await?;
    let page = person_page(&site, &who, found, FormState::new("bundle")).await?;
    Ok(Page::ok(page).into_response())
}

async fn person_page(
    site: &Site,
    who: &SignedIn,
    found: PersonChain,
    form: FormState,
) -> Result<PersonEvidence, crate::service::Error> {
    let year = found.year.map_or_else(|| ALL.to_owned(), |year| year.to_string());
    let choices: Vec<(String, String)> = found
        .years
        .iter()
        .map(|year| (year.to_string(), format!("{year} 年度")))
        .chain([(ALL.to_owned(), "全部年度".to_owned())])
        .collect();
    let choices: Vec<(&str, &str)> =
        choices.iter().map(|(v, l)| (v.as_str(), l.as_str())).collect();
    let mut moments = found.moments;
    let parts = Stage::ALL.iter().map(|stage| {
        let (own, rest): (Vec<Moment>, Vec<Moment>) =
            std::mem::take(&mut moments).into_iter().partition(|m| m.stage == *stage);
        moments = rest;
        Part { title: stage.label().to_owned(), rows: own.into_iter().map(row).collect() }
    });
    let parts = parts.collect();
    Ok(PersonEvidence {
        frame: who.frame(site, HERE).await?,
        filter: FormState::new("year").with("year", &year),
        years: Choice::list(&choices),
        year_label: found.year.map_or_else(|| "全部年度".to_owned(), |y| format!("{y} 年度")),
        name: found.name,
        document: found.document,
        merged: found.merged,
        parts,
        events: i64::try_from(found.events).unwrap_or(i64::MAX),
        sealed: found.sealed.map(|(seq, at, hash)| (seq, minute(at), hash)),
        printed_at: second(site.app.clock.now()),
        bundle: BundleForm {
            action: format!("/audit/persons/{}/bundle", found.no),
            year,
            form,
            made: found.made.into_iter().map(made).collect(),
        },
        no: found.no,
    })
}

fn row(moment: Moment) -> MomentRow {
    let (href, link) = match moment.place {
        None => (String::new(), ""),
        Some(Place::Enterprise(uscc)) => (format!("/enterprises/{uscc}"), "企业"),
        Some(Place::Person(no)) => (format!("/engineers/{no}"), "人员"),
        Some(Place::Case(no)) => (format!("/cases/{no}"), "办件"),
        Some(Place::Notice(no)) => (format!("/public/notices/{no}"), "公示"),
        Some(Place::Year(no, year)) => (format!("/engineers/{no}/years/{year}"), "为什么"),
        Some(Place::Batch(no)) => (format!("/batches/{no}"), "批次"),
        Some(Place::Recovery(no)) => (format!("/recoveries/{no}"), "追回"),
        Some(Place::Budget) => ("/budget".to_owned(), "指标"),
    };
    MomentRow {
        at: second(moment.at),
        what: moment.what,
        detail: moment.detail,
        who: moment.who,
        document: moment.document,
        hash: moment.hash,
        href,
        link: link.to_owned(),
    }
}

fn made(made: Made) -> MadeRow {
    MadeRow {
        at: second(made.at),
        who: made.who,
        purpose: made.purpose,
        year: made.year.map_or_else(|| "全部年度".to_owned(), |year| format!("{year} 年度")),
        sha256: made.sha256,
    }
}

/// `POST /audit/persons/{no}/bundle`. Fields: purpose, year.
pub(super) async fn person_bundle(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let asked = years(filed.text("year"));
    let year = match asked {
        Years::One(year) => Some(year),
        Years::Last | Years::All => None,
    };
    let purpose = filed.text("purpose");
    match evidence::person_bundle(&site.app, &who.actor, &no, year, purpose).await {
        Ok((name, bytes)) => Ok(download(&name, ZIP, bytes)),
        Err(error) => {
            let form = back_to_form(filed.state("bundle"), error)?;
            let found = evidence::person_chain(&site.app, &who.actor, &no, asked).await?;
            Ok(Page::retry(person_page(&site, &who, found, form).await?).into_response())
        }
    }
}

pub(super) async fn batch(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    let page = batch_page(&site, &who, &no, FormState::new("bundle")).await?;
    Ok(Page::ok(page).into_response())
}

async fn batch_page(
    site: &Site,
    who: &SignedIn,
    no: &str,
    form: FormState,
) -> Result<BatchEvidence, crate::service::Error> {
    let (batch, before) = evidence::batch_bundles(&site.app, &who.actor, no).await?;
    Ok(BatchEvidence {
        frame: who.frame(site, HERE).await?,
        state: BatchState::from_code(&batch.state).map_or("", Code::label).to_owned(),
        purpose: batch.purpose,
        lines: batch.line_count,
        sum: Yuan(Fen::new(batch.total_fen)),
        bundle: BundleForm {
            action: format!("/audit/batches/{}/bundle", batch.batch_no),
            year: String::new(),
            form,
            made: before.into_iter().map(made).collect(),
        },
        no: batch.batch_no,
    })
}

/// `POST /audit/batches/{no}/bundle`. Field: purpose.
pub(super) async fn batch_bundle(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    match evidence::batch_bundle(&site.app, &who.actor, &no, filed.text("purpose")).await {
        Ok((name, bytes)) => Ok(download(&name, ZIP, bytes)),
        Err(error) => {
            let form = back_to_form(filed.state("bundle"), error)?;
            Ok(Page::retry(batch_page(&site, &who, &no, form).await?).into_response())
        }
    }
}
