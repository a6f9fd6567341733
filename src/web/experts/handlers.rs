//! Reading appointments and services.

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::HERE;
use super::pages::{
    CertificatePage, ConflictRow, ExpertPage, ExpertRow, Experts, ServicePage, ServiceRow, SumRow,
};
use crate::domain::authority::{Act, Scope};
use crate::domain::expert::{AppointmentState, ExpertKind, ServiceKind, ServiceSide, hours};
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::expert::{
    self, ConflictLine, ExpertLine, ExpertView, Filter, ServiceLine, ServiceView, Sum,
};
use crate::web::failure::Answer;
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::listing::{minute, query_of};
use crate::web::page::Page;
use crate::web::send::{XLSX, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    kind: String,
    state: String,
    year: String,
}

impl Wanted {
    fn filter(&self) -> Filter {
        Filter { kind: self.kind.clone(), state: self.state.clone(), year: self.year.clone() }
    }
}

pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let found = expert::experts(&site.app, &who.actor, &wanted.filter()).await?;
    let conditions = [
        ("kind", wanted.kind.as_str()),
        ("state", wanted.state.as_str()),
        ("year", wanted.year.as_str()),
    ];
    let exports = who.actor.scope == Scope::Province;
    let page = Experts {
        frame: who.frame(&site, HERE).await?,
        filter: FormState::filter(&conditions),
        kinds: Choice::of::<ExpertKind>(),
        states: Choice::of::<AppointmentState>(),
        rows: found.iter().map(row).collect(),
        export_href: exports.then(|| format!("{HERE}.xlsx?{}", query_of(conditions))),
        may_appoint: who.actor.role.may(Act::AppointExperts),
    };
    Ok(Page::ok(page).into_response())
}

fn row(line: &ExpertLine) -> ExpertRow {
    let agreed = line.term.agreed;
    ExpertRow {
        no: line.no.clone(),
        kind: line.kind.label(),
        name: line.name.clone(),
        person_no: line.person_no.clone(),
        field: line.field.clone(),
        employer: line.employer.0.clone(),
        host: line.host.clone(),
        days: agreed.words(),
        ended_on: line.term.ended_on.map(|day| day.to_string()).unwrap_or_default(),
        funding: line.funding.map(Yuan),
        state: line.state.label(),
        services: line.served.0,
        hours: hours(line.served.1),
    }
}

pub(super) async fn xlsx(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let (name, bytes) = expert::sheet(&site.app, &who.actor, &wanted.filter()).await?;
    Ok(download(&name, XLSX, bytes))
}

pub(super) async fn xlsx_of_services(State(site): State<Site>, who: SignedIn) -> Answer {
    let (name, bytes) = expert::sheet_of_services(&site.app, &who.actor).await?;
    Ok(download(&name, XLSX, bytes))
}

pub(super) async fn read(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    Ok(Page::ok(page(&site, &who, &no, None).await?).into_response())
}

/// The page of an appointment; `wrong` is the form that has to be corrected.
pub(super) async fn page(
    site: &Site,
    who: &SignedIn,
    no: &str,
    wrong: Option<FormState>,
) -> Result<ExpertPage, Error> {
    let view = expert::expert(&site.app, &who.actor, no).await?;
    let frame = who.frame(site, HERE).await?;
    Ok(filled(frame, view, wrong))
}

fn filled(frame: Frame, view: ExpertView, wrong: Option<FormState>) -> ExpertPage {
    let facts = row(&view.line);
    let is_proposed = view.line.state == AppointmentState::Proposed;
    let end = view.end.map(|(reason, document)| format!("{document}，{reason}"));
    let (file, file_state) = view.file.unwrap_or_default();
    let decided = view.decided;
    ExpertPage {
        frame,
        employer_uscc: view.line.employer.1,
        opens_person: view.opens_person,
        body: view.body,
        document_no: view.document_no,
        certificate_no: view.certificate_no.unwrap_or_default(),
        end_reason: end.unwrap_or_default(),
        conflicts: view.conflicts.iter().map(conflict).collect(),
        services: view.services.into_iter().map(service_row).collect(),
        by_kind: view.by_kind.into_iter().map(sum).collect(),
        by_enterprise: view.by_enterprise.into_iter().map(sum).collect(),
        file,
        file_state,
        proposed: view
            .proposed
            .map(|(name, at)| format!("{} {name}", minute(at)))
            .unwrap_or_default(),
        note: decided.as_ref().map(|(.., note)| note.clone()).unwrap_or_default(),
        decided: decided.map(|(name, at, _)| format!("{} {name}", minute(at))).unwrap_or_default(),
        waits_for_another: view.is_own && is_proposed,
        kinds: Choice::of::<ServiceKind>(),
        names_enterprise: view.side == Some(ServiceSide::Province),
        decision: view.may_decide.then(|| FormState::new("decision").or_typed(wrong.as_ref())),
        service: view.side.map(|_| FormState::new("service").or_typed(wrong.as_ref())),
        ending: view.may_end.then(|| FormState::new("end").or_typed(wrong.as_ref())),
        facts,
    }
}

fn conflict(line: &ConflictLine) -> ConflictRow {
    ConflictRow {
        enterprise: line.enterprise.clone(),
        source: line.source.label(),
        from: line.from.to_string(),
        through: line.through.to_string(),
    }
}

fn sum(sum: Sum) -> SumRow {
    SumRow { name: sum.name, services: sum.services, hours: hours(sum.hours_tenths) }
}

fn service_row(line: ServiceLine) -> ServiceRow {
    let note = line.decided.as_ref().map(|(.., note)| note.clone()).unwrap_or_default();
    ServiceRow {
        no: line.no,
        enterprise: line.enterprise,
        served_on: line.served_on.to_string(),
        kind: line.kind.label(),
        hours: hours(line.hours_tenths),
        content: line.content,
        side: line.side.label(),
        state: line.state.label(),
        in_conflict: line.in_conflict,
        recorded: format!("{} {}", minute(line.recorded.1), line.recorded.0),
        decided: line
            .decided
            .map(|(name, at, _)| format!("{} {name}", minute(at)))
            .unwrap_or_default(),
        note,
        corrects: line.corrects.unwrap_or_default(),
    }
}

pub(super) async fn service(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    Ok(Page::ok(service_page(&site, &who, &no, None).await?).into_response())
}

/// The page of a service; `wrong` is the form that has to be corrected.
pub(super) async fn service_page(
    site: &Site,
    who: &SignedIn,
    no: &str,
    wrong: Option<FormState>,
) -> Result<ServicePage, Error> {
    let view: ServiceView = expert::service(&site.app, &who.actor, no).await?;
    let correction = FormState::new("correction")
        .with("served_on", view.line.served_on.to_string())
        .with("kind", view.line.kind.code())
        .with("hours", hours(view.line.hours_tenths))
        .with("content", &view.line.content)
        .or_typed(wrong.as_ref());
    Ok(ServicePage {
        frame: who.frame(site, HERE).await?,
        expert: format!("{}（{}）", view.expert.0, view.expert.1.label()),
        appointment_no: view.line.appointment_no.clone(),
        kinds: Choice::of::<ServiceKind>(),
        decision: view.may_confirm.then(|| FormState::new("decision").or_typed(wrong.as_ref())),
        correction: view.may_correct.then_some(correction),
        row: service_row(view.line),
    })
}

fn long_day(day: chrono::NaiveDate) -> String {
    day.format("%Y年%-m月%-d日").to_string()
}

pub(super) async fn certificate(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    let view = expert::expert(&site.app, &who.actor, &no).await?;
    let certificate_no = view.certificate_no.ok_or(Error::NotFound("这份聘书"))?;
    let agreed = view.line.term.agreed;
    let page = CertificatePage {
        frame: who.frame(&site, HERE).await?,
        no: view.line.no,
        certificate_no,
        name: view.line.name,
        kind: view.line.kind.label(),
        field: view.line.field,
        from: long_day(agreed.from),
        through: agreed.through.map(long_day).unwrap_or_default(),
        body: view.body,
        document_no: view.document_no,
        ended_on: view.line.term.ended_on.map(long_day).unwrap_or_default(),
    };
    Ok(Page::ok(page).into_response())
}
