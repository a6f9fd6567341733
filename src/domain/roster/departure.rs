//! The end of a post, and of a place on the list.

use chrono::{Days, NaiveDate};

use super::super::period::Period;
use super::super::registry::{Employment, Listing, RosterEntry, Stated};
use super::Refusal;
use crate::code_list;

/// How long before the day an end can be recorded; later dates are taken for mistyped.
const DAYS_AHEAD: u64 = 90;

code_list! {
    /// Why somebody leaves.
    DepartureReason {
        /// Own wish.
        Resigned = "resigned", "本人辞职";
        /// The contract is dissolved.
        Dismissed = "dismissed", "解除劳动合同";
        /// The contract runs out.
        Expired = "expired", "合同到期";
        /// To another enterprise.
        Transferred = "transferred", "调往其他企业";
        /// No longer a core post, or no longer full-time.
        Reassigned = "reassigned", "转出核心岗位";
        /// Retirement.
        Retired = "retired", "退休";
        /// Death.
        Deceased = "deceased", "去世";
        /// Anything else; say more in the remark.
        Other = "other", "其他";
    }
}

/// A fact that ends earlier, or is withdrawn when no day is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortened {
    /// The version to supersede.
    pub id: i64,
    /// What is left of it.
    pub period: Option<Period>,
}

/// What a departure does; at least one of the two is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Departure {
    /// The employer.
    pub enterprise_id: i64,
    /// The roster entry.
    pub entry: Option<Shortened>,
    /// The employment.
    pub employment: Option<Shortened>,
}

/// Ends the post that the person held on `last_day`, which still counts (domain.md A4).
/// `is_own` tells whether an enterprise is within the actor's scope.
///
/// # Errors
/// When nobody was in post that day, the end is known already, or a later entry would hang.
pub fn depart(
    entries: &[Stated<RosterEntry>],
    employments: &[Stated<Employment>],
    is_own: impl Fn(i64) -> bool,
    last_day: NaiveDate,
    today: NaiveDate,
) -> Result<Departure, Refusal> {
    not_too_far(last_day, today)?;
    let entry = entries
        .iter()
        .find(|e| e.is_live() && is_own(e.fact.enterprise_id) && e.period.covers(last_day));
    let held = employments
        .iter()
        .filter(|e| e.is_live() && is_own(e.fact.enterprise_id) && e.period.covers(last_day));
    let employment = match entry {
        Some(entry) => held.clone().find(|e| e.fact.enterprise_id == entry.fact.enterprise_id),
        None => held.clone().find(|e| e.fact.full_time).or_else(|| held.clone().next()),
    };
    let enterprise_id = entry
        .map(|entry| entry.fact.enterprise_id)
        .or_else(|| employment.map(|employment| employment.fact.enterprise_id))
        .ok_or(Refusal::NotInPost(last_day))?;
    let hanging = employment.and_then(|employment| {
        entries.iter().find(|e| {
            e.is_live()
                && e.fact.enterprise_id == enterprise_id
                && e.period.from > last_day
                && employment.period.covers(e.period.from)
        })
    });
    if let Some(later) = hanging {
        return Err(Refusal::LaterEntry(later.period.from));
    }
    let departure = Departure {
        enterprise_id,
        entry: entry.and_then(|entry| shorten(entry.id, entry.period, last_day)),
        employment: employment.and_then(|e| shorten(e.id, e.period, last_day)),
    };
    if departure.entry.is_none() && departure.employment.is_none() {
        return Err(Refusal::AlreadyEnded(last_day));
    }
    Ok(departure)
}

/// Takes an enterprise off the list after `last_day`: the listing that covers it ends, later ones
/// fall away, since a removal decides about all that follows.
///
/// # Errors
/// When the enterprise was not listed that day, or its end is known already.
pub fn delist(
    listings: &[Stated<Listing>],
    last_day: NaiveDate,
    today: NaiveDate,
) -> Result<Vec<Shortened>, Refusal> {
    not_too_far(last_day, today)?;
    if !listings.iter().any(|l| l.is_live() && l.period.covers(last_day)) {
        return Err(Refusal::NotOnList(last_day));
    }
    let changed: Vec<Shortened> = listings
        .iter()
        .filter(|listing| listing.is_live())
        .filter_map(|listing| shorten(listing.id, listing.period, last_day))
        .collect();
    if changed.is_empty() { Err(Refusal::AlreadyEnded(last_day)) } else { Ok(changed) }
}

/// What becomes of an enterprise's roster entries when it leaves the list after `last_day`: they
/// end with it, and those that begin later never were (domain.md 7.4).
pub fn leave_with_enterprise(
    entries: &[Stated<RosterEntry>],
    last_day: NaiveDate,
) -> Vec<Shortened> {
    let live = entries.iter().filter(|entry| entry.is_live());
    live.filter_map(|entry| shorten(entry.id, entry.period, last_day)).collect()
}

/// What `period` becomes when nothing holds after `last_day`; `None` when it stays as it is.
pub(super) fn shorten(id: i64, period: Period, last_day: NaiveDate) -> Option<Shortened> {
    if period.through.is_some_and(|through| through <= last_day) {
        return None;
    }
    Some(Shortened { id, period: Period::new(period.from, Some(last_day)) })
}

fn not_too_far(day: NaiveDate, today: NaiveDate) -> Result<(), Refusal> {
    let limit = today.checked_add_days(Days::new(DAYS_AHEAD)).unwrap_or(NaiveDate::MAX);
    if day > limit { Err(Refusal::TooFarAhead(day)) } else { Ok(()) }
}
