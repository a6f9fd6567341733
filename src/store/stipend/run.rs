//! Runs: one computation of a programme and year, with a lease and the place it has reached.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::store::db::expect_one_row;
use crate::store::lease;

pub use entity::compute_run::Model as Run;
use entity::compute_run::{ActiveModel, Column, Entity};

/// Waiting to be taken up.
pub const QUEUED: &str = "queued";
/// Under way: somebody holds its lease.
pub const RUNNING: &str = "running";
/// Done.
pub const COMPLETED: &str = "completed";
/// Given up; the message says why.
pub const FAILED: &str = "failed";

/// A run to start.
#[derive(Debug, Clone)]
pub struct NewRun<'a> {
    /// Official number.
    pub run_no: &'a str,
    /// Identifier of the policy.
    pub programme: &'a str,
    /// Award year.
    pub award_year: i32,
    /// The policy text it applies.
    pub policy_document_id: i64,
    /// It uses the facts as known then.
    pub facts_known_at: DateTime<Utc>,
    /// Persons it will look at.
    pub total: i64,
    /// Account that started it.
    pub started_by: i64,
    /// When.
    pub started_at: DateTime<Utc>,
}

/// Queues a run.
///
/// # Errors
/// A unique violation while another run of the programme and year is queued or under way.
pub async fn queue(tx: &DatabaseTransaction, new: &NewRun<'_>) -> Result<(), DbErr> {
    let row = ActiveModel {
        run_no: Set(new.run_no.to_owned()),
        programme: Set(new.programme.to_owned()),
        award_year: Set(new.award_year.into()),
        policy_document_id: Set(new.policy_document_id),
        facts_known_at: Set(new.facts_known_at),
        state: Set(QUEUED.to_owned()),
        total: Set(new.total),
        done: Set(0),
        last_person_id: Set(0),
        eligible: Set(0),
        ineligible: Set(0),
        changed: Set(0),
        adjusted: Set(0),
        failed_persons: Set(0),
        message: Set(String::new()),
        started_by: Set(new.started_by),
        started_at: Set(new.started_at),
        finished_at: Set(None),
        lease_until: Set(new.started_at),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The run with this number.
///
/// # Errors
/// When the database fails.
pub async fn by_no(conn: &impl ConnectionTrait, run_no: &str) -> Result<Option<Run>, DbErr> {
    Entity::find().filter(Column::RunNo.eq(run_no)).one(conn).await
}

/// The run with this identity.
///
/// # Errors
/// When the database fails.
pub async fn by_id(conn: &impl ConnectionTrait, id: i64) -> Result<Option<Run>, DbErr> {
    Entity::find_by_id(id).one(conn).await
}

/// The same by number, locked for the rest of the transaction.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &DatabaseTransaction, run_no: &str) -> Result<Option<Run>, DbErr> {
    Entity::find().filter(Column::RunNo.eq(run_no)).lock(LockType::Update).one(tx).await
}

/// The queued or running run of a programme and year.
///
/// # Errors
/// When the database fails.
pub async fn live(
    conn: &impl ConnectionTrait,
    programme: &str,
    award_year: i32,
) -> Result<Option<Run>, DbErr> {
    Entity::find()
        .filter(Column::Programme.eq(programme))
        .filter(Column::AwardYear.eq(i64::from(award_year)))
        .filter(Column::State.is_in([QUEUED, RUNNING]))
        .one(conn)
        .await
}

/// Numbers of the runs that nobody works on: queued or running with a lease that has ended.
///
/// # Errors
/// When the database fails.
pub async fn abandoned(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<String>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::RunNo)
        .filter(Column::State.is_in([QUEUED, RUNNING]))
        .filter(lease::is_over(Column::LeaseUntil, now))
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(conn)
        .await
}

/// Saves where a run stands. `held` is the lease under which the caller worked: a run that
/// somebody else took over in between is not touched.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when the lease is no longer the caller's.
pub async fn save(tx: &DatabaseTransaction, run: &Run, held: DateTime<Utc>) -> Result<(), DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value(run.state.as_str()))
        .col_expr(Column::Done, Expr::value(run.done))
        .col_expr(Column::LastPersonId, Expr::value(run.last_person_id))
        .col_expr(Column::Eligible, Expr::value(run.eligible))
        .col_expr(Column::Ineligible, Expr::value(run.ineligible))
        .col_expr(Column::Changed, Expr::value(run.changed))
        .col_expr(Column::Adjusted, Expr::value(run.adjusted))
        .col_expr(Column::FailedPersons, Expr::value(run.failed_persons))
        .col_expr(Column::Message, Expr::value(run.message.as_str()))
        .col_expr(Column::FinishedAt, Expr::value(run.finished_at))
        .col_expr(Column::LeaseUntil, Expr::value(run.lease_until))
        .filter(Column::Id.eq(run.id))
        .filter(Column::LeaseUntil.eq(held))
        .filter(Column::State.is_in([QUEUED, RUNNING]))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// Up to `limit` runs whose number begins so, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn numbered(
    conn: &impl ConnectionTrait,
    beginning: &str,
    limit: u64,
) -> Result<Vec<Run>, DbErr> {
    Entity::find()
        .filter(Column::RunNo.starts_with(beginning))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(conn)
        .await
}

/// The runs, the latest first: a page of them, with how many there are.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    offset: u64,
    limit: u64,
) -> Result<(Vec<Run>, u64), DbErr> {
    let total = Entity::find().count(conn).await?;
    let rows =
        Entity::find().order_by_desc(Column::Id).offset(offset).limit(limit).all(conn).await?;
    Ok((rows, total))
}
