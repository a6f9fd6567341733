//! Making money follow the results: lines, supplements and recoveries of a run of persons.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};

use crate::domain::adjustment::{Claim, Held, Line, Payer, Plan, Recovery, plan_together};
use crate::domain::money::Fen;
use crate::service::Error;
use crate::store::db::Tx;
use crate::store::merge::Merges;
use crate::store::recovery::lock_claims;
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
    /// Which numbers are one person. What was frozen for a merged number counts as given to the
    /// leading one.
    pub(super) merges: &'a Merges,
}

/// What some persons have and owe.
#[derive(Default)]
struct Books {
    lines: BTreeMap<i64, Vec<Line>>,
    recoveries: BTreeMap<i64, Vec<Recovery>>,
    claims: BTreeMap<i64, Vec<Claim>>,
}

impl Books {
    /// Reads and locks more of them.
    async fn read(
        &mut self,
        tx: &Tx,
        year: Year<'_>,
        persons: RangeInclusive<i64>,
    ) -> Result<(), Error> {
        for (person, line) in money::lock_lines(tx, year, persons.clone()).await? {
            self.lines.entry(person).or_default().push(line);
        }
        for (person, recovery) in money::lock_recoveries(tx, year, persons.clone()).await? {
            self.recoveries.entry(person).or_default().push(recovery);
        }
        let of_year = (year.programme, i64::from(year.award_year));
        for (person, claim) in lock_claims(tx, of_year, persons).await? {
            self.claims.entry(person).or_default().push(claim);
        }
        Ok(())
    }

    fn of(&self, person: i64) -> Held<'_> {
        Held {
            lines: self.lines.get(&person).map_or(&[], Vec::as_slice),
            recoveries: self.recoveries.get(&person).map_or(&[], Vec::as_slice),
            claims: self.claims.get(&person).map_or(&[], Vec::as_slice),
        }
    }

    /// Those of the persons merged into `leading`, together.
    fn of_merged(&self, merges: &Merges, leading: i64) -> (Vec<Line>, Vec<Recovery>, Vec<Claim>) {
        let (mut lines, mut recoveries, mut claims) = (Vec::new(), Vec::new(), Vec::new());
        for person in merges.merged_into(leading) {
            let theirs = self.of(*person);
            lines.extend_from_slice(theirs.lines);
            recoveries.extend_from_slice(theirs.recoveries);
            claims.extend_from_slice(theirs.claims);
        }
        (lines, recoveries, claims)
    }
}

/// Whose money changed.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Persons whose lines or recoveries changed.
    pub(super) moved: BTreeSet<i64>,
    /// How many of them had frozen money that is corrected.
    pub(super) corrected: i64,
    /// Recoveries whose proposal fell.
    pub(super) fallen: Vec<i64>,
    /// Decided recoveries that are lowered, and by how much.
    pub(super) lowered: Vec<(i64, Fen)>,
}

/// Plans and carries out the changes to lines and recoveries of a run of persons; `known` are those
/// among them who may have some, `None` when nobody does. A merged person has no account: the
/// leading person's covers it.
pub(super) async fn settle(
    tx: &Tx,
    owners: Owners<'_>,
    (range, known): (RangeInclusive<i64>, Option<RangeInclusive<i64>>),
    now: DateTime<Utc>,
) -> Result<Settled, Error> {
    let Owners { year, entitled, merges, versions } = owners;
    let mut books = Books::default();
    if let Some(known) = &known {
        books.read(tx, year, known.clone()).await?;
    }
    let leaders: Vec<i64> = merges.leaders().filter(|person| range.contains(person)).collect();
    for person in leaders.iter().flat_map(|leading| merges.merged_into(*leading)) {
        if known.as_ref().is_none_or(|known| !known.contains(person)) {
            books.read(tx, year, *person..=*person).await?;
        }
    }
    let mut persons: Vec<i64> = (entitled.keys().chain(books.lines.keys()))
        .chain(books.recoveries.keys())
        .copied()
        .chain(leaders)
        .filter(|person| range.contains(person) && !merges.is_merged(*person))
        .collect();
    persons.sort_unstable();
    persons.dedup();
    let mut plans = Vec::new();
    for person in persons {
        let (lines, recoveries, claims) = books.of_merged(merges, person);
        // A leading person whose facts could not be decided keeps everything as it is.
        if !versions.contains_key(&person) && books.of(person).lines.is_empty() {
            continue;
        }
        let granted = entitled.get(&person).map_or(&[][..], Vec::as_slice);
        let merged = Held { lines: &lines, recoveries: &recoveries, claims: &claims };
        let plan = plan_together(granted, books.of(person), merged);
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
) -> Result<Settled, Error> {
    let mut settled = Settled::default();
    if plans.is_empty() {
        return Ok(settled);
    }
    let year = owners.year;
    let mut all = Plan::default();
    let (mut lines, mut recoveries) = (Vec::new(), Vec::new());
    for (person_id, plan) in plans {
        settled.corrected += i64::from(plan.corrects_frozen());
        settled.moved.insert(person_id);
        let version = owners.versions.get(&person_id);
        let version = version.ok_or_else(|| Error::Internal(format!("person {person_id}")))?;
        let owner = Owner { person_id, entitlement_id: *version };
        all.void.extend(plan.void);
        settled.fallen.extend(plan.cancel);
        settled.lowered.extend(plan.lower);
        lines.extend(plan.create.into_iter().map(|line| (owner, line)));
        recoveries.extend(plan.propose.into_iter().map(|recovery| (owner, recovery)));
    }
    money::void_lines(tx, &all.void, now).await?;
    money::insert_lines(tx, year, lines, now).await?;
    money::cancel_recoveries(tx, &settled.fallen, now).await?;
    money::insert_recoveries(tx, year, recoveries, now).await?;
    Ok(settled)
}
