//! What somebody who draws up a batch can choose from.

use std::collections::BTreeMap;

use chrono::Datelike;

use super::super::payment::{Criteria, Preview, preview};
use super::super::{Actor, Error, budget, directory};
use super::{rows, state_of, visible_batch};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::payment::State;
use crate::domain::region;

/// The choices of the form for a new batch.
#[derive(Debug, Clone)]
pub struct Choices {
    /// Programmes: code and title.
    pub programmes: BTreeMap<String, String>,
    /// Award years with money, newest first; this year when there is none.
    pub years: Vec<i64>,
    /// Codes of sources.
    pub sources: Vec<String>,
    /// City-level units: code and name.
    pub cities: Vec<(String, String)>,
    /// Enterprises: code and name.
    pub enterprises: Vec<(String, String)>,
    /// The division that pays: the actor's own.
    pub payer_division: String,
    /// Account that the last batch was paid from; may be empty.
    pub payer_account: String,
    /// The calendar year whose budget pays.
    pub budget_year: i64,
}

/// What the actor can make a batch of.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::MakeBatch`].
pub async fn choices(app: &App, actor: &Actor) -> Result<Choices, Error> {
    actor.must(Act::MakeBatch)?;
    let conn = app.db.read();
    let budget_year = i64::from(app.clock.today().year());
    let mut years = rows::years(conn, Some(&actor.division)).await?;
    if years.is_empty() {
        years.push(budget_year);
    }
    Ok(Choices {
        programmes: budget::programmes(app).await?,
        years,
        sources: budget::sources(app, actor).await?,
        cities: region::city_units().to_vec(),
        enterprises: directory::enterprise_choices(app, actor).await?,
        payer_division: actor.division.clone(),
        payer_account: rows::last_payer_account(conn, &actor.division).await?.unwrap_or_default(),
        budget_year,
    })
}

/// What freezing this draft would fix now; `None` when the batch is no draft or the actor is not
/// one who could freeze it.
///
/// # Errors
/// [`Error::NotFound`] for a batch of another payer.
pub async fn draft_preview(
    app: &App,
    actor: &Actor,
    batch_no: &str,
) -> Result<Option<Preview>, Error> {
    let batch = visible_batch(app, actor, batch_no).await?;
    if state_of(&batch)? != State::Draft || !actor.role.may(Act::MakeBatch) {
        return Ok(None);
    }
    match preview(app, actor, &Criteria::from(&batch)).await {
        Ok(preview) => Ok(Some(preview)),
        // A draft of a past budget year has nothing to show; freezing says why.
        Err(Error::Invalid(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
