//! Reading and deciding a run of persons, ahead of storing the one before.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::task::{JoinSet, spawn_blocking};

use super::decide::{Before, Case, Ground, Outcome, decide_all};
use crate::app::App;
use crate::domain::dossier::Dossier;
use crate::service::Error;
use crate::store::merge::Merges;
use crate::store::stipend::facts;
use crate::store::stipend::result::{self, Standing, Year};

/// Where chunks come from: the facts of a run, as known at its instant. They never change, so
/// reading ahead sees the same as reading later; and while a run is live nothing else writes
/// versions of its year.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) app: App,
    pub(super) ground: Arc<Ground>,
    pub(super) programme: String,
    pub(super) known_at: DateTime<Utc>,
    /// Which numbers are one person, as known then.
    pub(super) merges: Arc<Merges>,
    pub(super) persons: u64,
}

/// A run of persons, decided.
pub(super) struct Ready {
    after: i64,
    pub(super) range: RangeInclusive<i64>,
    pub(super) standing: HashMap<i64, Standing>,
    /// Person, number of the person, outcome.
    pub(super) outcomes: Vec<(i64, String, Outcome)>,
}

impl Source {
    /// Reads and decides the next persons after one; `None` when there are none.
    async fn read(&self, after: i64) -> Result<Option<Ready>, Error> {
        let (conn, year) = (self.app.db.read(), self.ground.enterprises.year());
        let persons = facts::persons_after(conn, after, self.known_at, self.persons).await?;
        let ends = persons.first().zip(persons.last());
        let Some(range) = ends.map(|(first, last)| first.0..=last.0) else { return Ok(None) };
        let of = (self.known_at, year);
        let dossiers = facts::dossiers_as_one(conn, range.clone(), of, &self.merges).await?;
        let programme = Year { programme: &self.programme, award_year: year };
        let standing = result::standing(conn, programme, range.clone()).await?;
        let cases = cases(persons, dossiers, &standing);
        let ground = Arc::clone(&self.ground);
        let outcomes = spawn_blocking(move || decide_all(&ground, cases))
            .await
            .map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Some(Ready { after, range, standing, outcomes }))
    }
}

fn cases(
    persons: Vec<(i64, String)>,
    mut dossiers: HashMap<i64, Dossier>,
    standing: &HashMap<i64, Standing>,
) -> Vec<Case> {
    let case = |(person_id, person_no): (i64, String)| Case {
        person_id,
        person_no,
        dossier: dossiers.remove(&person_id).unwrap_or_default(),
        standing: standing.get(&person_id).map(|standing| Before {
            version_no: standing.version_no,
            is_eligible: standing.status == "eligible",
            net: standing.net,
            fingerprint: standing.fingerprint.clone(),
        }),
    };
    persons.into_iter().map(case).collect()
}

/// The chunk being read ahead; dropping it stops reading.
#[derive(Default)]
pub(super) struct Ahead(JoinSet<Result<Option<Ready>, Error>>);

impl Ahead {
    /// The chunk after a person, and begins to read the one after it. Asking again for the same
    /// chunk reads it again.
    pub(super) async fn take(
        &mut self,
        source: &Source,
        after: i64,
    ) -> Result<Option<Ready>, Error> {
        let found = match self.0.join_next().await {
            Some(read) => read.map_err(|error| Error::Internal(error.to_string()))?,
            None => Ok(None),
        };
        let ready = match found {
            Ok(Some(ready)) if ready.after == after => Some(ready),
            _ => source.read(after).await?,
        };
        if let Some(ready) = &ready {
            let (source, next) = (source.clone(), *ready.range.end());
            self.0.spawn(async move { source.read(next).await });
        }
        Ok(ready)
    }
}
