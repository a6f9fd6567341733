//! Exports: what was asked, how far it is, where the file lies.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::db::expect_one_row;
use super::{lease, number};
use entity::export_job::{ActiveModel, Column, Entity};

pub use entity::export_job::Model as Job;

/// An export to be written.
#[derive(Debug, Clone)]
pub struct NewJob<'a> {
    /// Who asks.
    pub account_id: i64,
    /// Code of the list.
    pub list: &'a str,
    /// The filter as fields, JSON.
    pub criteria: &'a str,
    /// The filter in words.
    pub conditions: &'a str,
    /// For what.
    pub purpose: &'a str,
    /// In which role and scope.
    pub seen_as: &'a str,
    /// Rows to be expected.
    pub total: i64,
    /// When.
    pub asked_at: DateTime<Utc>,
}

/// Keeps what was asked; returns its official number.
///
/// # Errors
/// When the database refuses.
pub async fn ask(tx: &DatabaseTransaction, new: &NewJob<'_>) -> Result<String, DbErr> {
    let export_no = format!("DC{:06}", number::allocate(tx, "export", 1).await?);
    let row = ActiveModel {
        export_no: Set(export_no.clone()),
        account_id: Set(new.account_id),
        list: Set(new.list.to_owned()),
        criteria: Set(new.criteria.to_owned()),
        conditions: Set(new.conditions.to_owned()),
        purpose: Set(new.purpose.to_owned()),
        seen_as: Set(new.seen_as.to_owned()),
        state: Set("queued".to_owned()),
        total: Set(new.total),
        done: Set(0),
        attempts: Set(0),
        message: Set(String::new()),
        asked_at: Set(new.asked_at),
        lease_until: Set(new.asked_at),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(export_no)
}

/// The exports of an account, the latest first, and how many there are.
///
/// # Errors
/// When the database fails.
pub async fn of_account(
    conn: &impl ConnectionTrait,
    account_id: i64,
    (offset, limit): (u64, u64),
) -> Result<(u64, Vec<Job>), DbErr> {
    let select = Entity::find().filter(Column::AccountId.eq(account_id));
    let total = select.clone().count(conn).await?;
    let rows = select.order_by_desc(Column::Id).offset(offset).limit(limit).all(conn).await?;
    Ok((total, rows))
}

/// How many exports of an account are not written yet.
///
/// # Errors
/// When the database fails.
pub async fn count_open(conn: &impl ConnectionTrait, account_id: i64) -> Result<u64, DbErr> {
    let open = Entity::find().filter(Column::AccountId.eq(account_id));
    open.filter(Column::State.is_in(["queued", "running"])).count(conn).await
}

/// The export of an account with this number.
///
/// # Errors
/// When the database fails.
pub async fn by_no(
    conn: &impl ConnectionTrait,
    account_id: i64,
    export_no: &str,
) -> Result<Option<Job>, DbErr> {
    let found = Entity::find().filter(Column::ExportNo.eq(export_no));
    found.filter(Column::AccountId.eq(account_id)).one(conn).await
}

/// The oldest export that nobody works on, locked.
///
/// # Errors
/// When the database fails.
pub async fn lock_due(tx: &DatabaseTransaction, now: DateTime<Utc>) -> Result<Option<Job>, DbErr> {
    Entity::find()
        .filter(Column::State.is_in(["queued", "running"]))
        .filter(lease::is_over(Column::LeaseUntil, now))
        .order_by_asc(Column::Id)
        .lock(LockType::Update)
        .one(tx)
        .await
}

/// Saves where an export stands. `held` is the lease under which the caller worked: one that
/// somebody else took over in between is not touched.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when the lease is no longer the caller's.
pub async fn save(tx: &DatabaseTransaction, job: &Job, held: DateTime<Utc>) -> Result<(), DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value(job.state.as_str()))
        .col_expr(Column::Done, Expr::value(job.done))
        .col_expr(Column::Attempts, Expr::value(job.attempts))
        .col_expr(Column::Message, Expr::value(job.message.as_str()))
        .col_expr(Column::FinishedAt, Expr::value(job.finished_at))
        .col_expr(Column::ExpiresAt, Expr::value(job.expires_at))
        .col_expr(Column::LeaseUntil, Expr::value(job.lease_until))
        .col_expr(Column::StoreName, Expr::value(job.store_name.clone()))
        .col_expr(Column::SizeBytes, Expr::value(job.size_bytes))
        .col_expr(Column::Sha256, Expr::value(job.sha256.clone()))
        .filter(Column::Id.eq(job.id))
        .filter(Column::LeaseUntil.eq(held))
        .filter(Column::State.is_in(["queued", "running"]))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// Exports whose files have been kept long enough.
///
/// # Errors
/// When the database fails.
pub async fn over(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<Job>, DbErr> {
    let kept = Entity::find().filter(Column::State.eq("ready"));
    kept.filter(Column::ExpiresAt.lte(now)).order_by_asc(Column::Id).limit(500).all(conn).await
}

/// Notes that the file of an export is gone.
///
/// # Errors
/// When the database fails.
pub async fn expire(tx: &DatabaseTransaction, id: i64) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value("expired"))
        .col_expr(Column::StoreName, Expr::value(None::<String>))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq("ready"))
        .exec(tx)
        .await?;
    Ok(())
}
