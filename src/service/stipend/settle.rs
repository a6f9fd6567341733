//! Making money follow the results: lines, supplements and recoveries of a run of persons.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};

use crate::domain::adjustment::{Line, Payer, Plan, Recovery, plan};
use crate::domain::money::Fen;
use crate::service::Error;
use crate::store::db::Tx;
use crate::store::stipend::money::{self, Owner};
use crate::store::stipend::result::{self, Year};

/// Plans and carries out the changes to lines and recoveries of a run of persons.
pub(super) async fn settle(
    tx: &Tx,
    year: Year<'_>,
    range: RangeInclusive<i64>,
    entitled: &BTreeMap<i64, Vec<(Payer, Fen)>>,
    now: DateTime<Utc>,
) -> Result<i64, Error> {
    let mut lines: BTreeMap<i64, Vec<Line>> = BTreeMap::new();
    for (person, line) in money::lock_lines(tx, year, range.clone()).await? {
        lines.entry(person).or_default().push(line);
    }
    let mut recoveries: BTreeMap<i64, Vec<Recovery>> = BTreeMap::new();
    for (person, recovery) in money::lock_recoveries(tx, year, range.clone()).await? {
        recoveries.entry(person).or_default().push(recovery);
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
    carry_out(tx, year, range, plans, now).await
}

async fn carry_out(
    tx: &Tx,
    year: Year<'_>,
    range: RangeInclusive<i64>,
    plans: Vec<(i64, Plan)>,
    now: DateTime<Utc>,
) -> Result<i64, Error> {
    if plans.is_empty() {
        return Ok(0);
    }
    let standing = result::standing(tx, year, range).await?;
    let mut corrected = 0;
    let mut all = Plan::default();
    let (mut lines, mut recoveries) = (Vec::new(), Vec::new());
    for (person_id, plan) in plans {
        corrected += i64::from(plan.corrects_frozen());
        let version = standing.get(&person_id);
        let version = version.ok_or_else(|| Error::Internal(format!("person {person_id}")))?;
        let owner = Owner { person_id, entitlement_id: version.id };
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
