//! How a stated period may be changed.

use chrono::NaiveDate;

use super::super::period::Period;
use super::super::registry::{Employment, Listing, RosterEntry, Stated};
use super::Refusal;

/// What a roster entry has to agree with.
#[derive(Debug, Clone, Copy)]
pub struct RosterNeighbours<'a> {
    /// Roster entries of the person, the changed one included.
    pub entries: &'a [Stated<RosterEntry>],
    /// Employments of the person.
    pub employments: &'a [Stated<Employment>],
    /// Listings of the entry's enterprise.
    pub listings: &'a [Stated<Listing>],
}

/// Employments of the person, the changed one included.
pub type EmploymentNeighbours<'a> = &'a [Stated<Employment>];

/// The corrected period of a fact that holds `old`.
///
/// # Errors
/// When the days are reversed or nothing changes.
pub fn new_period(
    old: Period,
    from: NaiveDate,
    through: Option<NaiveDate>,
) -> Result<Period, Refusal> {
    let period = Period::new(from, through).ok_or(Refusal::Reversed)?;
    if period == old { Err(Refusal::Unchanged) } else { Ok(period) }
}

/// What stands against the roster entry `id` (0 for a new one) holding `period`. With
/// `confirming` the enterprise must be listed, and the person employed there full-time, on the
/// first day; a mere declaration may wait for those.
pub fn roster_entry_fits(
    id: i64,
    fact: &RosterEntry,
    period: Period,
    neighbours: RosterNeighbours<'_>,
    confirming: bool,
) -> Vec<Refusal> {
    let first = period.from;
    let mut found = Vec::new();
    let clash = others(neighbours.entries, id).find(|other| other.period.overlaps(&period));
    found.extend(clash.map(|other| Refusal::RosterOverlap(other.period)));
    if !confirming {
        return found;
    }
    if !neighbours.listings.iter().any(|l| l.is_live() && l.period.covers(first)) {
        found.push(Refusal::NotListed(first));
    }
    let employed = neighbours.employments.iter().any(|employment| {
        employment.is_live()
            && employment.fact.full_time
            && employment.fact.enterprise_id == fact.enterprise_id
            && employment.period.covers(first)
    });
    if !employed {
        found.push(Refusal::NotEmployed(first));
    }
    found
}

/// Whether the employment `id` (0 for a new one) may hold `period`.
///
/// # Errors
/// When it overlaps one at the same enterprise, or both are full-time.
pub fn employment_fits(
    id: i64,
    fact: &Employment,
    period: Period,
    neighbours: EmploymentNeighbours<'_>,
) -> Result<(), Refusal> {
    let clash = others(neighbours, id).find(|other| {
        other.period.overlaps(&period)
            && (other.fact.enterprise_id == fact.enterprise_id
                || (other.fact.full_time && fact.full_time))
    });
    clash.map_or(Ok(()), |other| Err(Refusal::EmploymentOverlap(other.period)))
}

/// Whether the listing `id` (0 for a new one) may hold `period`.
///
/// # Errors
/// When it overlaps another listing of the enterprise.
pub fn listing_fits(id: i64, period: Period, listings: &[Stated<Listing>]) -> Result<(), Refusal> {
    let clash = others(listings, id).find(|other| other.period.overlaps(&period));
    clash.map_or(Ok(()), |other| Err(Refusal::ListingOverlap(other.period)))
}

/// Whether nothing equal is stated about some of the same days.
///
/// # Errors
/// With the period that it overlaps.
pub fn no_same_period<T: PartialEq>(
    id: i64,
    fact: &T,
    period: Period,
    facts: &[Stated<T>],
) -> Result<(), Refusal> {
    let clash =
        others(facts, id).find(|other| other.fact == *fact && other.period.overlaps(&period));
    clash.map_or(Ok(()), |other| Err(Refusal::SameOverlap(other.period)))
}

fn others<T>(facts: &[Stated<T>], id: i64) -> impl Iterator<Item = &Stated<T>> {
    facts.iter().filter(move |fact| fact.is_live() && fact.id != id)
}

/// The live fact that holds on `day`, or else the live one that began last before it, or else the
/// first to come: what a page shows when one line has to do.
pub fn current<T>(facts: &[Stated<T>], day: NaiveDate) -> Option<&Stated<T>> {
    let live = || facts.iter().filter(|fact| fact.is_live());
    let begun = live().filter(|fact| fact.period.from <= day);
    live()
        .find(|fact| fact.period.covers(day))
        .or_else(|| begun.max_by_key(|fact| fact.period.from))
        .or_else(|| live().min_by_key(|fact| fact.period.from))
}

/// The version that took the place of `id`, through as many corrections as there were; `None`
/// when it was withdrawn.
pub fn latest<T>(versions: &[Stated<T>], id: i64) -> Option<&Stated<T>> {
    let mut found = versions.iter().find(|version| version.id == id)?;
    while !found.is_live() {
        // A later version has a larger identity, so this ends.
        found = versions
            .iter()
            .find(|version| version.supersedes == Some(found.id) && version.id > found.id)?;
    }
    Some(found)
}
