//! The same persons under two texts: read as a run reads them, decided by the same engine, stored
//! nowhere.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use tokio::task::spawn_blocking;

use super::decide::{Undecided, shares};
use super::execute::enterprises;
use super::policy::parse;
use crate::app::App;
use crate::clock::china_time;
use crate::domain::determine::{PersonFacts, Run};
use crate::domain::dossier::{Dossier, KnownEnterprises};
use crate::domain::edition::Policy;
use crate::domain::scenario::{Outcome, Part};
use crate::service::{Error, catalogue};
use crate::store::merge::{self, Merges};
use crate::store::stipend::facts;

/// Everything that is the same for all persons: both texts, and the enterprises as known.
pub(in crate::service) struct TwoTexts {
    before: Policy,
    after: Policy,
    enterprises: KnownEnterprises,
    merges: Merges,
    known_at: DateTime<Utc>,
}

/// A person under both texts, or why there is no result.
pub(in crate::service) struct Compared {
    pub(in crate::service) person_id: i64,
    pub(in crate::service) person_no: String,
    /// `None` for a person of whom nothing is known.
    pub(in crate::service) outcome: Option<Result<(Outcome, Outcome), String>>,
}

impl TwoTexts {
    pub(in crate::service) async fn prepare(
        app: &App,
        (before, after): (&str, &str),
        year: i32,
        known_at: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let enterprises = enterprises(app, year, known_at, None).await?;
        // Other awards of the year stand to the stipend as they do in a run, under either text.
        let relations = catalogue::relations(app.db.read(), year, known_at).await?;
        let under = |text| parse(&catalogue::over(text, &relations)?);
        let merges = merge::merges(app.db.read(), Some(known_at)).await?;
        Ok(Self { before: under(before)?, after: under(after)?, enterprises, merges, known_at })
    }

    /// The next persons after one, under both texts; empty when there are none.
    pub(in crate::service) async fn next(
        self: Arc<Self>,
        app: &App,
        after: i64,
        persons: u64,
    ) -> Result<Vec<Compared>, Error> {
        let conn = app.db.read();
        let persons = facts::persons_after(conn, after, self.known_at, persons).await?;
        let ends = persons.first().zip(persons.last());
        let Some(range) = ends.map(|(first, last)| first.0..=last.0) else { return Ok(Vec::new()) };
        let year = self.enterprises.year();
        let of = (self.known_at, year);
        let mut dossiers = facts::dossiers_as_one(conn, range, of, &self.merges).await?;
        let with = |(id, no): (i64, String)| (id, no, dossiers.remove(&id).unwrap_or_default());
        let cases: Vec<(i64, String, Dossier)> = persons.into_iter().map(with).collect();
        let decided = spawn_blocking(move || self.decide(cases)).await;
        decided.map_err(|error| Error::Internal(error.to_string()))
    }

    fn decide(&self, cases: Vec<(i64, String, Dossier)>) -> Vec<Compared> {
        let run = |policy| {
            let known_at = Some(china_time(self.known_at));
            Run::new(policy, self.enterprises.facts(), self.enterprises.year(), known_at)
        };
        let runs = (run(&self.before), run(&self.after));
        let one = |(person_id, person_no, dossier): (i64, String, Dossier)| {
            let outcome = (!dossier.is_empty()).then(|| {
                let both = || {
                    let facts = dossier.facts(&person_no, &self.enterprises)?;
                    let (before, after) = (runs.0.as_ref(), runs.1.as_ref());
                    let year = |error: &crate::domain::determine::DetermineError| error.clone();
                    Ok((
                        self.outcome(before.map_err(year)?, &facts)?,
                        self.outcome(after.map_err(year)?, &facts)?,
                    ))
                };
                both().map_err(|error: Undecided| error.to_string())
            });
            Compared { person_id, person_no, outcome }
        };
        cases.into_par_iter().map(one).collect()
    }

    fn outcome(&self, run: &Run<'_>, facts: &PersonFacts) -> Result<Outcome, Undecided> {
        let found = run.determine(facts)?;
        let (shares, _) = shares(&self.enterprises, &found)?;
        let reasons: Vec<&str> = found.reasons.iter().map(|reason| reason.label()).collect();
        let part = |share: crate::store::stipend::result::NewShare| Part {
            city_unit: share.city_unit,
            source: share.source,
            payer_division: share.payer_division,
            amount: share.amount,
        };
        Ok(Outcome {
            months: found.counted_months,
            gross: found.gross,
            offset: found.offset,
            net: found.net,
            reasons: reasons.join("、"),
            parts: shares.into_iter().map(part).collect(),
        })
    }
}
