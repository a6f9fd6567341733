//! Counts and sums behind the figures of the overview, and the rows that each of them counts.
//!
//! A figure and its list share their condition, so that the one counts what the other shows.

mod money;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, IntoCondition};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationDef, Select,
};

use super::engineers::covers;
use super::scope;
use crate::domain::authority::Scope;
use crate::domain::registry::{Code, RosterStatus};
use crate::store::case::CaseRow;

pub use money::{
    MoneyGroup, MoneyRow, ShareChoice, money_groups, paid_groups, paid_rows, share_rows,
};

/// An enterprise as it stands on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Row identity; never shown.
    pub id: i64,
    /// Code.
    pub uscc: String,
    /// Name.
    pub name: String,
    /// Division.
    pub division: String,
    /// City-level unit.
    pub city_unit: String,
    /// Whether it is on the list.
    pub listed: bool,
}

/// The enterprises in scope that have a name and a place on `day`. Two statements.
///
/// # Errors
/// When the database fails.
pub async fn placed(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    day: NaiveDate,
) -> Result<Vec<Placed>, DbErr> {
    use entity::{enterprise, enterprise_division as division, enterprise_name as name, listing};
    let to_name: RelationDef = enterprise::Entity::belongs_to(name::Entity)
        .from(enterprise::Column::Id)
        .to(name::Column::EnterpriseId)
        .into();
    let to_division: RelationDef = enterprise::Entity::belongs_to(division::Entity)
        .from(enterprise::Column::Id)
        .to(division::Column::EnterpriseId)
        .into();
    let rows: Vec<(i64, String, String, String, String)> = enterprise::Entity::find()
        .select_only()
        .column(enterprise::Column::Id)
        .column(enterprise::Column::Uscc)
        .column(name::Column::Name)
        .column(division::Column::Division)
        .column(division::Column::CityUnit)
        .join(JoinType::InnerJoin, to_name)
        .join(JoinType::InnerJoin, to_division)
        .filter(name::Column::SupersededAt.is_null())
        .filter(covers(name::Column::ValidFrom, name::Column::ValidTo, day))
        .filter(division::Column::SupersededAt.is_null())
        .filter(covers(division::Column::ValidFrom, division::Column::ValidTo, day))
        .filter(scope::enterprises(scope, enterprise::Column::Id))
        .order_by_asc(enterprise::Column::Id)
        .into_tuple()
        .all(conn)
        .await?;
    let listed: Vec<i64> = listing::Entity::find()
        .select_only()
        .column(listing::Column::EnterpriseId)
        .filter(listing::Column::SupersededAt.is_null())
        .filter(covers(listing::Column::ValidFrom, listing::Column::ValidTo, day))
        .into_tuple()
        .all(conn)
        .await?;
    let listed: std::collections::HashSet<i64> = listed.into_iter().collect();
    let row = |(id, uscc, name, division, city_unit)| Placed {
        id,
        uscc,
        name,
        division,
        city_unit,
        listed: listed.contains(&id),
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Files that stand alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseGroup {
    /// Enterprise; `None` where a file has none.
    pub enterprise_id: Option<i64>,
    /// Kind.
    pub kind: String,
    /// State.
    pub state: String,
    /// Since.
    pub since: NaiveDate,
    /// Until when.
    pub due_on: Option<NaiveDate>,
    /// How many.
    pub files: i64,
}

/// Which open files.
#[derive(Debug, Clone)]
pub struct CaseChoice {
    /// Kinds and states.
    pub among: Vec<(&'static str, &'static str)>,
    /// Enterprises; `None` lets all through.
    pub enterprises: Option<Vec<i64>>,
    /// Only those whose time was over on this day.
    pub overdue_on: Option<NaiveDate>,
}

impl CaseChoice {
    fn condition(&self, scope: &Scope) -> Condition {
        use entity::case_file::Column;
        let among = self.among.iter().fold(
            Condition::any().add(Expr::val(1).eq(0)),
            |any, (kind, state)| {
                any.add(Condition::all().add(Column::Kind.eq(*kind)).add(Column::State.eq(*state)))
            },
        );
        let at =
            self.enterprises.as_ref().map(|ids| Column::EnterpriseId.is_in(ids.iter().copied()));
        crate::store::case::visible(scope)
            .add(among)
            .add_option(at)
            .add_option(self.overdue_on.map(|day| Column::DueOn.lt(day)))
    }
}

/// Open files, counted by where they stand.
///
/// # Errors
/// When the database fails.
pub async fn case_groups(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    choice: &CaseChoice,
) -> Result<Vec<CaseGroup>, DbErr> {
    use entity::case_file::{Column, Entity};
    let rows: Vec<(Option<i64>, String, String, NaiveDate, Option<NaiveDate>, i64)> =
        Entity::find()
            .select_only()
            .columns([Column::EnterpriseId, Column::Kind, Column::State])
            .columns([Column::Since, Column::DueOn])
            .column_as(Column::Id.count(), "files")
            .filter(choice.condition(scope))
            .group_by(Column::EnterpriseId)
            .group_by(Column::Kind)
            .group_by(Column::State)
            .group_by(Column::Since)
            .group_by(Column::DueOn)
            .into_tuple()
            .all(conn)
            .await?;
    let group = |(enterprise_id, kind, state, since, due_on, files)| CaseGroup {
        enterprise_id,
        kind,
        state,
        since,
        due_on,
        files,
    };
    Ok(rows.into_iter().map(group).collect())
}

/// A page of those files, the longest waiting first, and how many there are.
///
/// # Errors
/// When the database fails.
pub async fn open_cases(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    choice: &CaseChoice,
    (offset, limit): (u64, u64),
) -> Result<(Vec<CaseRow>, u64), DbErr> {
    use entity::case_file::{Column, Entity};
    let select = Entity::find().filter(choice.condition(scope));
    let total = select.clone().count(conn).await?;
    let rows = select
        .order_by_asc(Column::Since)
        .order_by_asc(Column::Id)
        .offset(offset)
        .limit(limit)
        .all(conn)
        .await?;
    Ok((rows, total))
}

fn on_roster(scope: &Scope, day: NaiveDate) -> Select<entity::roster_entry::Entity> {
    use entity::roster_entry::{Column, Entity};
    Entity::find()
        .filter(Column::SupersededAt.is_null())
        .filter(Column::Status.eq(RosterStatus::Confirmed.code()))
        .filter(covers(Column::ValidFrom, Column::ValidTo, day))
        .filter(scope::enterprises(scope, Column::EnterpriseId))
}

/// Confirmed roster entries on a day, counted by enterprise.
///
/// # Errors
/// When the database fails.
pub async fn roster_groups(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    day: NaiveDate,
) -> Result<Vec<(i64, i64)>, DbErr> {
    use entity::roster_entry::Column;
    on_roster(scope, day)
        .select_only()
        .column(Column::EnterpriseId)
        .column_as(Column::Id.count(), "entries")
        .group_by(Column::EnterpriseId)
        .into_tuple()
        .all(conn)
        .await
}

/// Person, enterprise and first day of entries on the confirmed roster, and how many there are.
///
/// # Errors
/// When the database fails.
pub async fn roster_rows(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    day: NaiveDate,
    enterprises: Option<&[i64]>,
    (offset, limit): (u64, u64),
) -> Result<(Vec<(i64, i64, NaiveDate)>, u64), DbErr> {
    use entity::roster_entry::Column;
    let at = enterprises.map(|ids| Column::EnterpriseId.is_in(ids.iter().copied()));
    let select = on_roster(scope, day).filter(Condition::all().add_option(at));
    let total = select.clone().count(conn).await?;
    let rows = select
        .select_only()
        .columns([Column::PersonId, Column::EnterpriseId, Column::ValidFrom])
        .order_by_asc(Column::Id)
        .offset(offset)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await?;
    Ok((rows, total))
}

/// Authorisations in force on a day: enterprise and places of A, B and C.
///
/// # Errors
/// When the database fails.
pub async fn quotas(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    day: NaiveDate,
) -> Result<Vec<(i64, [i64; 3])>, DbErr> {
    use entity::pilot_authorisation::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::SupersededAt.is_null())
        .filter(covers(Column::ValidFrom, Column::ValidTo, day))
        .filter(scope::enterprises(scope, Column::EnterpriseId))
        .order_by_asc(Column::EnterpriseId)
        .all(conn)
        .await?;
    let row = |row: entity::pilot_authorisation::Model| {
        (row.enterprise_id, [row.quota_a, row.quota_b, row.quota_c])
    };
    Ok(rows.into_iter().map(row).collect())
}

/// A place of a quota that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenPlace {
    /// Whose quota.
    pub enterprise_id: i64,
    /// Class, as stored.
    pub class: String,
    /// Number of the place.
    pub place_no: i64,
    /// By which file.
    pub case_no: String,
    /// What it is about.
    pub about: String,
    /// Since when.
    pub taken_at: DateTime<Utc>,
}

/// The places of a calendar year that are taken in scope.
///
/// # Errors
/// When the database fails.
pub async fn taken_places(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    year: i64,
) -> Result<Vec<TakenPlace>, DbErr> {
    use entity::case_file;
    use entity::recognition_place::{Column, Entity};
    let to_case: RelationDef =
        Entity::belongs_to(case_file::Entity).from(Column::CaseId).to(case_file::Column::Id).into();
    let rows: Vec<(i64, String, i64, String, String, DateTime<Utc>)> = Entity::find()
        .select_only()
        .columns([Column::EnterpriseId, Column::Class, Column::PlaceNo])
        .columns([case_file::Column::CaseNo, case_file::Column::About])
        .column(Column::TakenAt)
        .join(JoinType::InnerJoin, to_case)
        .filter(Column::QuotaYear.eq(year))
        .filter(Column::ReleasedAt.is_null())
        .filter(scope::enterprises(scope, Column::EnterpriseId))
        .order_by_asc(Column::EnterpriseId)
        .order_by_asc(Column::Class)
        .order_by_asc(Column::PlaceNo)
        .into_tuple()
        .all(conn)
        .await?;
    let place = |(enterprise_id, class, place_no, case_no, about, taken_at)| TakenPlace {
        enterprise_id,
        class,
        place_no,
        case_no,
        about,
        taken_at,
    };
    Ok(rows.into_iter().map(place).collect())
}

/// A departure as it was reported: person, enterprise, day after the last, when.
pub type Departure = (i64, i64, NaiveDate, DateTime<Utc>);

/// The departures reported since an instant by documents with this title, one for each person,
/// enterprise and last day. Two statements.
///
/// # Errors
/// When the database fails.
pub async fn departures(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    title: &str,
    since: DateTime<Utc>,
) -> Result<Vec<Departure>, DbErr> {
    use entity::source_document as source;
    use entity::{employment, roster_entry};
    let reports = || {
        let select = source::Entity::find()
            .select_only()
            .column(source::Column::Id)
            .filter(source::Column::Title.eq(title))
            .filter(source::Column::RecordedAt.gte(since));
        select.into_query()
    };
    let mut all: Vec<Departure> = {
        use roster_entry::{Column, Entity};
        Entity::find()
            .select_only()
            .columns([Column::PersonId, Column::EnterpriseId, Column::ValidTo, Column::RecordedAt])
            .filter(Column::SupersededAt.is_null())
            .filter(Column::ValidTo.is_not_null())
            .filter(Column::SourceId.in_subquery(reports()))
            .filter(scope::enterprises(scope, Column::EnterpriseId).into_condition())
            .into_tuple()
            .all(conn)
            .await?
    };
    use employment::{Column, Entity};
    let posts: Vec<Departure> = Entity::find()
        .select_only()
        .columns([Column::PersonId, Column::EnterpriseId, Column::ValidTo, Column::RecordedAt])
        .filter(Column::SupersededAt.is_null())
        .filter(Column::ValidTo.is_not_null())
        .filter(Column::SourceId.in_subquery(reports()))
        .filter(scope::enterprises(scope, Column::EnterpriseId).into_condition())
        .into_tuple()
        .all(conn)
        .await?;
    all.extend(posts);
    all.sort_unstable();
    all.dedup_by_key(|(person, enterprise, day, _)| (*person, *enterprise, *day));
    Ok(all)
}
