//! A file begins: an enterprise applies, or an office takes over one that is listed already.

use chrono::NaiveDate;
use serde_json::json;

use super::{PlaceFile, name_of, own, place_of};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::key_enterprise::Application;
use crate::domain::lifecycle::{Case, KeyEnterprise, KeyEnterpriseState as S, Lifecycle};
use crate::domain::period::Period;
use crate::domain::region;
use crate::domain::registry::{
    Code, EnterpriseDivision, EnterpriseName, EnterpriseProfile, Listing,
};
use crate::domain::roster::current;
use crate::service::case::key_enterprise as work;
use crate::service::decree::Decree;
use crate::service::{Actor, Error, calendar, invalid, log};
use crate::store::case::{self as cases, CaseRow, NewCase};
use crate::store::db::Tx;
use crate::store::fact::{self, FactTable, Versions, facts_of};
use crate::store::key_enterprise as store;
use crate::store::{directory, number, roster, source};

/// An application as it is typed.
#[derive(Debug, Clone, Default)]
pub struct NewApplication {
    /// Field of business.
    pub industry: String,
    /// Main business in artificial intelligence.
    pub main_business: String,
    /// People employed.
    pub staff: String,
    /// Of them in research.
    pub research_staff: String,
}

/// What an enterprise sees before it applies.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Name.
    pub name: String,
    /// Last day of the call that holds today; `None` outside of one.
    pub closes_on: Option<NaiveDate>,
    /// The file that it has.
    pub file: Option<PlaceFile>,
    /// Why it cannot begin one.
    pub fault: Option<String>,
}

/// Whether the actor's enterprise can apply today.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn opening(app: &App, actor: &Actor) -> Result<Opening, Error> {
    let enterprise = own(actor)?;
    let read = app.db.read();
    let today = app.clock.today();
    let call = store::open_call(read, today).await?;
    let listings = facts_of::<Listing>(read, enterprise, Versions::Live).await?;
    let file = place_of(read, enterprise).await?;
    let fault = fault(&listings, cases::places(read, &[enterprise]).await?.get(&enterprise), today);
    let name = name_of(app, read, enterprise).await?;
    Ok(Opening { name, closes_on: call.map(|call| call.closes_on), file, fault })
}

/// Why an enterprise does not apply: it is on the list, or on its way there.
fn fault(
    listings: &[crate::domain::registry::Stated<Listing>],
    file: Option<&CaseRow>,
    today: NaiveDate,
) -> Option<String> {
    if let Some(open) = file.filter(|file| !is_over(&file.state)) {
        return Some(format!("企业已有办件 {}，请在该件中办理", open.case_no));
    }
    current(listings, today).map(|_| "企业已在骨干企业清单内，不需要申报".to_owned())
}

/// Whether a file is at its end, so that a new one may begin.
fn is_over(state: &str) -> bool {
    let end = [S::Removed, S::Expired, S::Rejected, S::Withdrawn];
    end.iter().any(|over| over.code() == state)
}

/// Begins an application as a draft; gives its number. What the registry does not know of the
/// enterprise yet, its name, place and field, is stated as the enterprise declares it.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] with the fields; [`Error::Refused`] when the enterprise
/// is listed, has an open file, or nothing is called for.
pub async fn apply(app: &App, actor: &Actor, new: &NewApplication) -> Result<String, Error> {
    let enterprise = own(actor)?;
    let application = read(new)?;
    let today = app.clock.today();
    let tx = app.db.begin().await?;
    let missing = || Error::NotFound("企业");
    let anchor = roster::lock_enterprise_id(&tx, enterprise).await?.ok_or_else(missing)?;
    let listings = facts_of::<Listing>(&tx, enterprise, Versions::Live).await?;
    let file = cases::places(&tx, &[enterprise]).await?;
    if let Some(why) = fault(&listings, file.get(&enterprise), today) {
        return Err(Error::Refused(why));
    }
    if store::open_call(&tx, today).await?.is_none() {
        return Err(Error::Refused("今天不在省级工信部门公布的申报期内".to_owned()));
    }
    introduce(app, &tx, actor, enterprise, &application).await?;
    let row = open(app, &tx, actor, enterprise).await?;
    store::apply(&tx, row.id, &application).await?;
    let detail = json!({ "enterprise": anchor.uscc });
    log(app, &tx, actor, "case.opened", ("case", &row.case_no), &detail).await?;
    tx.commit().await?;
    Ok(row.case_no)
}

fn read(new: &NewApplication) -> Result<Application, Error> {
    let application = Application {
        industry: new.industry.trim().to_owned(),
        main_business: new.main_business.trim().to_owned(),
        staff: new.staff.trim().parse().unwrap_or(-1),
        research_staff: new.research_staff.trim().parse().unwrap_or(-1),
    };
    let faults = application.faults();
    if faults.is_empty() {
        return Ok(application);
    }
    Err(Error::Invalid(faults.into_iter().map(|(field, text)| invalid(field, text)).collect()))
}

/// States what is not known yet, from today; what is known stays.
async fn introduce(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    enterprise: i64,
    application: &Application,
) -> Result<(), Error> {
    async fn unless_known<T: FactTable>(
        tx: &Tx,
        decree: &Decree<'_>,
        enterprise: i64,
        (today, fact): (NaiveDate, T),
    ) -> Result<(), Error> {
        let known = facts_of::<T>(tx, enterprise, Versions::Live).await?;
        if known.iter().any(|stated| stated.period.through.is_none_or(|last| today <= last)) {
            return Ok(());
        }
        let period = Period { from: today, through: None };
        Ok(fact::state(tx, vec![decree.states(enterprise, period, fact, None)]).await?)
    }
    let document = ("declaration", "骨干企业申报书");
    let decree = Decree::record(app, tx, actor, document, "", "企业申报").await?;
    let today = app.clock.today();
    let name = EnterpriseName { name: actor.organisation.clone() };
    unless_known(tx, &decree, enterprise, (today, name)).await?;
    let division = actor.division.clone();
    let city_unit = region::city_unit(&division);
    let place = EnterpriseDivision { division, city_unit };
    unless_known(tx, &decree, enterprise, (today, place)).await?;
    let profile = EnterpriseProfile {
        industry: application.industry.clone(),
        contact_name: actor.name.clone(),
        contact_phone: String::new(),
    };
    unless_known(tx, &decree, enterprise, (today, profile)).await
}

/// A new file, a draft.
async fn open(app: &App, tx: &Tx, actor: &Actor, enterprise: i64) -> Result<CaseRow, Error> {
    let today = app.clock.today();
    let serial = number::allocate(tx, "key-enterprise", 1).await?;
    let case_no = format!("QY{}-{serial:05}", today.format("%Y"));
    let fresh = Case::<KeyEnterprise>::open(today, &calendar::within(tx).await?);
    let new = NewCase {
        case_no: &case_no,
        kind: KeyEnterprise::KIND.code(),
        enterprise_id: Some(enterprise),
        person_id: None,
        about: &name_of(app, tx, enterprise).await?,
        state: fresh.state.code(),
        since: fresh.since,
        due_on: fresh.due.day(),
        opened_by: actor.account_id,
        opened_at: app.clock.now(),
    };
    let id = cases::open(tx, &new).await?;
    Ok(cases::lock(tx, id).await?)
}

/// Makes a file for an enterprise that came onto the list by a document, where it stands: an act
/// of the program. Gives its number, or that of the file that the enterprise has.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] outside the scope; [`Error::Refused`] when the
/// enterprise is not listed today.
pub async fn take_over(app: &App, actor: &Actor, uscc: &str) -> Result<String, Error> {
    actor.must(Act::KeepEnterpriseFiles)?;
    let tx = app.db.begin().await?;
    let file = file_of(app, &tx, actor, uscc).await?;
    tx.commit().await?;
    Ok(file.case_no)
}

/// The file of a listed enterprise in scope, made when it has none.
pub(super) async fn file_of(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    uscc: &str,
) -> Result<CaseRow, Error> {
    let missing = || Error::NotFound("这家企业");
    let key = directory::enterprise(tx, &actor.scope, uscc.trim()).await?.ok_or_else(missing)?;
    roster::lock_enterprise_id(tx, key.id).await?.ok_or_else(missing)?;
    let file = cases::places(tx, &[key.id]).await?.remove(&key.id);
    if let Some(open) = file.filter(|file| !is_over(&file.state)) {
        return Ok(open);
    }
    let listings = facts_of::<Listing>(tx, key.id, Versions::Live).await?;
    let listed = current(&listings, app.clock.today());
    let listed = listed
        .ok_or_else(|| Error::Refused("该企业今天不在骨干企业清单内，不能建档".to_owned()))?;
    let document = source::by_ids(tx, &[listed.source_id]).await?.pop();
    let document = document.map_or_else(
        || listed.fact.list_batch.clone(),
        |paper| if paper.document_no.is_empty() { paper.title } else { paper.document_no },
    );
    let row = open(app, tx, actor, key.id).await?;
    work::take_over(app, tx, row.id, &document).await?;
    let detail = json!({ "enterprise": key.uscc, "document_no": document });
    log(app, tx, actor, "case.taken_over", ("case", &row.case_no), &detail).await?;
    Ok(cases::lock(tx, row.id).await?)
}
