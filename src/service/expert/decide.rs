//! Putting an appointment down, accepting it, ending it early.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::typed::{Read, TypedAppointment, read};
use super::{TEXT, conflict, leading, term};
use crate::app::App;
use crate::domain::authority::{Act, Scope};
use crate::domain::expert::{Conflict, ExpertKind};
use crate::domain::lifecycle::{Case, ExpertFunding, Lifecycle};
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::registry::Code;
use crate::service::agreed::agreed_policy;
use crate::service::payment::text_or_fault;
use crate::service::training::Faults;
use crate::service::{Actor, Error, agreement, calendar, invalid, log};
use crate::store::case::{self as cases, NewCase};
use crate::store::db::Tx;
use crate::store::expert::{self as store, Appointment, Decision, NewAppointment, NewEnd};
use crate::store::source::{self, NewSource};
use crate::store::{number, stipend};

const REASON_MAX: usize = 200;

/// What stands against an appointment of a person on these days: another one of the same kind.
async fn clash(
    tx: &Tx,
    (person, kind, period): (i64, &str, Period),
    own: Option<i64>,
) -> Result<Option<String>, Error> {
    let (_, group) = leading(tx, person).await?;
    let mut rows = store::of_persons(tx, &Scope::Province, &group).await?;
    rows.retain(|row| row.accepted == Some(true) && row.kind == kind && Some(row.id) != own);
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let ends = store::ends(tx, &ids).await?;
    for row in rows {
        let held = term(&row, ends.get(&row.id))?.held();
        if held.overlaps(&period) {
            let (no, days) = (&row.appointment_no, held.words());
            let text = format!("该人员已有同类聘任 {no}（{days}），聘期不能重叠");
            return Ok(Some(text));
        }
    }
    Ok(None)
}

/// Puts an appointment down; it holds once somebody else has accepted it. Returns its number.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] with the fields (as in [`TypedAppointment`]).
pub async fn propose(app: &App, actor: &Actor, typed: &TypedAppointment) -> Result<String, Error> {
    actor.must(Act::AppointExperts)?;
    let read = read(typed)?;
    let tx = app.db.begin().await?;
    let person = agreement::person(&tx, "person", &typed.person.trim().to_uppercase()).await?;
    let (person, _) = leading(&tx, person).await?;
    if let Some(text) = clash(&tx, (person, read.kind.code(), read.period), None).await? {
        return Err(Error::Invalid(vec![invalid("from", text)]));
    }
    let host = agreement::host(&tx, typed.enterprise.trim(), app.clock.today()).await?;
    let no = put_down(app, &tx, actor, &read, (person, &host)).await?;
    let through = read.period.through.map(|day| day.to_string());
    let detail = json!({
        "kind": read.kind.label(), "from": read.period.from.to_string(), "through": through,
        "amount": read.funding.to_string(), "document_no": read.document_no,
    });
    log(app, &tx, actor, "expert.proposed", ("expert", &no), &detail).await?;
    tx.commit().await?;
    Ok(no)
}

async fn put_down(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    read: &Read,
    (person_id, host): (i64, &(i64, String)),
) -> Result<String, Error> {
    let policy_document_id = TEXT.ensure(app, tx, actor).await?;
    let policy = agreed_policy(tx, policy_document_id).await?;
    if read.funding > Fen::ZERO {
        let Some(version) = policy.version_on(read.period.from) else {
            let text = "聘期首日不在经费政策有效期内，请核对日期，或把经费填为 0";
            return Err(Error::Invalid(vec![invalid("from", text)]));
        };
        if !version.participates(&host.1) {
            let text = "服务企业所在地区没有参照执行本政策，请把经费填为 0";
            return Err(Error::Invalid(vec![invalid("enterprise", text)]));
        }
    }
    let at = app.clock.now();
    let document = NewSource {
        kind: "decision",
        title: "聘任决定",
        document_no: &read.document_no,
        import_id: None,
        recorded_by: actor.account_id,
        recorded_at: at,
    };
    let new = NewAppointment {
        person_id,
        kind: read.kind.code(),
        field: &read.field,
        employer: (&read.employer.0, &read.employer.1),
        enterprise: (host.0, &host.1),
        body: &read.body,
        days: (read.period.from, read.period.through.unwrap_or(read.period.from)),
        funding_fen: read.funding.get(),
        policy_document_id,
        source_id: source::record(tx, &document).await?,
        by: (actor.account_id, actor.holder_id),
        at,
    };
    Ok(store::propose(tx, &new).await?)
}

/// Accepts an appointment that somebody else put down, or sends it back. An accepted one gets the
/// number of its certificate and, where funding was agreed, a file for it; the conflicts of interest
/// that the registry knows of go into the log.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Refused`] for one's own, or when another
/// appointment of the person stands against it; [`Error::Stale`] when it was decided first;
/// [`Error::Invalid`] when it is sent back without a reason.
pub async fn decide(
    app: &App,
    actor: &Actor,
    no: &str,
    accept: bool,
    note: &str,
) -> Result<(), Error> {
    actor.must(Act::AppointExperts)?;
    let note = note.trim();
    if !accept && note.is_empty() {
        return Err(Error::Invalid(vec![invalid("note", "退回时请写明原因")]));
    }
    let tx = app.db.begin().await?;
    let row = store::lock(&tx, &actor.scope, no).await?.ok_or(Error::NotFound("这项聘任"))?;
    if row.decided_at.is_some() {
        return Err(Error::Stale("这项聘任刚刚已由他人办理，请刷新后再看".to_owned()));
    }
    if row.proposed_holder == actor.holder_id {
        return Err(Error::Refused("由您录入的须由另一人对照聘任文件确认".to_owned()));
    }
    let mut decision = Decision {
        by: (actor.account_id, actor.holder_id),
        accepted: accept,
        note,
        certificate_no: None,
        case_id: None,
        at: app.clock.now(),
    };
    let mut detail = json!({ "note": note });
    if accept {
        let term = term(&row, None)?;
        if let Some(text) =
            clash(&tx, (row.person_id, &row.kind, term.agreed), Some(row.id)).await?
        {
            return Err(Error::Refused(text));
        }
        let serial = number::allocate(&tx, "expert_certificate", 1).await?;
        let certificate = format!("FJ-ZJ-{}-{serial:05}", app.clock.today().format("%Y"));
        let known = conflict::of(&tx, &row, &term).await?;
        detail = json!({
            "note": note, "certificate": certificate, "conflicts": told(&tx, &known).await?,
        });
        decision.certificate_no = Some(certificate);
        decision.case_id = open_file(app, &tx, actor, &row).await?;
    }
    store::decide(&tx, row.id, decision).await?;
    let action = if accept { "expert.accepted" } else { "expert.refused" };
    log(app, &tx, actor, action, ("expert", no), &detail).await?;
    Ok(tx.commit().await?)
}

/// Conflicts as the log keeps them.
async fn told(tx: &Tx, conflicts: &[Conflict]) -> Result<Value, Error> {
    let ids: Vec<i64> = conflicts.iter().map(|conflict| conflict.enterprise_id).collect();
    let names = stipend::explain::enterprise_names(tx, &ids).await?;
    let one = |conflict: &Conflict| {
        json!({
            "enterprise": names.get(&conflict.enterprise_id),
            "source": conflict.source.label(),
            "from": conflict.from.to_string(), "through": conflict.through.to_string(),
        })
    };
    Ok(Value::Array(conflicts.iter().map(one).collect()))
}

/// The file of the funding; `None` where none was agreed.
async fn open_file(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    row: &Appointment,
) -> Result<Option<i64>, Error> {
    if row.funding_fen == 0 {
        return Ok(None);
    }
    let fresh = Case::<ExpertFunding>::open(app.clock.today(), &calendar::within(tx).await?);
    let serial = number::allocate(tx, "expert_case", 1).await?;
    let kind = ExpertKind::from_code(&row.kind).map_or("", Code::label);
    let amount = Fen::new(row.funding_fen).grouped();
    let new = NewCase {
        case_no: &format!("ZF{}-{serial:05}", app.clock.today().format("%Y")),
        kind: ExpertFunding::KIND.code(),
        enterprise_id: Some(row.enterprise_id),
        person_id: Some(row.person_id),
        about: &format!("{kind}聘期经费 {amount} 元，{} 至 {}", row.starts_on, row.ends_on),
        state: fresh.state.code(),
        since: fresh.since,
        due_on: fresh.due.day(),
        opened_by: actor.account_id,
        opened_at: app.clock.now(),
    };
    Ok(Some(cases::open(tx, &new).await?))
}

/// An early end as it is typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct TypedEnd<'a> {
    /// Last day.
    pub last_day: &'a str,
    /// Number of the document.
    pub document_no: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// Ends the term of an accepted appointment early; what was agreed stays on record. The file of the
/// funding is decided apart from it.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`] with the fields (as in [`TypedEnd`]);
/// [`Error::Refused`] when it is not in force, was ended before, or a service was recorded later.
pub async fn end(app: &App, actor: &Actor, no: &str, typed: &TypedEnd<'_>) -> Result<(), Error> {
    actor.must(Act::AppointExperts)?;
    let mut faults = Faults::new();
    let document_no = text_or_fault(&mut faults, ("document_no", "文号"), typed.document_no, 100);
    let reason = text_or_fault(&mut faults, ("reason", "原因"), typed.reason, REASON_MAX);
    let tx = app.db.begin().await?;
    let row = store::lock(&tx, &actor.scope, no).await?.ok_or(Error::NotFound("这项聘任"))?;
    if row.accepted != Some(true) || store::ends(&tx, &[row.id]).await?.contains_key(&row.id) {
        return Err(Error::Refused("这项聘任没有生效，或已提前结束".to_owned()));
    }
    let last_day = typed.last_day.trim().parse::<NaiveDate>().ok();
    let early = last_day.filter(|day| row.starts_on <= *day && *day < row.ends_on);
    if early.is_none() {
        let text = format!("请填写最后一日，不早于 {}，早于 {}", row.starts_on, row.ends_on);
        faults.push(invalid("last_day", text));
    }
    let (Some(last_day), true) = (early, faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    let services = store::services(&tx, &Scope::Province, &[row.id]).await?;
    let standing = super::standing(&services);
    let counts = |id: i64| {
        use super::ServiceState::{Confirmed, Waiting};
        standing.get(&id).is_some_and(|state| matches!(state, Confirmed | Waiting))
    };
    let later = services.iter().find(|one| one.served_on > last_day && counts(one.id));
    if let Some(later) = later {
        let (no, day) = (&later.service_no, later.served_on);
        let text = format!("{day} 还有服务记录 {no}，请先更正或办结该记录，或改填最后一日");
        return Err(Error::Refused(text));
    }
    let at = app.clock.now();
    let document = NewSource {
        kind: "decision",
        title: "提前结束聘任",
        document_no: &document_no,
        import_id: None,
        recorded_by: actor.account_id,
        recorded_at: at,
    };
    let new = NewEnd {
        appointment_id: row.id,
        last_day,
        reason: &reason,
        source_id: source::record(&tx, &document).await?,
        by: (actor.account_id, actor.holder_id),
        at,
    };
    store::end(&tx, &new).await?;
    let detail = json!({
        "last_day": last_day.to_string(), "reason": reason, "document_no": document_no,
    });
    log(app, &tx, actor, "expert.ended", ("expert", no), &detail).await?;
    Ok(tx.commit().await?)
}
