//! An enterprise leaves the list.

use chrono::NaiveDate;
use serde_json::json;
use std::collections::BTreeSet;

use super::Grounds;
use super::change::{About, Changed};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::lifecycle::KeyEnterpriseState as S;
use crate::domain::registry::{Code, Listing, Stated};
use crate::domain::roster as rules;
use crate::service::case::roster_entry;
use crate::service::decree::Decree;
use crate::service::{Actor, Error, log};
use crate::store::account_filing::Whose;
use crate::store::case as cases;
use crate::store::db::Tx;
use crate::store::roster::{self, EnterpriseFacts};

/// Takes an enterprise off the list after `last_day`, which still counts (domain.md A11 names the
/// day after it). Roster entries stay as they are: no day counts without a listing, and a wrong
/// removal is then put right in one place.
///
/// # Errors
/// [`Error::NotFound`] for an enterprise outside the actor's scope; [`Error::Refused`] when it was
/// not listed that day or has a file in which the industry office decides.
pub(super) async fn end_listing(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (uscc, last_day): (&str, NaiveDate),
    grounds: &Grounds,
) -> Result<Changed, Error> {
    actor.must(Act::ImportRegistry)?;
    let today = app.clock.today();
    let missing = || Error::NotFound("该企业");
    let anchor = roster::lock_enterprise(tx, uscc.trim()).await?.ok_or_else(missing)?;
    let facts = roster::enterprises(tx, &BTreeSet::from([anchor.id])).await?.remove(&anchor.id);
    let facts = facts.filter(|facts| actor.covers(anchor.id, facts, today)).ok_or_else(missing)?;
    must_be_without_file(tx, anchor.id).await?;
    let held = rules::current(&facts.listings, last_day).map(|listing| listing.period);
    let decree = decree(app, tx, actor, grounds).await?;
    delist(app, tx, actor, (&facts, last_day, &decree)).await?;
    let whose = Whose::Enterprise(anchor.id);
    Ok(Changed { about: About::Enterprise(facts.uscc), whose, before: held })
}

/// Refuses while the enterprise stands on the list by a file: the industry office decides there.
///
/// # Errors
/// [`Error::Refused`], naming the file.
pub(super) async fn must_be_without_file(tx: &Tx, enterprise_id: i64) -> Result<(), Error> {
    match file_on_list(tx, enterprise_id).await? {
        Some(no) => {
            let text = format!("该企业已建档案 {no}，由省级工信部门在办件中移出清单");
            Err(Error::Refused(text))
        }
        None => Ok(()),
    }
}

/// The number of the file of an enterprise that stands on the list.
async fn file_on_list(tx: &Tx, enterprise_id: i64) -> Result<Option<String>, Error> {
    let file = cases::places(tx, &[enterprise_id]).await?.remove(&enterprise_id);
    let on_list = |state: &str| {
        matches!(
            S::from_code(state),
            Some(S::Listed | S::AnnualCheck | S::Rectifying | S::Suspended)
        )
    };
    Ok(file.filter(|file| on_list(&file.state)).map(|file| file.case_no))
}

async fn decree<'a>(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    grounds: &'a Grounds,
) -> Result<Decree<'a>, Error> {
    let document = ("decision", "移出骨干企业清单");
    Decree::record(app, tx, actor, document, &grounds.document_no, &grounds.reason).await
}

async fn delist(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (facts, last_day, decree): (&EnterpriseFacts, NaiveDate, &Decree<'_>),
) -> Result<usize, Error> {
    let shortened = rules::delist(&facts.listings, last_day, app.clock.today())?;
    decree.shorten(tx, &facts.listings, &shortened).await?;
    let detail = json!({ "last_day": last_day, "listings": shortened.len() });
    log(app, tx, actor, "enterprise.delisted", ("enterprise", &facts.uscc), &detail).await?;
    Ok(shortened.len())
}

/// Takes an enterprise off the list by a decision in its file: its listing and the entries on its
/// roster end on the same day (domain.md 7.4, ENTERPRISE_REMOVED). A listing that is over already
/// stays as it is. The caller has looked at scope and role.
pub(in crate::service) async fn remove_enterprise(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    enterprise_id: i64,
    last_day: NaiveDate,
    grounds: &Grounds,
) -> Result<(), Error> {
    let facts = lock(tx, enterprise_id).await?;
    let reason = format!("企业移出清单：{}", grounds.reason);
    let grounds = Grounds { reason, ..grounds.clone() };
    let decree = decree(app, tx, actor, &grounds).await?;
    let goes_on =
        |listing: &Stated<Listing>| listing.period.through.is_none_or(|through| through > last_day);
    if facts.listings.iter().any(goes_on) {
        delist(app, tx, actor, (&facts, last_day, &decree)).await?;
    }
    let gone = end_entries(tx, (enterprise_id, last_day), &decree).await?;
    roster_entry::left(app, tx, Some(actor), &gone, &grounds.reason).await
}

/// The time of an enterprise on the list is over: the entries on its roster end with the last day of
/// its listing, as after a removal (domain.md 7.6, system on expiry). Decided by the program.
pub(in crate::service) async fn expire_enterprise(
    app: &App,
    tx: &Tx,
    enterprise_id: i64,
) -> Result<(), Error> {
    let facts = lock(tx, enterprise_id).await?;
    let last = facts.listings.iter().filter_map(|listing| listing.period.through).max();
    // Whose listing was found wrong from its first day has no last day to end on.
    let Some(last_day) = last else { return Ok(()) };
    let reason = format!("企业清单有效期于 {last_day} 届满");
    let decree = Decree::of_program(app, tx, "骨干企业清单到期", &reason).await?;
    let gone = end_entries(tx, (enterprise_id, last_day), &decree).await?;
    roster_entry::left(app, tx, None, &gone, &reason).await
}

/// The enterprise once nobody else can move it.
async fn lock(tx: &Tx, enterprise_id: i64) -> Result<EnterpriseFacts, Error> {
    let missing = || Error::NotFound("该企业");
    roster::lock_enterprise_id(tx, enterprise_id).await?.ok_or_else(missing)?;
    let about = BTreeSet::from([enterprise_id]);
    roster::enterprises(tx, &about).await?.remove(&enterprise_id).ok_or_else(missing)
}

/// Ends the entries on the roster of an enterprise. Nobody on it has one that holds afterwards, also
/// if it ended on that day by itself: gives all of them, with the enterprise.
async fn end_entries(
    tx: &Tx,
    (enterprise_id, last_day): (i64, NaiveDate),
    decree: &Decree<'_>,
) -> Result<Vec<(i64, i64)>, Error> {
    let entries = roster::entries_of(tx, enterprise_id).await?;
    let ended = rules::leave_with_enterprise(&entries, last_day);
    let persons: Vec<i64> = entries.iter().map(|entry| entry.about).collect();
    roster::lock_persons(tx, &persons).await?;
    decree.shorten(tx, &entries, &ended).await?;
    Ok(entries.iter().map(|entry| (entry.about, enterprise_id)).collect())
}
