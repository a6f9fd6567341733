//! An enterprise leaves the list.

use chrono::NaiveDate;
use serde_json::json;
use std::collections::BTreeSet;

use super::{Grounds, enterprise_name};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::roster as rules;
use crate::service::decree::Decree;
use crate::service::{Actor, Error, log};
use crate::store::roster;

/// What was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delisted {
    /// Name of the enterprise.
    pub name: String,
    /// How many listings ended or fell away.
    pub listings: usize,
}

/// Takes an enterprise off the list after `last_day`, which still counts (domain.md A11 names the
/// day after it). Roster entries stay as they are: no day counts without a listing, and a wrong
/// removal is then put right in one place.
///
/// # Errors
/// [`Error::NotFound`] for an enterprise outside the actor's scope, [`Error::Invalid`] with the
/// fields `reason` and `document_no`, [`Error::Refused`] when it was not listed that day.
pub async fn end_listing(
    app: &App,
    actor: &Actor,
    uscc: &str,
    last_day: NaiveDate,
    grounds: &Grounds,
) -> Result<Delisted, Error> {
    actor.must(Act::ImportRegistry)?;
    grounds.check()?;
    let today = app.clock.today();
    let missing = || Error::NotFound("该企业");
    let tx = app.db.begin().await?;
    let anchor = roster::lock_enterprise(&tx, uscc.trim()).await?.ok_or_else(missing)?;
    let facts = roster::enterprises(&tx, &BTreeSet::from([anchor.id])).await?.remove(&anchor.id);
    let facts = facts.filter(|facts| actor.covers(anchor.id, facts, today)).ok_or_else(missing)?;
    let shortened = rules::delist(&facts.listings, last_day, today)?;
    let document = ("decision", "移出骨干企业清单");
    let decree =
        Decree::record(app, &tx, actor, document, &grounds.document_no, &grounds.reason).await?;
    decree.shorten(&tx, &facts.listings, &shortened).await?;
    let detail = json!({
        "last_day": last_day,
        "listings": shortened.len(),
        "document_no": grounds.document_no,
    });
    log(app, &tx, actor, "enterprise.delisted", ("enterprise", &facts.uscc), &detail).await?;
    tx.commit().await?;
    Ok(Delisted { name: enterprise_name(Some(&facts), today), listings: shortened.len() })
}
