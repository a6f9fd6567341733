//! The key-enterprise list as work: the call for applications, applications, files of enterprises
//! that came onto the list by a document, the reports and checks of the years.

mod application;
mod call;
mod campaign;
mod report;

pub use application::{NewApplication, Opening, apply, opening, take_over};
pub use call::{CallLine, NewCall, calls, publish_call, revoke_call};
pub use campaign::{
    Begun, Campaign, CampaignLine, CampaignQuery, begin_checks, campaign, export_campaign,
};
pub use report::{NewReport, OwnReports, ReportLine, file_report, own_reports};

use chrono::NaiveDate;

use super::{Actor, Error};
use crate::app::App;
use crate::domain::lifecycle::CaseKind;
use crate::domain::registry::{Code, Exclusion};
use crate::store::case::{self as cases, CaseRow};
use crate::store::directory::own_enterprise;
use crate::store::fact::{Versions, facts_of};
use crate::store::key_enterprise as store;
use crate::store::registry::Readable;

/// The file of an enterprise about its place on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceFile {
    /// Number.
    pub no: String,
    /// State.
    pub state: &'static str,
    /// Since.
    pub since: NaiveDate,
    /// Until when.
    pub due_on: Option<NaiveDate>,
}

impl PlaceFile {
    pub(super) fn of(row: &CaseRow) -> Self {
        Self {
            no: row.case_no.clone(),
            state: super::case::state_label(CaseKind::KeyEnterprise.code(), &row.state),
            since: row.since,
            due_on: row.due_on,
        }
    }
}

/// The last file of an enterprise about its place on the list.
///
/// # Errors
/// When the database fails.
pub(super) async fn place_of(
    conn: &impl Readable,
    enterprise_id: i64,
) -> Result<Option<PlaceFile>, Error> {
    let found = cases::places(conn, &[enterprise_id]).await?;
    Ok(found.get(&enterprise_id).map(PlaceFile::of))
}

/// Why an enterprise files nothing new today: its place on the list is suspended, or it got money
/// by deceit.
pub(super) async fn filing_fault(
    conn: &impl Readable,
    enterprise_id: i64,
    today: NaiveDate,
) -> Result<Option<String>, Error> {
    if let Some(ban) = store::ban_on(conn, enterprise_id, today).await? {
        let no = &ban.fact.case_no;
        let last = ban.period.through.map(|day| format!("至 {day}，")).unwrap_or_default();
        let from = ban.period.from;
        return Ok(Some(format!(
            "企业因弄虚作假不得申报（追回 {no}，自 {from} 起{last}期满后再办）"
        )));
    }
    let mut holds = store::holds_on(conn, &[enterprise_id], today).await?;
    Ok(holds.remove(&enterprise_id).map(|hold| {
        let (from, no) = (hold.period.from, &hold.fact.case_no);
        format!("企业资格自 {from} 起暂停（{no}），调查结论作出前不受理新的申报")
    }))
}

/// Why an enterprise files nothing about a person today: [`filing_fault`], or the person is on the
/// list of the excluded.
pub(super) async fn filing_fault_about(
    conn: &impl Readable,
    (enterprise_id, person_id): (i64, i64),
    today: NaiveDate,
) -> Result<Option<String>, Error> {
    if let Some(why) = filing_fault(conn, enterprise_id, today).await? {
        return Ok(Some(why));
    }
    let grounds = facts_of::<Exclusion>(conn, person_id, Versions::Live).await?;
    let excluded = grounds.into_iter().find(|ground| ground.period.covers(today));
    Ok(excluded.map(|found| format!("该人员在排除名单内（{}），不能申报", found.fact.ground)))
}

/// The enterprise that the actor works for.
fn own(actor: &Actor) -> Result<i64, Error> {
    let act = crate::domain::authority::Act::FileKeyEnterprise;
    actor.must(act)?;
    own_enterprise(&actor.scope).ok_or(Error::Forbidden(act))
}

/// Name of an enterprise, or its code.
async fn name_of(app: &App, conn: &impl Readable, id: i64) -> Result<String, Error> {
    use crate::domain::registry::EnterpriseName;
    use crate::domain::roster::current;
    use crate::store::fact::{Versions, facts_of};
    let names = facts_of::<EnterpriseName>(conn, id, Versions::Live).await?;
    let name = current(&names, app.clock.today()).or_else(|| names.last());
    match name {
        Some(stated) => Ok(stated.fact.name.clone()),
        None => Ok(crate::store::registry::uscc_of(conn, id).await?.unwrap_or_default()),
    }
}
