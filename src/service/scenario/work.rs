//! Working scenarios out: one at a time, chunk by chunk under a lease, so that whoever takes up a
//! stopped one goes on where it was.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::ScenarioState;
use crate::app::App;
use crate::domain::registry::Code;
use crate::domain::scenario::{Tally, reason};
use crate::service::Error;
use crate::service::stipend::{Compared, TwoTexts};
use crate::store::lease::LEASE;
use crate::store::scenario::{self as store, NewChange, Scenario};
use crate::store::stipend as texts;

/// Persons read and decided at a time.
const CHUNK: u64 = 1_000;

/// Works out every scenario that nobody works on; returns how many ended well.
///
/// # Errors
/// When the scenarios cannot be read; what fails with one is noted in it.
pub async fn work(app: &App) -> Result<usize, Error> {
    let mut ended = 0;
    while let Some(mut working) = Working::claim(app, CHUNK).await? {
        let no = working.row.scenario_no.clone();
        match working.finish().await {
            Ok(()) => ended += 1,
            Err(Error::Stale(_)) => tracing::warn!(no, "a scenario was taken over"),
            Err(error) => {
                tracing::error!(no, ?error, "a scenario was given up");
                working.give_up().await?;
            }
        }
    }
    Ok(ended)
}

/// A scenario in somebody's hands.
pub struct Working {
    app: App,
    row: Scenario,
    tally: Tally,
    texts: Arc<TwoTexts>,
    chunk: u64,
    ahead: JoinSet<Result<Vec<Compared>, Error>>,
}

impl Working {
    /// Takes up the oldest scenario that nobody works on, where it stopped; `None` when there is
    /// none. `chunk` is the number of persons a transaction.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(app: &App, chunk: u64) -> Result<Option<Self>, Error> {
        let tx = app.db.begin().await?;
        let now = app.clock.machine_now();
        let Some(mut row) = store::lock_due(&tx, now).await? else { return Ok(None) };
        let held = row.lease_until;
        row.state = ScenarioState::Running.code().to_owned();
        row.lease_until = now + LEASE;
        store::save(&tx, &row, held).await?;
        tx.commit().await?;
        let wrong = |what: &str| Error::Internal(format!("{what} of {}", row.scenario_no));
        let tally = match row.outcome.as_str() {
            "" => Tally::default(),
            text => serde_json::from_str(text).map_err(|_| wrong("outcome"))?,
        };
        let base = texts::policy(app.db.read(), row.base_document_id).await?;
        let base = base.ok_or_else(|| wrong("text"))?;
        let year = i32::try_from(row.award_year).map_err(|_| wrong("year"))?;
        let pair = (base.content.as_str(), row.content.as_str());
        let texts = TwoTexts::prepare(app, pair, year, row.facts_known_at).await?;
        let (texts, ahead) = (Arc::new(texts), JoinSet::new());
        Ok(Some(Self { app: app.clone(), row, tally, texts, chunk, ahead }))
    }

    async fn finish(&mut self) -> Result<(), Error> {
        while self.next_chunk().await? {}
        Ok(())
    }

    /// Works out the next persons; `false` when there were none and the scenario is done.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else took it over; when the database fails.
    pub async fn next_chunk(&mut self) -> Result<bool, Error> {
        if self.ahead.is_empty() {
            self.read_ahead(self.row.last_person_id);
        }
        let read = self.ahead.join_next().await;
        let read = read.ok_or_else(|| Error::Internal("nothing was read".to_owned()))?;
        let persons = read.map_err(|error| Error::Internal(error.to_string()))??;
        let mut row = self.row.clone();
        let (mut tally, mut changes) = (self.tally.clone(), Vec::new());
        let Some(last) = persons.last().map(|person| person.person_id) else {
            row.state = ScenarioState::Completed.code().to_owned();
            row.finished_at = Some(self.app.clock.now());
            self.save(row, tally, changes).await?;
            return Ok(false);
        };
        self.read_ahead(last);
        for person in persons {
            row.done += 1;
            add(&mut tally, &mut changes, person);
        }
        row.last_person_id = last;
        self.save(row, tally, changes).await?;
        Ok(true)
    }

    fn read_ahead(&mut self, after: i64) {
        let (app, texts, chunk) = (self.app.clone(), Arc::clone(&self.texts), self.chunk);
        self.ahead.spawn(async move { texts.next(&app, after, chunk).await });
    }

    async fn save(
        &mut self,
        mut row: Scenario,
        tally: Tally,
        changes: Vec<NewChange>,
    ) -> Result<(), Error> {
        let text = serde_json::to_string(&tally);
        row.outcome = text.map_err(|error| Error::Internal(error.to_string()))?;
        row.lease_until = self.app.clock.machine_now() + LEASE;
        let tx = self.app.db.begin().await?;
        store::save(&tx, &row, self.row.lease_until).await?;
        store::add_changes(&tx, row.id, changes).await?;
        tx.commit().await?;
        (self.row, self.tally) = (row, tally);
        Ok(())
    }

    /// Ends it without an outcome.
    async fn give_up(&mut self) -> Result<(), Error> {
        let mut row = self.row.clone();
        row.state = ScenarioState::Failed.code().to_owned();
        row.finished_at = Some(self.app.clock.now());
        row.message = "系统故障，没有算完；请重新测算".to_owned();
        let tx = self.app.db.begin().await?;
        store::save(&tx, &row, self.row.lease_until).await?;
        Ok(tx.commit().await?)
    }
}

fn add(tally: &mut Tally, changes: &mut Vec<NewChange>, person: Compared) {
    match person.outcome {
        None => {}
        Some(Err(why)) => tally.add_failed(&person.person_no, &why),
        Some(Ok((before, after))) => {
            tally.add(&before, &after);
            if before.net != after.net {
                changes.push(NewChange {
                    person_id: person.person_id,
                    before_fen: before.net.get(),
                    after_fen: after.net.get(),
                    reason: reason(&before, &after),
                });
            }
        }
    }
}
