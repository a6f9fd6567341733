//! Planning a visit: who comes, from when to when, what for.

use serde_json::json;

use super::policy::{applying, not_followed, texts};
use super::typed::{self, Visitor};
use super::{TypedPlan, TypedVisitor, employer, lock};
use crate::app::App;
use crate::domain::lifecycle::{Case, Lifecycle, OverseasVisit, VisitState};
use crate::domain::period::Period;
use crate::domain::registry::{Code, EnterpriseDivision, PersonDocument, PersonName};
use crate::domain::visit::VisitPlan;
use crate::service::decree::Decree;
use crate::service::{Actor, Error, calendar, invalid, key_enterprise, log};
use crate::store::case::{self as cases, NewCase};
use crate::store::db::Tx;
use crate::store::fact::{self, Versions, facts_of};
use crate::store::visit::{self as store, NewVisit};
use crate::store::{number, registry};
use crate::vault::{kind, place};

const TITLE: (&str, &str) = ("declaration", "海外人才来访计划");

/// Begins a visit; gives the number of its file. The visitor is found by the passport, or enters the
/// registry with it.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] with the fields of [`TypedVisitor`] and [`TypedPlan`];
/// [`Error::Refused`] when the enterprise may file nothing.
pub async fn begin(
    app: &App,
    actor: &Actor,
    who: &TypedVisitor,
    plan: &TypedPlan,
) -> Result<String, Error> {
    let enterprise_id = employer(actor)?;
    let today = app.clock.today();
    let (who, (period, plan)) = match (typed::visitor(who, today), typed::plan(plan)) {
        (Ok(who), Ok(plan)) => (who, plan),
        (who, plan) => return Err(together(who.err(), plan.err())),
    };
    let tx = app.db.begin().await?;
    let decree = Decree::record(app, &tx, actor, TITLE, "", "").await?;
    let person_id = visitor(app, &tx, &decree, &who).await?;
    let about = (enterprise_id, person_id);
    if let Some(why) = key_enterprise::filing_fault_about(&tx, about, today).await? {
        return Err(Error::Refused(why));
    }
    let places = facts_of::<EnterpriseDivision>(&tx, enterprise_id, Versions::Live).await?;
    let division = places.into_iter().find(|stated| stated.period.covers(today));
    let division = division
        .ok_or_else(|| Error::Refused("单位没有登记所在地区，请先联系人社部门登记".to_owned()))?;
    let texts = applying(app, &tx, actor).await?;
    if let Some(why) = not_followed(&texts.policy, period.from, &division.fact.division) {
        return Err(Error::Refused(why));
    }
    let serial = number::allocate(&tx, "visit_case", 1).await?;
    let case_no = format!("LF{}-{serial:05}", today.format("%Y"));
    let fresh = Case::<OverseasVisit>::open(today, &calendar::within(&tx).await?);
    let about = format!("{}，{}", plan.purpose, period.words());
    let case = NewCase {
        case_no: &case_no,
        kind: OverseasVisit::KIND.code(),
        enterprise_id: Some(enterprise_id),
        person_id: Some(person_id),
        about: &about,
        state: fresh.state.code(),
        since: fresh.since,
        due_on: fresh.due.day(),
        opened_by: actor.account_id,
        opened_at: app.clock.now(),
    };
    let new = NewVisit {
        case_id: cases::open(&tx, &case).await?,
        person_id,
        enterprise_id,
        division: &division.fact.division,
        birth: who.birth,
        policy_document_id: texts.allowance,
        by: actor.account_id,
        at: app.clock.now(),
    };
    let visit_id = store::begin(&tx, &new).await?;
    fact::state(&tx, vec![decree.states(visit_id, period, plan, None)]).await?;
    let detail = json!({ "arrival": period.from, "exit": period.through });
    log(app, &tx, actor, "visit.planned", ("case", &case_no), &detail).await?;
    tx.commit().await?;
    Ok(case_no)
}

/// The faults of both halves of a form, or the first other error.
fn together(one: Option<Error>, other: Option<Error>) -> Error {
    match (one, other) {
        (Some(Error::Invalid(mut one)), Some(Error::Invalid(other))) => {
            one.extend(other);
            Error::Invalid(one)
        }
        (Some(error), _) | (None, Some(error)) => error,
        (None, None) => Error::Internal("a plan without a fault was refused".to_owned()),
    }
}

/// The person with this passport, who enters the registry when nobody has it.
async fn visitor(app: &App, tx: &Tx, decree: &Decree<'_>, who: &Visitor) -> Result<i64, Error> {
    let index = app.vault.index(kind::DOCUMENT, &who.passport.identity_key());
    let known = registry::persons_by_document(tx, &[index.as_str()]).await?;
    let today = app.clock.today();
    let name = who.name.as_str().to_owned();
    if let Some(person) = known.get(&index).copied() {
        let names = facts_of::<PersonName>(tx, person, Versions::Live).await?;
        if names.iter().any(|stated| stated.fact.name == name) {
            return Ok(person);
        }
        let text = "与该护照已登记的姓名不一致，请照护照填写；确有更名的请联系人社部门";
        return Err(Error::Invalid(vec![invalid("name", text)]));
    }
    let made = registry::create_persons(tx, 1, decree.at).await?;
    let person = *made.first().ok_or_else(|| Error::Internal("no person was made".to_owned()))?;
    let since = Period { from: today, through: None };
    let document = PersonDocument {
        document_type: who.passport.kind().code().to_owned(),
        country: who.passport.country().to_owned(),
        number_index: index,
        number_cipher: app.vault.seal(place::DOCUMENT, who.passport.number().as_bytes())?,
        number_masked: who.passport.masked(),
    };
    fact::state(tx, vec![decree.states(person, since, document, None)]).await?;
    fact::state(tx, vec![decree.states(person, since, PersonName { name }, None)]).await?;
    Ok(person)
}

/// Changes what is planned while the invitation is not filed; what was planned stays readable.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Stale`] when it was filed; [`Error::Invalid`]
/// with the fields of [`TypedPlan`]; [`Error::Refused`] when nothing differs.
pub async fn change_plan(
    app: &App,
    actor: &Actor,
    no: &str,
    plan: &TypedPlan,
) -> Result<(), Error> {
    employer(actor)?;
    let (period, plan) = typed::plan(plan)?;
    let tx = app.db.begin().await?;
    let (_, visit) = lock(app, &tx, actor, no, &[VisitState::Draft.code()]).await?;
    let held = facts_of::<VisitPlan>(&tx, visit.id, Versions::Live).await?;
    let missing = || Error::Internal(format!("visit {no} has no plan"));
    let old = held.into_iter().next().ok_or_else(missing)?;
    if old.fact == plan && old.period == period {
        return Err(Error::Refused("与现有计划相同，没有更改".to_owned()));
    }
    let texts = texts(&tx, visit.policy_document_id).await?;
    if let Some(why) = not_followed(&texts.policy, period.from, &visit.division) {
        return Err(Error::Refused(why));
    }
    let decree = Decree::record(app, &tx, actor, TITLE, "", "").await?;
    fact::correct(&tx, old.id, decree.states(visit.id, period, plan, None)).await?;
    let detail = json!({ "arrival": period.from, "exit": period.through });
    log(app, &tx, actor, "visit.planned", ("case", no), &detail).await?;
    Ok(tx.commit().await?)
}
