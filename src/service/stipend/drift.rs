//! Years whose facts changed since they were computed: the program counts, offices are told, and a new
//! computation proposes supplements and recoveries (domain.md 7.11; nothing of it moves money).

use super::CORE_ENGINEER;
use crate::app::App;
use crate::domain::authority::Act;
use crate::service::{Actor, Error};
use crate::store::stipend::drift as store;

/// A decided year with changes that no computation has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangedYear {
    /// Award year.
    pub year: i64,
    /// Persons whose facts about it were stated or ended since.
    pub persons: i64,
}

/// Counts, for each decided year, the persons whose facts changed since it was last computed; gives
/// the number of years with any.
///
/// # Errors
/// When the database fails.
pub async fn look_for_changes(app: &App) -> Result<usize, Error> {
    let mut changed = 0;
    for decided in store::decided(app.db.read(), CORE_ENGINEER).await? {
        let year = i32::try_from(decided.award_year)
            .map_err(|_| Error::Internal(format!("year {}", decided.award_year)))?;
        let now = app.clock.now();
        let of = (CORE_ENGINEER, year);
        let persons = store::changed_since(app.db.read(), of, &decided).await?;
        changed += usize::from(persons > 0);
        let tx = app.db.begin().await?;
        store::note(&tx, (CORE_ENGINEER, decided.award_year), persons, now).await?;
        tx.commit().await?;
    }
    Ok(changed)
}

/// The decided years with changes that no computation has seen, as the program counted last; none
/// for those who cannot compute.
///
/// # Errors
/// When the database fails.
pub async fn changed_years(app: &App, actor: &Actor) -> Result<Vec<ChangedYear>, Error> {
    if !actor.role.may(Act::Compute) {
        return Ok(Vec::new());
    }
    let read = app.db.read();
    let decided = store::decided(read, CORE_ENGINEER).await?;
    let mut noted = store::noted(read, CORE_ENGINEER).await?;
    // What was counted before the last computation is no news.
    noted.retain(|drift| {
        let of_year = decided.iter().find(|decided| decided.award_year == drift.award_year);
        drift.persons > 0 && of_year.is_some_and(|decided| decided.known_at <= drift.counted_at)
    });
    let line = |drift: store::Drift| ChangedYear { year: drift.award_year, persons: drift.persons };
    Ok(noted.into_iter().map(line).collect())
}
