//! The log of services: put down by one side, confirmed by the other, corrected by a later record.

use chrono::NaiveDate;
use serde_json::json;

use super::{ServiceState, standing, term};
use crate::app::App;
use crate::domain::authority::{Act, Scope};
use crate::domain::expert::{ServiceKind, ServiceSide, hours, hours_tenths};
use crate::domain::period::Period;
use crate::domain::registry::Code;
use crate::service::payment::text_or_fault;
use crate::service::training::{Faults, enterprise};
use crate::service::{Actor, Error, invalid, log};
use crate::store::db::Tx;
use crate::store::directory::own_enterprise;
use crate::store::expert::{self as store, Appointment, NewService, Service};

const CONTENT_MAX: usize = 200;

/// A service as it is typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct TypedService<'a> {
    /// Code of the enterprise; asked of the province only, and not for corrections.
    pub uscc: &'a str,
    /// Day.
    pub served_on: &'a str,
    /// Code of [`ServiceKind`].
    pub kind: &'a str,
    /// Hours with at most one decimal; 0 in a correction takes the record back.
    pub hours: &'a str,
    /// What was done.
    pub content: &'a str,
}

/// For which side the actor puts services down, and for which enterprise alone.
pub(super) fn side(actor: &Actor) -> Option<(ServiceSide, Option<i64>)> {
    if actor.role.may(Act::RecordServices) {
        return own_enterprise(&actor.scope).map(|own| (ServiceSide::Enterprise, Some(own)));
    }
    actor.role.may(Act::AppointExperts).then_some((ServiceSide::Province, None))
}

/// Whether the actor confirms what this side put down.
pub(super) fn confirms(actor: &Actor, side: ServiceSide) -> bool {
    match side {
        ServiceSide::Enterprise => actor.role.may(Act::AppointExperts),
        ServiceSide::Province => actor.role.may(Act::ConfirmServices),
    }
}

struct Read {
    served_on: NaiveDate,
    kind: ServiceKind,
    tenths: i64,
    content: String,
}

fn read(
    typed: &TypedService<'_>,
    (held, today): (Period, NaiveDate),
    least: i64,
    mut faults: Faults,
) -> Result<Read, Error> {
    let served_on = typed.served_on.trim().parse::<NaiveDate>().ok().filter(|day| *day <= today);
    match served_on {
        None => faults.push(invalid("served_on", "请填写不晚于今天的日期，例如 2027-06-30")),
        Some(day) if !held.covers(day) => {
            let text = format!("服务日期不在聘期内（{}）", held.words());
            faults.push(invalid("served_on", text));
        }
        Some(_) => {}
    }
    let kind = ServiceKind::from_code(typed.kind.trim());
    if kind.is_none() {
        faults.push(invalid("kind", "请选择服务类型"));
    }
    let tenths = hours_tenths(typed.hours).filter(|tenths| *tenths >= least);
    if tenths.is_none() {
        let text = "请填写小时数，最多一位小数，不超过 24，例如 3.5";
        faults.push(invalid("hours", text));
    }
    let content = text_or_fault(&mut faults, ("content", "服务内容"), typed.content, CONTENT_MAX);
    match (served_on, kind, tenths, faults.is_empty()) {
        (Some(served_on), Some(kind), Some(tenths), true) => {
            Ok(Read { served_on, kind, tenths, content })
        }
        _ => Err(Error::Invalid(faults)),
    }
}

/// The days on which an accepted appointment holds.
async fn held(tx: &Tx, row: &Appointment) -> Result<Period, Error> {
    if row.accepted != Some(true) {
        return Err(Error::Refused("这项聘任还没有确认，不能登记服务".to_owned()));
    }
    let ends = store::ends(tx, &[row.id]).await?;
    Ok(term(row, ends.get(&row.id))?.held())
}

/// Puts a service down: the clerk of an enterprise for that one, the province for any. It counts
/// once the other side has confirmed it. Returns its number.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`] with the fields (as in
/// [`TypedService`]); [`Error::Refused`] before the appointment is accepted.
pub async fn record(
    app: &App,
    actor: &Actor,
    no: &str,
    typed: &TypedService<'_>,
) -> Result<String, Error> {
    let (side, own) = side(actor).ok_or(Error::Forbidden(Act::RecordServices))?;
    let tx = app.db.begin().await?;
    let row = store::lock(&tx, &actor.scope, no).await?.ok_or(Error::NotFound("这项聘任"))?;
    let held = held(&tx, &row).await?;
    let mut faults = Faults::new();
    let enterprise_id = match own {
        Some(own) => own,
        None => match enterprise(&tx, typed.uscc).await? {
            Ok(id) => id,
            Err(text) => {
                faults.push(invalid("uscc", text));
                0
            }
        },
    };
    let read = read(typed, (held, app.clock.today()), 1, faults)?;
    let service = put_down(app, &tx, actor, (row.id, enterprise_id, side), &read, None).await?;
    let detail = detail(&row, &read);
    log(app, &tx, actor, "expert_service.recorded", ("expert_service", &service), &detail).await?;
    tx.commit().await?;
    Ok(service)
}

async fn put_down(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (appointment_id, enterprise_id, side): (i64, i64, ServiceSide),
    read: &Read,
    supersedes_id: Option<i64>,
) -> Result<String, Error> {
    let new = NewService {
        appointment_id,
        enterprise_id,
        served_on: read.served_on,
        kind: read.kind.code(),
        hours_tenths: read.tenths,
        content: &read.content,
        side: side.code(),
        supersedes_id,
        by: (actor.account_id, actor.holder_id),
        at: app.clock.now(),
    };
    Ok(store::record(tx, &new).await?)
}

fn detail(row: &Appointment, read: &Read) -> serde_json::Value {
    json!({
        "appointment": row.appointment_no, "kind": read.kind.label(),
        "on_day": read.served_on.to_string(), "hours": hours(read.tenths),
    })
}

/// Puts down what a confirmed record should say; the former stands until the other side confirms
/// the new one, and stays on record. Zero hours take it back. Returns the number of the correction.
///
/// # Errors
/// As [`record`]; [`Error::Refused`] when the record does not count, is being corrected, or says
/// the same.
pub async fn correct(
    app: &App,
    actor: &Actor,
    service_no: &str,
    typed: &TypedService<'_>,
) -> Result<String, Error> {
    let (side, _) = side(actor).ok_or(Error::Forbidden(Act::RecordServices))?;
    let tx = app.db.begin().await?;
    let old = found(&tx, &actor.scope, service_no).await?;
    let row = store::by_id(&tx, old.appointment_id).await?.ok_or(Error::NotFound("这项聘任"))?;
    let services = store::services(&tx, &Scope::Province, &[row.id]).await?;
    if standing(&services).get(&old.id) != Some(&ServiceState::Confirmed) {
        return Err(Error::Refused("只能更正已确认、现行的服务记录".to_owned()));
    }
    let waits = |one: &&Service| one.supersedes_id == Some(old.id) && one.accepted.is_none();
    if let Some(waiting) = services.iter().find(waits) {
        let text = format!("更正 {} 正在等待确认，请先办结", waiting.service_no);
        return Err(Error::Refused(text));
    }
    let held = held(&tx, &row).await?;
    let read = read(typed, (held, app.clock.today()), 0, Faults::new())?;
    let same = (read.served_on, read.kind.code(), read.tenths, read.content.as_str())
        == (old.served_on, &old.kind, old.hours_tenths, &old.content);
    if same {
        return Err(Error::Refused("与现有记录相同，没有更改".to_owned()));
    }
    let about = (row.id, old.enterprise_id, side);
    let service = put_down(app, &tx, actor, about, &read, Some(old.id)).await?;
    let mut detail = detail(&row, &read);
    detail["before"] = json!(service_no);
    log(app, &tx, actor, "expert_service.corrected", ("expert_service", &service), &detail).await?;
    tx.commit().await?;
    Ok(service)
}

async fn found(tx: &Tx, scope: &Scope, service_no: &str) -> Result<Service, Error> {
    store::service(tx, scope, service_no).await?.ok_or(Error::NotFound("这条服务记录"))
}

/// Confirms what the other side put down, or sends it back: the province for an enterprise, clerk
/// or head of the enterprise for the province.
///
/// # Errors
/// [`Error::Forbidden`] for one's own side; [`Error::NotFound`]; [`Error::Refused`] for one's own
/// record; [`Error::Stale`] when it was decided first; [`Error::Invalid`] when it is sent back
/// without a reason.
pub async fn confirm(
    app: &App,
    actor: &Actor,
    service_no: &str,
    accept: bool,
    note: &str,
) -> Result<(), Error> {
    let note = note.trim();
    let tx = app.db.begin().await?;
    let row = found(&tx, &actor.scope, service_no).await?;
    let unknown = || Error::Internal(format!("side of {service_no}"));
    let side = ServiceSide::from_code(&row.side).ok_or_else(unknown)?;
    if !confirms(actor, side) {
        return Err(Error::Forbidden(match side {
            ServiceSide::Enterprise => Act::AppointExperts,
            ServiceSide::Province => Act::ConfirmServices,
        }));
    }
    if !accept && note.is_empty() {
        return Err(Error::Invalid(vec![invalid("note", "退回时请写明原因")]));
    }
    if row.decided_at.is_some() {
        return Err(Error::Stale("这条服务记录刚刚已由他人办理，请刷新后再看".to_owned()));
    }
    if row.recorded_holder == actor.holder_id {
        return Err(Error::Refused("由您登记的须由对方确认".to_owned()));
    }
    let by = (actor.account_id, actor.holder_id);
    store::confirm(&tx, row.id, by, (accept, note), app.clock.now()).await?;
    let action = if accept { "expert_service.confirmed" } else { "expert_service.refused" };
    log(app, &tx, actor, action, ("expert_service", service_no), &json!({ "note": note })).await?;
    Ok(tx.commit().await?)
}
