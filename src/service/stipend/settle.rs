//! Making money follow the results: lines, supplements and recoveries of a run of persons.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};

use crate::domain::adjustment::{Line, Payer, Plan, Recovery, plan};
use crate::domain::money::Fen;
use crate::service::Error;
use crate::store::db::Tx;
use crate::store::stipend::money::{self, Owner};
use crate::store::stipend::result::Year;

/// What a run of persons is entitled to by their standing versions.
#[derive(Clone, Copy)]
pub(super) struct Owners<'a> {
    pub(super) year: Year<'a>,
    /// The standing version of each person.
    pub(super) versions: &'a HashMap<i64, i64>,
    /// Its shares.
    pub(super) entitled: &'a BTreeMap<i64, Vec<(Payer, Fen)>>,
}

/// Plans and carries out the changes to lines and recoveries of a run of persons; `known` are the
/// persons who may have some, `None` when nobody does. Returns for how many persons frozen money is
/// corrected.
pub(super) async fn settle(
    tx: &Tx,
    owners: Owners<'_>,
    known: Option<RangeInclusive<i64>>,
    now: DateTime<Utc>,
) -> Result<i64, Error> {
    let (year, entitled) = (owners.year, owners.entitled);
    let mut lines: BTreeMap<i64, Vec<Line>> = BTreeMap::new();
    let mut recoveries: BTreeMap<i64, Vec<Recovery>> = BTreeMap::new();
    if let Some(range) = known {
        for (person, line) in money::lock_lines(tx, year, range.clone()).await? {
            lines.entry(person).or_default().push(line);
        }
        for (person, recovery) in money::lock_recoveries(tx, year, range).await? {
            recoveries.entry(person).or_default().push(recovery);
        }
    }
    let mut persons: Vec<i64> =
        entitled.keys().chain(lines.keys()).chain(recoveries.keys()).copied().collect();
    persons.sort_unstable();
    persons.dedup();
    let mut plans = Vec::new();
    for person in persons {
        let plan = plan(
            entitled.get(&person).map_or(&[], Vec::as_slice),
            lines.get(&person).map_or(&[], Vec::as_slice),
            recoveries.get(&person).map_or(&[], Vec::as_slice),
        );
        let plan = plan.ok_or_else(|| Error::Internal(format!("sums of person {person}")))?;
        if !plan.is_empty() {
            plans.push((person, plan));
        }
    }
    carry_out(tx, owners, plans, now).await
}

async fn carry_out(
    tx: &Tx,
    owners: Owners<'_>,
    plans: Vec<(i64, Plan)>,
    now: DateTime<Utc>,
) -> Result<i64, Error> {
    if plans.is_empty() {
        return Ok(0);
    }
    let year = owners.year;
    let mut corrected = 0;
    let mut all = Plan::default();
    let (mut lines, mut recoveries) = (Vec::new(), Vec::new());
    for (person_id, plan) in plans {
        corrected += i64::from(plan.corrects_frozen());
        let version = owners.versions.get(&person_id);
        let version = version.ok_or_else(|| Error::Internal(format!("person {person_id}")))?;
        let owner = Owner { person_id, entitlement_id: *version };
        all.void.extend(plan.void);
        all.cancel.extend(plan.cancel);
        lines.extend(plan.create.into_iter().map(|line| (owner, line)));
        recoveries.extend(plan.propose.into_iter().map(|recovery| (owner, recovery)));
    }
    money::void_lines(tx, &all.void, now).await?;
    money::insert_lines(tx, year, lines, now).await?;
    money::cancel_recoveries(tx, &all.cancel, now).await?;
    money::insert_recoveries(tx, year, recoveries, now).await?;
    Ok(corrected)
}
