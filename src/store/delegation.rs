//! Who stands in for whom, and on which days.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QueryOrder,
};

use super::db::expect_one_row;

pub use entity::delegation::Model as DelegationRow;

/// A delegation to be recorded; both days inclusive.
#[derive(Debug, Clone)]
pub struct NewDelegation<'a> {
    /// Account in whose name.
    pub giver_id: i64,
    /// Account that acts.
    pub taker_id: i64,
    /// Only for this file.
    pub case_id: Option<i64>,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// Number of the written order.
    pub document_no: &'a str,
    /// Why.
    pub reason: &'a str,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

/// Records a delegation.
///
/// # Errors
/// When the database refuses.
pub async fn record(tx: &DatabaseTransaction, new: &NewDelegation<'_>) -> Result<i64, DbErr> {
    let row = entity::delegation::ActiveModel {
        giver_id: Set(new.giver_id),
        taker_id: Set(new.taker_id),
        case_id: Set(new.case_id),
        starts_on: Set(new.starts_on),
        ends_on: Set(new.ends_on),
        document_no: Set(new.document_no.to_owned()),
        reason: Set(new.reason.to_owned()),
        recorded_at: Set(new.recorded_at),
        ended_at: Set(None),
        ended_by: Set(None),
        ..Default::default()
    };
    Ok(entity::delegation::Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// Ends a delegation before its last day.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it has ended already.
pub async fn end(
    tx: &DatabaseTransaction,
    id: i64,
    by: i64,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::delegation::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(at))
        .col_expr(Column::EndedBy, Expr::value(by))
        .filter(Column::Id.eq(id))
        .filter(Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// What an account may do in the name of others on a day.
///
/// # Errors
/// When the database fails.
pub async fn in_force(
    conn: &impl ConnectionTrait,
    taker_id: i64,
    day: NaiveDate,
) -> Result<Vec<DelegationRow>, DbErr> {
    use entity::delegation::{Column, Entity};
    Entity::find()
        .filter(Column::TakerId.eq(taker_id))
        .filter(Column::EndedAt.is_null())
        .filter(Column::StartsOn.lte(day))
        .filter(Column::EndsOn.gte(day))
        .order_by_asc(Column::Id)
        .all(conn)
        .await
}

/// What an account gave or was given, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn of_account(
    conn: &impl ConnectionTrait,
    account_id: i64,
) -> Result<Vec<DelegationRow>, DbErr> {
    use entity::delegation::{Column, Entity};
    let either =
        Condition::any().add(Column::GiverId.eq(account_id)).add(Column::TakerId.eq(account_id));
    Entity::find().filter(either).order_by_desc(Column::Id).all(conn).await
}
