//! Appointments and services as pages show them.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::served::{confirms, side};
use super::{ServiceState, conflict, is_of_province, must_look, standing, state_of, term};
use crate::app::App;
use crate::domain::authority::{Act, Scope};
use crate::domain::expert::{
    AppointmentState, Conflict, EmployerSource, ExpertKind, ServiceKind, ServiceSide, Term,
};
use crate::domain::lifecycle::FundingState;
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::service::{Actor, Error};
use crate::store::directory::{self, own_enterprise};
use crate::store::expert::{self as store, Appointment, End, Service};
use crate::store::stipend::explain::{enterprise_names, person_names};
use crate::store::{case as cases, source};

/// Which appointments.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Code of [`ExpertKind`]; all when it is none.
    pub kind: String,
    /// Code of [`AppointmentState`]; all when it is none.
    pub state: String,
    /// Year in which the appointment holds; all when it is none.
    pub year: String,
}

/// An appointment.
#[derive(Debug, Clone)]
pub struct ExpertLine {
    /// Official number.
    pub no: String,
    /// As what.
    pub kind: ExpertKind,
    /// Name of the person.
    pub name: String,
    /// Number of the person.
    pub person_no: String,
    /// Professional field.
    pub field: String,
    /// Employer of the person: name and code, which may be empty.
    pub employer: (String, String),
    /// Host institution.
    pub host: String,
    /// First and last day, and the last one after an early end.
    pub term: Term,
    /// Funding of the term; `None` for readers whom it does not concern.
    pub funding: Option<Fen>,
    /// Where it stands today.
    pub state: AppointmentState,
    /// Confirmed services that the reader sees: how many, and tenths of hours.
    pub served: (i64, i64),
}

/// Days on which the expert's employer is on the list.
#[derive(Debug, Clone)]
pub struct ConflictLine {
    /// Name of the enterprise.
    pub enterprise: String,
    /// How the employer is known.
    pub source: EmployerSource,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub through: NaiveDate,
}

/// A record of a service.
#[derive(Debug, Clone)]
pub struct ServiceLine {
    /// Official number.
    pub no: String,
    /// Number of the appointment.
    pub appointment_no: String,
    /// Name of the enterprise.
    pub enterprise: String,
    /// Day.
    pub served_on: NaiveDate,
    /// Kind.
    pub kind: ServiceKind,
    /// Tenths of an hour.
    pub hours_tenths: i64,
    /// What was done.
    pub content: String,
    /// Who put it down.
    pub side: ServiceSide,
    /// Where it stands.
    pub state: ServiceState,
    /// Whether it went to an employer of the expert that is on the list.
    pub in_conflict: bool,
    /// Name of whoever put it down, and when.
    pub recorded: (String, DateTime<Utc>),
    /// Who decided, when and with which remark.
    pub decided: Option<(String, DateTime<Utc>, String)>,
    /// Number of the record that it corrects.
    pub corrects: Option<String>,
}

/// Confirmed services of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// What the group is called.
    pub name: String,
    /// How many.
    pub services: i64,
    /// Tenths of hours.
    pub hours_tenths: i64,
}

/// The file of the funding: its number and where it stands.
pub type FundingFile = (String, &'static str);

/// Everything about an appointment.
#[derive(Debug, Clone)]
pub struct ExpertView {
    /// Its line.
    pub line: ExpertLine,
    /// Body that appoints.
    pub body: String,
    /// Number of the document.
    pub document_no: String,
    /// Number of the certificate of an accepted one.
    pub certificate_no: Option<String>,
    /// Why and under which document it was ended early.
    pub end: Option<(String, String)>,
    /// Conflicts of interest that the reader may know of.
    pub conflicts: Vec<ConflictLine>,
    /// Services that the reader sees, with every version.
    pub services: Vec<ServiceLine>,
    /// Confirmed ones by kind.
    pub by_kind: Vec<Sum>,
    /// Confirmed ones by enterprise.
    pub by_enterprise: Vec<Sum>,
    /// The file of the funding.
    pub file: Option<FundingFile>,
    /// Who put it down, and when; `None` outside the province.
    pub proposed: Option<(String, DateTime<Utc>)>,
    /// Who decided, when and with which remark.
    pub decided: Option<(String, DateTime<Utc>, String)>,
    /// Whether the reader may decide it.
    pub may_decide: bool,
    /// Whether the reader put it down: somebody else accepts it.
    pub is_own: bool,
    /// Whether the reader may end it early.
    pub may_end: bool,
    /// For which side the reader puts services down.
    pub side: Option<ServiceSide>,
    /// Whether the reader may open the record of the person.
    pub opens_person: bool,
}

/// The appointments that the actor sees and that fit, the latest first.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn experts(app: &App, actor: &Actor, filter: &Filter) -> Result<Vec<ExpertLine>, Error> {
    must_look(actor)?;
    let rows = store::appointments(app.db.read(), &actor.scope).await?;
    let mut found = lines(app, actor, &rows).await?;
    let kind = ExpertKind::from_code(filter.kind.trim());
    let state = AppointmentState::from_code(filter.state.trim());
    let year: Option<i32> = filter.year.trim().parse().ok();
    found.retain(|line| {
        let held = line.term.held();
        let within = |year: i32| {
            held.from.year() <= year && held.through.is_none_or(|last| year <= last.year())
        };
        kind.is_none_or(|kind| line.kind == kind)
            && state.is_none_or(|state| line.state == state)
            && year.is_none_or(within)
    });
    Ok(found)
}

/// The appointments of a person that the actor sees, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn of_person(app: &App, actor: &Actor, person_id: i64) -> Result<Vec<ExpertLine>, Error> {
    if must_look(actor).is_err() {
        return Ok(Vec::new());
    }
    let read = app.db.read();
    let (_, group) = super::leading(read, person_id).await?;
    let rows = store::of_persons(read, &actor.scope, &group).await?;
    lines(app, actor, &rows).await
}

async fn lines(app: &App, actor: &Actor, rows: &[Appointment]) -> Result<Vec<ExpertLine>, Error> {
    let read = app.db.read();
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let ends = store::ends(read, &ids).await?;
    let services = store::services(read, &actor.scope, &ids).await?;
    let standing = standing(&services);
    let mut served: HashMap<i64, (i64, i64)> = HashMap::new();
    for one in services.iter().filter(|one| counts(&standing, one)) {
        let sum = served.entry(one.appointment_id).or_default();
        *sum = (sum.0 + 1, sum.1 + one.hours_tenths);
    }
    let people: Vec<i64> = rows.iter().map(|row| row.person_id).collect();
    let names = person_names(read, &people).await?;
    let numbers = directory::person_numbers(read, &people).await?;
    let hosts: Vec<i64> = rows.iter().map(|row| row.enterprise_id).collect();
    let hosts = enterprise_names(read, &hosts).await?;
    let own = own_enterprise(&actor.scope);
    let today = app.clock.today();
    let line = |row: &Appointment| {
        let unknown = || Error::Internal(format!("appointment {}", row.appointment_no));
        let term = term(row, ends.get(&row.id))?;
        let concerned = own.is_none_or(|own| own == row.enterprise_id);
        Ok(ExpertLine {
            no: row.appointment_no.clone(),
            kind: ExpertKind::from_code(&row.kind).ok_or_else(unknown)?,
            name: names.get(&row.person_id).cloned().unwrap_or_default(),
            person_no: numbers.get(&row.person_id).cloned().unwrap_or_default(),
            field: row.field.clone(),
            employer: (row.employer.clone(), row.employer_uscc.clone()),
            host: hosts.get(&row.enterprise_id).cloned().unwrap_or_default(),
            state: state_of(row, &term, today),
            term,
            funding: concerned.then_some(Fen::new(row.funding_fen)),
            served: served.get(&row.id).copied().unwrap_or_default(),
        })
    };
    rows.iter().map(line).collect()
}

fn counts(standing: &HashMap<i64, ServiceState>, row: &Service) -> bool {
    standing.get(&row.id) == Some(&ServiceState::Confirmed)
}

/// One appointment with its conflicts, services and funding.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] when the reader does not see it.
pub async fn expert(app: &App, actor: &Actor, no: &str) -> Result<ExpertView, Error> {
    must_look(actor)?;
    let read = app.db.read();
    let row = store::by_no(read, &actor.scope, no).await?.ok_or(Error::NotFound("这项聘任"))?;
    let found = lines(app, actor, std::slice::from_ref(&row)).await?.pop();
    let line = found.ok_or(Error::NotFound("这项聘任"))?;
    let end = store::ends(read, &[row.id]).await?.remove(&row.id);
    let sources: Vec<i64> =
        std::iter::once(row.source_id).chain(end.as_ref().map(|end| end.source_id)).collect();
    let documents = source::by_ids(read, &sources).await?;
    let document = |id: i64| {
        let found = documents.iter().find(|document| document.id == id);
        found.map(|document| document.document_no.clone()).unwrap_or_default()
    };
    let known = conflict::of(read, &row, &line.term).await?;
    let services = store::services(read, &actor.scope, &[row.id]).await?;
    let services = service_lines(app, &row, &known, &services).await?;
    let accounts: Vec<i64> =
        [Some(row.proposed_by), row.decided_by].into_iter().flatten().collect();
    let accounts = directory::account_names(read, &accounts).await?;
    let account = |id: i64| accounts.get(&id).cloned().unwrap_or_default();
    let appoints = actor.role.may(Act::AppointExperts);
    let is_own = row.proposed_holder == actor.holder_id;
    let of_province = is_of_province(actor);
    Ok(ExpertView {
        body: row.body.clone(),
        document_no: document(row.source_id),
        certificate_no: row.certificate_no.clone(),
        end: end.as_ref().map(|end: &End| (end.reason.clone(), document(end.source_id))),
        conflicts: conflict_lines(app, actor, &known).await?,
        by_kind: sums(&services, |line| line.kind.label()),
        by_enterprise: sums(&services, |line| &line.enterprise),
        services,
        file: match line.funding {
            Some(_) => file(app, row.case_id).await?,
            None => None,
        },
        proposed: of_province.then(|| (account(row.proposed_by), row.proposed_at)),
        may_decide: appoints && row.accepted.is_none() && !is_own,
        is_own,
        may_end: appoints
            && row.accepted == Some(true)
            && end.is_none()
            && row.starts_on < row.ends_on,
        side: side(actor).map(|(side, _)| side).filter(|_| row.accepted == Some(true)),
        opens_person: of_province,
        decided: row
            .decided_by
            .zip(row.decided_at)
            .filter(|_| of_province)
            .map(|(by, at)| (account(by), at, row.note)),
        line,
    })
}

/// What an enterprise learns of conflicts is what concerns itself.
async fn conflict_lines(
    app: &App,
    actor: &Actor,
    known: &[Conflict],
) -> Result<Vec<ConflictLine>, Error> {
    let ids: Vec<i64> = known.iter().map(|conflict| conflict.enterprise_id).collect();
    let names = enterprise_names(app.db.read(), &ids).await?;
    let own = own_enterprise(&actor.scope);
    let told = known.iter().filter(|one| own.is_none_or(|own| own == one.enterprise_id));
    let line = |one: &Conflict| ConflictLine {
        enterprise: names.get(&one.enterprise_id).cloned().unwrap_or_default(),
        source: one.source,
        from: one.from,
        through: one.through,
    };
    Ok(told.map(line).collect())
}

async fn service_lines(
    app: &App,
    of: &Appointment,
    known: &[Conflict],
    rows: &[Service],
) -> Result<Vec<ServiceLine>, Error> {
    let read = app.db.read();
    let standing = standing(rows);
    let enterprises: Vec<i64> = rows.iter().map(|row| row.enterprise_id).collect();
    let names = enterprise_names(read, &enterprises).await?;
    let accounts: Vec<i64> =
        rows.iter().flat_map(|row| [Some(row.recorded_by), row.decided_by]).flatten().collect();
    let accounts = directory::account_names(read, &accounts).await?;
    let account = |id: i64| accounts.get(&id).cloned().unwrap_or_default();
    let line = |row: &Service| {
        let unknown = || Error::Internal(format!("service {}", row.service_no));
        let corrects = rows.iter().find(|old| Some(old.id) == row.supersedes_id);
        Ok(ServiceLine {
            no: row.service_no.clone(),
            appointment_no: of.appointment_no.clone(),
            enterprise: names.get(&row.enterprise_id).cloned().unwrap_or_default(),
            served_on: row.served_on,
            kind: ServiceKind::from_code(&row.kind).ok_or_else(unknown)?,
            hours_tenths: row.hours_tenths,
            content: row.content.clone(),
            side: ServiceSide::from_code(&row.side).ok_or_else(unknown)?,
            state: standing.get(&row.id).copied().ok_or_else(unknown)?,
            in_conflict: known.iter().any(|one| one.enterprise_id == row.enterprise_id),
            recorded: (account(row.recorded_by), row.recorded_at),
            decided: row
                .decided_by
                .zip(row.decided_at)
                .map(|(by, at)| (account(by), at, row.note.clone())),
            corrects: corrects.map(|old| old.service_no.clone()),
        })
    };
    rows.iter().map(line).collect()
}

/// Confirmed services by a name, in order of the name.
fn sums<'a>(lines: &'a [ServiceLine], name: impl Fn(&'a ServiceLine) -> &'a str) -> Vec<Sum> {
    let mut all: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.state == ServiceState::Confirmed) {
        let sum = all.entry(name(line)).or_default();
        *sum = (sum.0 + 1, sum.1 + line.hours_tenths);
    }
    let sum = |(name, (services, hours_tenths)): (&str, (i64, i64))| Sum {
        name: name.to_owned(),
        services,
        hours_tenths,
    };
    all.into_iter().map(sum).collect()
}

async fn file(app: &App, case_id: Option<i64>) -> Result<Option<FundingFile>, Error> {
    let ids: Vec<i64> = case_id.into_iter().collect();
    let file = cases::by_ids(app.db.read(), &ids).await?.pop();
    Ok(file.and_then(|file| {
        FundingState::from_code(&file.state).map(|state| (file.case_no, state.label()))
    }))
}

/// A record of a service, with its appointment.
#[derive(Debug, Clone)]
pub struct ServiceView {
    /// The record.
    pub line: ServiceLine,
    /// Name and kind of the expert.
    pub expert: (String, ExpertKind),
    /// Whether the reader may confirm it or send it back.
    pub may_confirm: bool,
    /// Whether the reader may correct it.
    pub may_correct: bool,
}

/// One record of a service.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] for an enterprise outside the scope.
pub async fn service(app: &App, actor: &Actor, no: &str) -> Result<ServiceView, Error> {
    must_look(actor)?;
    let read = app.db.read();
    let missing = || Error::NotFound("这条服务记录");
    let row = store::service(read, &actor.scope, no).await?.ok_or_else(missing)?;
    let of = store::by_id(read, row.appointment_id).await?.ok_or_else(missing)?;
    let expert = lines(app, actor, std::slice::from_ref(&of)).await?.pop().ok_or_else(missing)?;
    let known = conflict::of(read, &of, &expert.term).await?;
    let all = store::services(read, &actor.scope, &[of.id]).await?;
    let lines = service_lines(app, &of, &known, &all).await?;
    let waits = |one: &Service| one.supersedes_id == Some(row.id) && one.accepted.is_none();
    let line = lines.into_iter().find(|line| line.no == no).ok_or_else(missing)?;
    let waiting = line.state == ServiceState::Waiting && row.recorded_holder != actor.holder_id;
    Ok(ServiceView {
        may_confirm: waiting && confirms(actor, line.side),
        may_correct: line.state == ServiceState::Confirmed
            && side(actor).is_some()
            && !all.iter().any(waits),
        line,
        expert: (expert.name, expert.kind),
    })
}

/// Every record of a service with the expert and the name, for the table of the province.
pub(super) async fn all_services(app: &App) -> Result<Vec<(i64, String, ServiceLine)>, Error> {
    let read = app.db.read();
    let rows = store::appointments(read, &Scope::Province).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let people: Vec<i64> = rows.iter().map(|row| row.person_id).collect();
    let names = person_names(read, &people).await?;
    let ends = store::ends(read, &ids).await?;
    let mut of: HashMap<i64, Vec<Service>> = HashMap::new();
    for one in store::services(read, &Scope::Province, &ids).await? {
        of.entry(one.appointment_id).or_default().push(one);
    }
    let mut all = Vec::new();
    for row in &rows {
        let Some(services) = of.get(&row.id) else { continue };
        let known = conflict::of(read, row, &term(row, ends.get(&row.id))?).await?;
        let name = names.get(&row.person_id).cloned().unwrap_or_default();
        let lines = service_lines(app, row, &known, services).await?;
        all.extend(lines.into_iter().map(|line| (row.person_id, name.clone(), line)));
    }
    Ok(all)
}
