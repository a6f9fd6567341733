//! Appointments of experts, their early ends, and what was done for which enterprise.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::db::{Verdict, decide as decide_proposal, rows_per_statement};
use super::directory::scope;
use super::number;
use crate::domain::authority::Scope;
use crate::domain::period::Period;
use entity::{expert_appointment, expert_end, expert_service};

pub use entity::expert_appointment::Model as Appointment;
pub use entity::expert_end::Model as End;
pub use entity::expert_service::Model as Service;

/// An appointment, to be put down.
#[derive(Debug)]
pub struct NewAppointment<'a> {
    /// Who.
    pub person_id: i64,
    /// Code of the kind.
    pub kind: &'a str,
    /// Professional field.
    pub field: &'a str,
    /// Name of the expert's employer, and its code or nothing.
    pub employer: (&'a str, &'a str),
    /// Host institution, and its division when it was put down.
    pub enterprise: (i64, &'a str),
    /// Body that appoints.
    pub body: &'a str,
    /// First and last day.
    pub days: (NaiveDate, NaiveDate),
    /// Funding of the term, fen.
    pub funding_fen: i64,
    /// Policy text.
    pub policy_document_id: i64,
    /// Document of the appointment.
    pub source_id: i64,
    /// Account and natural person.
    pub by: (i64, i64),
    /// When.
    pub at: DateTime<Utc>,
}

/// Puts an appointment down; gives its number.
///
/// # Errors
/// When the database refuses.
pub async fn propose(tx: &DatabaseTransaction, new: &NewAppointment<'_>) -> Result<String, DbErr> {
    let no = format!("ZJ{:05}", number::allocate(tx, "expert_appointment", 1).await?);
    let row = expert_appointment::ActiveModel {
        appointment_no: Set(no.clone()),
        person_id: Set(new.person_id),
        kind: Set(new.kind.to_owned()),
        field: Set(new.field.to_owned()),
        employer: Set(new.employer.0.to_owned()),
        employer_uscc: Set(new.employer.1.to_owned()),
        enterprise_id: Set(new.enterprise.0),
        division: Set(new.enterprise.1.to_owned()),
        body: Set(new.body.to_owned()),
        starts_on: Set(new.days.0),
        ends_on: Set(new.days.1),
        funding_fen: Set(new.funding_fen),
        policy_document_id: Set(new.policy_document_id),
        source_id: Set(new.source_id),
        proposed_by: Set(new.by.0),
        proposed_holder: Set(new.by.1),
        proposed_at: Set(new.at),
        note: Set(String::new()),
        ..Default::default()
    };
    expert_appointment::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(no)
}

/// Outside the province only accepted appointments are seen, by all: whoever may be served has to
/// know by whom.
fn seen(of: &Scope) -> sea_orm::Select<expert_appointment::Entity> {
    let accepted = (*of != Scope::Province).then(|| expert_appointment::Column::Accepted.eq(true));
    expert_appointment::Entity::find().filter(Condition::all().add_option(accepted))
}

/// The appointments that a scope sees, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn appointments(
    conn: &impl ConnectionTrait,
    of: &Scope,
) -> Result<Vec<Appointment>, DbErr> {
    seen(of).order_by_desc(expert_appointment::Column::Id).all(conn).await
}

/// One appointment that a scope sees.
///
/// # Errors
/// When the database fails.
pub async fn by_no(
    conn: &impl ConnectionTrait,
    of: &Scope,
    no: &str,
) -> Result<Option<Appointment>, DbErr> {
    seen(of).filter(expert_appointment::Column::AppointmentNo.eq(no)).one(conn).await
}

/// The same, locked.
///
/// # Errors
/// When the database fails.
pub async fn lock(
    tx: &DatabaseTransaction,
    of: &Scope,
    no: &str,
) -> Result<Option<Appointment>, DbErr> {
    let select = seen(of).filter(expert_appointment::Column::AppointmentNo.eq(no));
    select.lock(LockType::Update).one(tx).await
}

/// One appointment by its identity.
///
/// # Errors
/// When the database fails.
pub async fn by_id(conn: &impl ConnectionTrait, id: i64) -> Result<Option<Appointment>, DbErr> {
    expert_appointment::Entity::find_by_id(id).one(conn).await
}

/// The appointment whose funding a file is about.
///
/// # Errors
/// When the database fails.
pub async fn of_case(
    conn: &impl ConnectionTrait,
    case_id: i64,
) -> Result<Option<Appointment>, DbErr> {
    use expert_appointment::{Column, Entity};
    Entity::find().filter(Column::CaseId.eq(case_id)).one(conn).await
}

/// The appointments of persons that a scope sees, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn of_persons(
    conn: &impl ConnectionTrait,
    of: &Scope,
    persons: &[i64],
) -> Result<Vec<Appointment>, DbErr> {
    use expert_appointment::Column;
    let select = seen(of).filter(Column::PersonId.is_in(persons.iter().copied()));
    select.order_by_desc(Column::Id).all(conn).await
}

/// What became of a proposed appointment.
#[derive(Debug)]
pub struct Decision<'a> {
    /// Account and natural person.
    pub by: (i64, i64),
    /// Whether it was accepted.
    pub accepted: bool,
    /// In their words.
    pub note: &'a str,
    /// Number of the certificate of an accepted one.
    pub certificate_no: Option<String>,
    /// The file of its funding.
    pub case_id: Option<i64>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Says what became of a proposed appointment.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was decided before; a refusal of the database when another
/// accepted one of the same person and kind has a day in common.
pub async fn decide(
    tx: &DatabaseTransaction,
    id: i64,
    decision: Decision<'_>,
) -> Result<(), DbErr> {
    use expert_appointment::{Column, Entity};
    let with = [
        (Column::DecidedBy, decision.by.0.into()),
        (Column::DecidedHolder, decision.by.1.into()),
        (Column::CertificateNo, decision.certificate_no.into()),
        (Column::CaseId, decision.case_id.into()),
    ];
    let Decision { accepted, note, at, .. } = decision;
    decide_proposal::<Entity>(tx, id, with, Verdict { accepted, note, at }).await
}

/// The early end of an appointment, to be put down.
#[derive(Debug)]
pub struct NewEnd<'a> {
    /// Appointment.
    pub appointment_id: i64,
    /// Last day.
    pub last_day: NaiveDate,
    /// Why.
    pub reason: &'a str,
    /// Document.
    pub source_id: i64,
    /// Account and natural person.
    pub by: (i64, i64),
    /// When.
    pub at: DateTime<Utc>,
}

/// Ends an appointment early.
///
/// # Errors
/// When it was ended before, or the day is not within its term.
pub async fn end(tx: &DatabaseTransaction, new: &NewEnd<'_>) -> Result<(), DbErr> {
    let row = expert_end::ActiveModel {
        appointment_id: Set(new.appointment_id),
        last_day: Set(new.last_day),
        reason: Set(new.reason.to_owned()),
        source_id: Set(new.source_id),
        recorded_by: Set(new.by.0),
        recorded_holder: Set(new.by.1),
        recorded_at: Set(new.at),
        ..Default::default()
    };
    expert_end::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The early ends of appointments, by appointment.
///
/// # Errors
/// When the database fails.
pub async fn ends(
    conn: &impl ConnectionTrait,
    appointments: &[i64],
) -> Result<HashMap<i64, End>, DbErr> {
    use expert_end::{Column, Entity};
    let mut found = HashMap::new();
    for ids in appointments.chunks(rows_per_statement(1)) {
        let among = Column::AppointmentId.is_in(ids.iter().copied());
        let rows = Entity::find().filter(among).all(conn).await?;
        found.extend(rows.into_iter().map(|row| (row.appointment_id, row)));
    }
    Ok(found)
}

/// A service, to be put down.
#[derive(Debug)]
pub struct NewService<'a> {
    /// Appointment under which it was given.
    pub appointment_id: i64,
    /// Enterprise that was served.
    pub enterprise_id: i64,
    /// Day.
    pub served_on: NaiveDate,
    /// Code of the kind.
    pub kind: &'a str,
    /// Tenths of an hour; 0 takes back the record that it corrects.
    pub hours_tenths: i64,
    /// What was done.
    pub content: &'a str,
    /// Code of the side that puts it down.
    pub side: &'a str,
    /// The record that it corrects.
    pub supersedes_id: Option<i64>,
    /// Account and natural person.
    pub by: (i64, i64),
    /// When.
    pub at: DateTime<Utc>,
}

/// Puts a service down; gives its number.
///
/// # Errors
/// When the day is not within the term, or another correction of the same record stands or waits.
pub async fn record(tx: &DatabaseTransaction, new: &NewService<'_>) -> Result<String, DbErr> {
    let no = format!("FW{:06}", number::allocate(tx, "expert_service", 1).await?);
    let row = expert_service::ActiveModel {
        service_no: Set(no.clone()),
        appointment_id: Set(new.appointment_id),
        enterprise_id: Set(new.enterprise_id),
        served_on: Set(new.served_on),
        kind: Set(new.kind.to_owned()),
        hours_tenths: Set(new.hours_tenths),
        content: Set(new.content.to_owned()),
        side: Set(new.side.to_owned()),
        supersedes_id: Set(new.supersedes_id),
        recorded_by: Set(new.by.0),
        recorded_holder: Set(new.by.1),
        recorded_at: Set(new.at),
        note: Set(String::new()),
        ..Default::default()
    };
    expert_service::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(no)
}

fn services_seen(of: &Scope) -> sea_orm::Select<expert_service::Entity> {
    use expert_service::{Column, Entity};
    Entity::find().filter(scope::enterprises(of, Column::EnterpriseId))
}

/// The services under appointments for enterprises in scope, with every version, by day.
///
/// # Errors
/// When the database fails.
pub async fn services(
    conn: &impl ConnectionTrait,
    of: &Scope,
    appointments: &[i64],
) -> Result<Vec<Service>, DbErr> {
    use expert_service::Column;
    let mut found = Vec::new();
    for ids in appointments.chunks(rows_per_statement(1)) {
        let select = services_seen(of).filter(Column::AppointmentId.is_in(ids.iter().copied()));
        let select = select.order_by_asc(Column::ServedOn).order_by_asc(Column::Id);
        found.extend(select.all(conn).await?);
    }
    Ok(found)
}

/// One service for an enterprise in scope.
///
/// # Errors
/// When the database fails.
pub async fn service(
    conn: &impl ConnectionTrait,
    of: &Scope,
    no: &str,
) -> Result<Option<Service>, DbErr> {
    services_seen(of).filter(expert_service::Column::ServiceNo.eq(no)).one(conn).await
}

/// Says whether the other side confirms a service.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was decided before.
pub async fn confirm(
    tx: &DatabaseTransaction,
    id: i64,
    (account, holder): (i64, i64),
    (accept, note): (bool, &str),
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use expert_service::{Column, Entity};
    let by = [(Column::DecidedBy, account.into()), (Column::DecidedHolder, holder.into())];
    decide_proposal::<Entity>(tx, id, by, Verdict { accepted: accept, note, at }).await
}

/// The days agreed of an appointment; `None` for a row that the program never writes.
pub fn agreed(row: &Appointment) -> Option<Period> {
    Period::new(row.starts_on, Some(row.ends_on))
}
