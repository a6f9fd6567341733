//! Recognitions with what happened to them in a year.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::case::{CaseRow, visible};
use super::db::rows_per_statement;
use crate::domain::authority::Scope;

/// The days on which acts were done: case, act, day.
type Acts = HashMap<(i64, String), Vec<NaiveDate>>;

/// Files of a kind in some states, in scope, by number.
///
/// # Errors
/// When the database fails.
pub async fn files(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    kind: &str,
    states: &[&str],
) -> Result<Vec<CaseRow>, DbErr> {
    use entity::case_file::{Column, Entity};
    Entity::find()
        .filter(Column::Kind.eq(kind))
        .filter(Column::State.is_in(states.iter().copied()))
        .filter(visible(scope))
        .order_by_asc(Column::CaseNo)
        .all(conn)
        .await
}

/// When these acts were done on these files, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn acts(
    conn: &impl ConnectionTrait,
    cases: &[i64],
    acts: &[&str],
) -> Result<Acts, DbErr> {
    use entity::case_step::{Column, Entity};
    let mut found = Acts::new();
    for cases in cases.chunks(rows_per_statement(2)) {
        let rows: Vec<(i64, String, NaiveDate)> = Entity::find()
            .select_only()
            .column(Column::CaseId)
            .column(Column::Act)
            .column(Column::OnDay)
            .filter(Column::CaseId.is_in(cases.iter().copied()))
            .filter(Column::Act.is_in(acts.iter().copied()))
            .order_by_asc(Column::Seq)
            .into_tuple()
            .all(conn)
            .await?;
        for (case, act, on) in rows {
            found.entry((case, act)).or_default().push(on);
        }
    }
    Ok(found)
}

/// The city-level unit in which each enterprise lies on a day.
///
/// # Errors
/// When the database fails.
pub async fn city_units(
    conn: &impl ConnectionTrait,
    enterprises: &[i64],
    on: NaiveDate,
) -> Result<HashMap<i64, String>, DbErr> {
    use entity::enterprise_division::{Column, Entity};
    use sea_orm::Condition;
    let mut units = HashMap::new();
    for ids in enterprises.chunks(rows_per_statement(2)) {
        let rows: Vec<(i64, String)> = Entity::find()
            .select_only()
            .column(Column::EnterpriseId)
            .column(Column::CityUnit)
            .filter(Column::EnterpriseId.is_in(ids.iter().copied()))
            .filter(Column::SupersededAt.is_null())
            .filter(Column::ValidFrom.lte(on))
            .filter(Condition::any().add(Column::ValidTo.is_null()).add(Column::ValidTo.gt(on)))
            .into_tuple()
            .all(conn)
            .await?;
        units.extend(rows);
    }
    Ok(units)
}
