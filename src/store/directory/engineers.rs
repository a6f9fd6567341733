//! The list of engineers: who is in it, in which order, how many.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::engineer_filter::EngineerFilter;
use super::{registered, scope};
use crate::domain::authority::Scope;
use crate::store::db::rows_per_statement;
use crate::store::extent::{Extent, extent};
use crate::store::merge;

/// A person's identity and official number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Row identity; never shown.
    pub id: i64,
    /// Official number.
    pub no: String,
}

/// A column names the person at hand.
pub(super) fn of_person(column: impl ColumnTrait) -> Expr {
    column.into_expr().equals((entity::person::Entity, entity::person::Column::Id))
}

/// The valid period of a row covers a day.
pub(super) fn covers(from: impl ColumnTrait, to: impl ColumnTrait, day: NaiveDate) -> Condition {
    Condition::all().add(from.lte(day)).add(to.is_null().or(to.gt(day)))
}

/// A column contains a text, whatever the case of Latin letters.
pub(super) fn contains(column: impl ColumnTrait, text: &str) -> Expr {
    let mut pattern = String::from("%");
    for character in text.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    Expr::expr(Func::lower(column.into_expr())).like(LikeExpr::new(pattern).escape('!'))
}

pub(super) fn select(scope: &Scope, filter: &EngineerFilter) -> Select<entity::person::Entity> {
    entity::person::Entity::find().filter(filter.condition(scope))
}

pub(super) fn person(row: entity::person::Model) -> Person {
    Person { id: row.id, no: row.person_no }
}

/// How long the list of engineers in scope is that satisfy the filter.
///
/// # Errors
/// When the database fails.
pub async fn extent_of_engineers(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &EngineerFilter,
) -> Result<Extent, DbErr> {
    let asks = filter.text.is_some() || filter.amount.is_some() || filter.missing.is_some();
    if filter.probes && !asks {
        return Ok(Extent::beyond());
    }
    extent(conn, select(scope, filter)).await
}

/// How many engineers in scope satisfy the filter, all of them counted.
///
/// # Errors
/// When the database fails.
pub async fn count_engineers(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &EngineerFilter,
) -> Result<i64, DbErr> {
    let count = match filter.is_open(scope) {
        // Nearly everybody: whom nobody registered are counted sooner.
        true => {
            let all = entity::person::Entity::find().count(conn).await?;
            all.saturating_sub(registered::by_nobody().count(conn).await?)
        }
        false => select(scope, filter).count(conn).await?,
    };
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Where a page of a list begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// After so many rows, all of which are read.
    Offset(u64),
    /// After the row with this number.
    After(String),
    /// So that it ends before the row with this number.
    Before(String),
}

/// Up to `limit` engineers in scope that satisfy the filter, in the order in which they were
/// registered.
///
/// # Errors
/// When the database fails.
pub async fn engineers(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &EngineerFilter,
    from: &Start,
    limit: u64,
) -> Result<Vec<Person>, DbErr> {
    use entity::person::Column;
    let place = |no: &str| {
        let one = entity::person::Entity::find().select_only().column(Column::Id);
        Expr::SubQuery(None, Box::new(one.filter(Column::PersonNo.eq(no)).into_query().into()))
    };
    let all = select(scope, filter).limit(limit);
    let (all, turned) = match from {
        Start::Offset(rows) => (all.order_by_asc(Column::Id).offset(*rows), false),
        Start::After(no) => {
            (all.filter(Column::Id.into_expr().gt(place(no))).order_by_asc(Column::Id), false)
        }
        Start::Before(no) => {
            (all.filter(Column::Id.into_expr().lt(place(no))).order_by_desc(Column::Id), true)
        }
    };
    let mut rows = all.all(conn).await?;
    if turned {
        rows.reverse();
    }
    Ok(rows.into_iter().map(person).collect())
}

/// The person with this official number, when in scope.
///
/// # Errors
/// When the database fails.
pub async fn engineer(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    no: &str,
) -> Result<Option<Person>, DbErr> {
    let found = entity::person::Entity::find()
        .filter(entity::person::Column::PersonNo.eq(no))
        .filter(scope::persons(scope, entity::person::Column::Id))
        .one(conn)
        .await?;
    Ok(found.map(person))
}

/// The number of a person.
///
/// # Errors
/// When the database fails.
pub async fn person_no(conn: &impl ConnectionTrait, id: i64) -> Result<Option<String>, DbErr> {
    let found = entity::person::Entity::find_by_id(id).one(conn).await?;
    Ok(found.map(|row| row.person_no))
}

/// Official numbers of persons, by identity.
///
/// # Errors
/// When the database fails.
pub async fn person_numbers(
    conn: &impl ConnectionTrait,
    ids: &[i64],
) -> Result<HashMap<i64, String>, DbErr> {
    use entity::person::{Column, Entity};
    let mut numbers = HashMap::new();
    for ids in ids.chunks(rows_per_statement(1)) {
        let rows: Vec<(i64, String)> = Entity::find()
            .select_only()
            .columns([Column::Id, Column::PersonNo])
            .filter(Column::Id.is_in(ids.iter().copied()))
            .into_tuple()
            .all(conn)
            .await?;
        numbers.extend(rows);
    }
    Ok(numbers)
}

/// The person whom another number led to at an instant, or leads to now when none is given: `None`
/// when the number leads itself. The person must be in scope under one of the numbers.
///
/// # Errors
/// When the database fails.
pub async fn leading(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    no: &str,
    known_at: Option<DateTime<Utc>>,
) -> Result<Option<Person>, DbErr> {
    use entity::person::{Column, Entity};
    let found = Entity::find().filter(Column::PersonNo.eq(no)).one(conn).await?;
    let Some(found) = found else { return Ok(None) };
    let merges = merge::merges_about(conn, &[found.id], known_at).await?;
    if !merges.is_merged(found.id) {
        return Ok(None);
    }
    let leader = Entity::find()
        .filter(Column::Id.eq(merges.leading(found.id)))
        .filter(scope::persons(scope, Column::Id))
        .one(conn)
        .await?;
    Ok(leader.map(person))
}

/// Those of these persons who are in scope, in order of registration. As few persons as one
/// statement takes.
///
/// # Errors
/// When the database fails.
pub async fn people_in_scope(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[i64],
) -> Result<Vec<Person>, DbErr> {
    let rows = entity::person::Entity::find()
        .filter(entity::person::Column::Id.is_in(ids.iter().copied()))
        .filter(scope::person_row(scope))
        .order_by_asc(entity::person::Column::Id)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(person).collect())
}
