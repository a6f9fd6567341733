//! What persons object to about the amounts of their years, and what offices answered.

use chrono::{DateTime, Utc};
use entity::year_dispute::{ActiveModel, Column, Entity};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::domain::authority::Scope;
use crate::store::db::expect_one_row;
use crate::store::directory::scope::person_named;

pub use entity::year_dispute::Model as YearDispute;

/// Writes an objection down: person, year, and the version that the person looked at.
///
/// # Errors
/// When one about the same year waits, or the database refuses.
pub async fn record_year_dispute(
    tx: &DatabaseTransaction,
    (person_id, award_year, version): (i64, i64, i64),
    note: &str,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        person_id: Set(person_id),
        award_year: Set(award_year),
        version: Set(version),
        note: Set(note.to_owned()),
        at: Set(at),
        answer: Set(String::new()),
        ..Default::default()
    };
    row.insert(tx).await.map(|_| ())
}

/// All objections of a person to amounts, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn year_disputes_of(
    conn: &impl ConnectionTrait,
    person_id: i64,
) -> Result<Vec<YearDispute>, DbErr> {
    Entity::find().filter(Column::PersonId.eq(person_id)).order_by_desc(Column::Id).all(conn).await
}

/// Up to `limit` that wait in scope, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn open_year_disputes(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    limit: u64,
) -> Result<Vec<YearDispute>, DbErr> {
    open(scope).order_by_asc(Column::Id).limit(limit).all(conn).await
}

/// How many wait in scope.
///
/// # Errors
/// When the database fails.
pub async fn count_year_disputes(conn: &impl ConnectionTrait, scope: &Scope) -> Result<i64, DbErr> {
    Ok(i64::try_from(open(scope).count(conn).await?).unwrap_or(i64::MAX))
}

/// The one with this identity that waits in scope.
///
/// # Errors
/// When the database fails.
pub async fn year_dispute(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    id: i64,
) -> Result<Option<YearDispute>, DbErr> {
    open(scope).filter(Column::Id.eq(id)).one(conn).await
}

/// Writes down what an office answers.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was answered before.
pub async fn answer_year_dispute(
    tx: &DatabaseTransaction,
    id: i64,
    (account, answer): (i64, &str),
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::AnsweredBy, Expr::value(account))
        .col_expr(Column::Answer, Expr::value(answer))
        .col_expr(Column::AnsweredAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .filter(Column::AnsweredAt.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// They are few: each is probed for the scope.
fn open(scope: &Scope) -> Select<Entity> {
    Entity::find()
        .filter(Column::AnsweredAt.is_null())
        .filter(person_named(scope, (Entity, Column::PersonId)))
}
