//! Lists read piece by piece by machines: each piece begins after the last row of the one before,
//! so that rows that come or go meanwhile neither repeat nor hide others.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

use super::engineer_filter::EngineerFilter;
use super::engineers::{Person, person};
use super::enterprises::{EnterpriseFilter, EnterpriseKey, key};
use super::{engineers, enterprises};
use crate::domain::authority::Scope;
use crate::store::stipend::OF_A_RUN;

/// Up to `limit` engineers in scope that satisfy the filter, registered after the person with the
/// identity `after`. With `decided`, only those of whom that year was decided.
///
/// # Errors
/// When the database fails.
pub async fn engineers_after(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &EngineerFilter,
    decided: Option<i64>,
    (after, limit): (i64, u64),
) -> Result<Vec<Person>, DbErr> {
    use entity::entitlement::{Column as Year, Entity as Years};
    use entity::person::Column;
    let of_year = decided.map(|year| {
        let rows = Years::find()
            .select_only()
            .column(Year::PersonId)
            .filter(Year::SupersededAt.is_null())
            .filter(Year::SubjectNo.eq(OF_A_RUN))
            .filter(Year::AwardYear.eq(year));
        Column::Id.in_subquery(rows.into_query())
    });
    let rows = engineers::select(scope, filter)
        .filter(sea_orm::Condition::all().add_option(of_year))
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(person).collect())
}

/// Up to `limit` enterprises in scope that satisfy the filter, registered after the one with the
/// identity `after`.
///
/// # Errors
/// When the database fails.
pub async fn enterprises_after(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &EnterpriseFilter,
    (after, limit): (i64, u64),
) -> Result<Vec<EnterpriseKey>, DbErr> {
    use entity::enterprise::Column;
    let rows = enterprises::select(scope, filter)
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(key).collect())
}
