//! Lists as they were on a day, as known at an instant.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QuerySelect, QueryTrait,
};

use super::engineers::{Person, covers, person};
use super::person::facts_about;
use super::scope;
use crate::domain::authority::Scope;
use crate::domain::registry::{Code, PersonName, RosterStatus, Stated};
use crate::store::db::rows_per_statement;
use crate::store::fact::Versions;

/// Which version of a list: the one that holds on a day, as known at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The day.
    pub on: NaiveDate,
    /// The last instant whose knowledge counts.
    pub known_at: DateTime<Utc>,
}

/// The recorded time of a row covers an instant.
fn held(recorded: impl ColumnTrait, superseded: impl ColumnTrait, at: DateTime<Utc>) -> Condition {
    let still = Condition::any().add(superseded.is_null()).add(superseded.gt(at));
    Condition::all().add(recorded.lte(at)).add(still)
}

/// The enterprises in scope on the list, ascending.
///
/// # Errors
/// When the database fails.
pub async fn listed(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    point: Point,
) -> Result<Vec<i64>, DbErr> {
    use entity::listing::{Column, Entity};
    let mut ids: Vec<i64> = Entity::find()
        .select_only()
        .column(Column::EnterpriseId)
        .filter(covers(Column::ValidFrom, Column::ValidTo, point.on))
        .filter(held(Column::RecordedAt, Column::SupersededAt, point.known_at))
        .filter(scope::enterprises(scope, Column::EnterpriseId))
        .into_tuple()
        .all(conn)
        .await?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// A confirmed entry.
fn confirmed() -> Condition {
    use entity::roster_entry::Column;
    Condition::all().add(Column::Status.eq(RosterStatus::Confirmed.code()))
}

/// How many persons the confirmed roster of the enterprises in scope has.
///
/// # Errors
/// When the database fails.
pub async fn roster_size(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    point: Point,
) -> Result<i64, DbErr> {
    use entity::roster_entry::{Column, Entity};
    // By enterprise there is an index with all that is asked: whose entries count is a list of them,
    // where a probe of each entry would look at everybody's.
    let there = match scope {
        Scope::Province => {
            let all = entity::enterprise::Entity::find().select_only();
            let all = all.column(entity::enterprise::Column::Id).into_query();
            Condition::all().add(Column::EnterpriseId.in_subquery(all))
        }
        _ => scope::enterprises(scope, Column::EnterpriseId),
    };
    let entries = Entity::find().select_only().column(Column::EnterpriseId).filter(confirmed());
    let count = entries
        .filter(there)
        .filter(covers(Column::ValidFrom, Column::ValidTo, point.on))
        .filter(held(Column::RecordedAt, Column::SupersededAt, point.known_at))
        .count(conn)
        .await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// With which enterprise in scope persons are on the confirmed roster in each of two versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// In the first, by person.
    pub before: BTreeMap<i64, i64>,
    /// In the second.
    pub after: BTreeMap<i64, i64>,
}

/// A place on the roster with its two times.
#[derive(Debug, FromQueryResult)]
struct Place {
    person_id: i64,
    enterprise_id: i64,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    recorded_at: DateTime<Utc>,
    superseded_at: Option<DateTime<Utc>>,
}

impl Place {
    fn is_in(&self, point: Point) -> bool {
        self.valid_from <= point.on
            && self.valid_to.is_none_or(|day| day > point.on)
            && self.recorded_at <= point.known_at
            && self.superseded_at.is_none_or(|at| at > point.known_at)
    }
}

/// The places in both versions of the persons for whom they may differ: an entry in scope begins,
/// ends, was recorded or was given up between them. Everybody else is the same in both. `None`
/// when more than `limit` entries would have to be read.
///
/// # Errors
/// When the database fails.
pub async fn places_that_may_differ(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    (a, b): (Point, Point),
    limit: u64,
) -> Result<Option<Places>, DbErr> {
    use entity::roster_entry::{Column, Entity};
    let days = (a.on.min(b.on), a.on.max(b.on));
    let times = (a.known_at.min(b.known_at), a.known_at.max(b.known_at));
    let day_between =
        |column: Column| Condition::all().add(column.gt(days.0)).add(column.lte(days.1));
    let time_between =
        |column: Column| Condition::all().add(column.gt(times.0)).add(column.lte(times.1));
    let touched = Condition::any()
        .add(day_between(Column::ValidFrom))
        .add(day_between(Column::ValidTo))
        .add(time_between(Column::RecordedAt))
        .add(time_between(Column::SupersededAt));
    // The few that changed are probed for the scope: a list of its enterprises would tempt SQLite to
    // try each of them with each of the persons.
    let there = || {
        let enterprise = (Entity, Column::EnterpriseId);
        confirmed().add(scope::lies_there(scope, enterprise))
    };
    let persons =
        Entity::find().select_only().column(Column::PersonId).filter(there()).filter(touched);
    let rows: Vec<Place> = Entity::find()
        .filter(there())
        .filter(Column::PersonId.in_subquery(persons.into_query()))
        .limit(limit + 1)
        .into_model()
        .all(conn)
        .await?;
    if rows.len() as u64 > limit {
        return Ok(None);
    }
    let of = |point: Point| {
        let there = rows.iter().filter(|row| row.is_in(point));
        there.map(|row| (row.person_id, row.enterprise_id)).collect()
    };
    Ok(Some(Places { before: of(a), after: of(b) }))
}

/// Numbers and names, as known at an instant, of persons whom a list with a scope has named.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn numbers_and_names(
    conn: &impl ConnectionTrait,
    persons: &[i64],
    known_at: DateTime<Utc>,
) -> Result<HashMap<i64, (Person, Vec<Stated<PersonName>>)>, DbErr> {
    use entity::person::{Column, Entity};
    let mut found = HashMap::new();
    for persons in persons.chunks(rows_per_statement(1)) {
        let rows =
            Entity::find().filter(Column::Id.is_in(persons.iter().copied())).all(conn).await?;
        let versions = Versions::KnownAt(known_at);
        let mut names = facts_about::<PersonName>(conn, persons, versions).await?;
        for row in rows {
            let id = row.id;
            found.insert(id, (person(row), names.remove(&id).unwrap_or_default()));
        }
    }
    Ok(found)
}
