//! The days that a visit's limits are counted from are those of the trip (domain.md 7.8): the entry is
//! reported within five days, the costs are claimed within the days of the policy after the exit.

use chrono::{Days, NaiveDate};

use super::texts;
use crate::domain::period::Period;
use crate::domain::travel::Policy;
use crate::domain::visit::{VisitClaim, VisitPlan};
use crate::service::Error;
use crate::store::case as cases;
use crate::store::db::Tx;
use crate::store::fact::{Versions, facts_of};
use crate::store::visit::Visit;

/// Days in which an entry is reported, the day of entry not counted.
pub(in crate::service) const REPORT_DAYS: u64 = 5;

/// The last day on which an entry is reported in time.
pub(in crate::service) fn report_by(entry: NaiveDate) -> NaiveDate {
    entry.checked_add_days(Days::new(REPORT_DAYS)).unwrap_or(entry)
}

/// The last day on which a trip can be claimed; `None` when no version is in force on its first day.
pub(in crate::service) fn claim_by(policy: &Policy, trip: &Period) -> Option<NaiveDate> {
    let version = policy.version_on(trip.from)?;
    let exit = trip.through.unwrap_or(trip.from);
    exit.checked_add_days(Days::new(version.claim_within_days().into()))
}

async fn planned(tx: &Tx, visit: &Visit) -> Result<Period, Error> {
    let plans = facts_of::<VisitPlan>(tx, visit.id, Versions::Live).await?;
    let missing = || Error::Internal(format!("visit {} has no plan", visit.id));
    plans.into_iter().next().map(|plan| plan.period).ok_or_else(missing)
}

/// The entry is waited for: it is reported five days after the day that was planned.
pub(in crate::service) async fn of_arrival(
    tx: &Tx,
    visit: &Visit,
    (file, steps): (i64, i64),
) -> Result<(), Error> {
    let last = report_by(planned(tx, visit).await?.from);
    Ok(cases::move_limit(tx, file, steps, Some(last)).await?)
}

/// The claim is waited for: its days are those after the exit that was claimed, or planned.
pub(in crate::service) async fn of_claim(
    tx: &Tx,
    visit: &Visit,
    (file, steps): (i64, i64),
) -> Result<(), Error> {
    let claims = facts_of::<VisitClaim>(tx, visit.id, Versions::Live).await?;
    let trip = match claims.first() {
        Some(claim) => claim.period,
        None => planned(tx, visit).await?,
    };
    let texts = texts(tx, visit.policy_document_id).await?;
    let last = claim_by(&texts.policy, &trip);
    Ok(cases::move_limit(tx, file, steps, last).await?)
}
