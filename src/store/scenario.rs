//! Scenarios: what was asked, how far they are, what came out, whose amount would be another one.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::db::{expect_one_row, insert_all};
use super::{lease, number};
use crate::domain::scenario::Which;
use entity::scenario::{ActiveModel, Column, Entity};
use entity::scenario_change;

pub use entity::scenario::Model as Scenario;
pub use entity::scenario_change::Model as Change;

/// States in which somebody has to go on.
const OPEN: [&str; 2] = ["queued", "running"];

/// What is asked.
#[derive(Debug, Clone)]
pub struct NewScenario<'a> {
    /// Identifier of the policy.
    pub programme: &'a str,
    /// Award year.
    pub award_year: i32,
    /// What it is called.
    pub name: &'a str,
    /// What differs, in words.
    pub conditions: &'a str,
    /// The proposed text that is tried, if it is one.
    pub draft_id: Option<i64>,
    /// The text in force that it is compared with.
    pub base_document_id: i64,
    /// The text that is tried.
    pub content: &'a str,
    /// Facts as known then.
    pub facts_known_at: DateTime<Utc>,
    /// Who asks.
    pub asked_by: i64,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// Nobody works on it before.
    pub lease_until: DateTime<Utc>,
    /// Persons to look at.
    pub total: i64,
}

/// Keeps what was asked; returns its official number.
///
/// # Errors
/// When the database refuses.
pub async fn ask(tx: &DatabaseTransaction, new: &NewScenario<'_>) -> Result<String, DbErr> {
    let scenario_no = format!("QS{:05}", number::allocate(tx, "scenario", 1).await?);
    let row = ActiveModel {
        scenario_no: Set(scenario_no.clone()),
        programme: Set(new.programme.to_owned()),
        award_year: Set(new.award_year.into()),
        name: Set(new.name.to_owned()),
        conditions: Set(new.conditions.to_owned()),
        draft_id: Set(new.draft_id),
        base_document_id: Set(new.base_document_id),
        content: Set(new.content.to_owned()),
        facts_known_at: Set(new.facts_known_at),
        asked_by: Set(new.asked_by),
        asked_at: Set(new.asked_at),
        total: Set(new.total),
        state: Set("queued".to_owned()),
        done: Set(0),
        last_person_id: Set(0),
        outcome: Set(String::new()),
        message: Set(String::new()),
        lease_until: Set(new.lease_until),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(scenario_no)
}

/// Up to `limit` scenarios of a policy from `offset` on, the latest first, and how many there are.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    programme: &str,
    (offset, limit): (u64, u64),
) -> Result<(u64, Vec<Scenario>), DbErr> {
    let all = Entity::find().filter(Column::Programme.eq(programme));
    let total = all.clone().count(conn).await?;
    let rows = all.order_by_desc(Column::Id).offset(offset).limit(limit).all(conn).await?;
    Ok((total, rows))
}

/// The scenario with this number.
///
/// # Errors
/// When the database fails.
pub async fn by_no(
    conn: &impl ConnectionTrait,
    scenario_no: &str,
) -> Result<Option<Scenario>, DbErr> {
    Entity::find().filter(Column::ScenarioNo.eq(scenario_no)).one(conn).await
}

/// How many scenarios of an account are not done yet.
///
/// # Errors
/// When the database fails.
pub async fn count_open(conn: &impl ConnectionTrait, account_id: i64) -> Result<u64, DbErr> {
    let open = Entity::find().filter(Column::AskedBy.eq(account_id));
    open.filter(Column::State.is_in(OPEN)).count(conn).await
}

/// The oldest scenario that nobody works on, locked.
///
/// # Errors
/// When the database fails.
pub async fn lock_due(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
) -> Result<Option<Scenario>, DbErr> {
    Entity::find()
        .filter(Column::State.is_in(OPEN))
        .filter(lease::is_over(Column::LeaseUntil, now))
        .order_by_asc(Column::Id)
        .lock(LockType::Update)
        .one(tx)
        .await
}

/// Saves where a scenario stands. `held` is the lease under which the caller worked: one that
/// somebody else took over in between is not touched.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when the lease is no longer the caller's.
pub async fn save(
    tx: &DatabaseTransaction,
    row: &Scenario,
    held: DateTime<Utc>,
) -> Result<(), DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value(row.state.as_str()))
        .col_expr(Column::Done, Expr::value(row.done))
        .col_expr(Column::LastPersonId, Expr::value(row.last_person_id))
        .col_expr(Column::Outcome, Expr::value(row.outcome.as_str()))
        .col_expr(Column::Message, Expr::value(row.message.as_str()))
        .col_expr(Column::FinishedAt, Expr::value(row.finished_at))
        .col_expr(Column::LeaseUntil, Expr::value(row.lease_until))
        .filter(Column::Id.eq(row.id))
        .filter(Column::LeaseUntil.eq(held))
        .filter(Column::State.is_in(OPEN))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// A person whose amount would be another one.
#[derive(Debug, Clone)]
pub struct NewChange {
    /// Person.
    pub person_id: i64,
    /// Net amount under the text in force, fen.
    pub before_fen: i64,
    /// Net amount under the text that is tried, fen.
    pub after_fen: i64,
    /// Why.
    pub reason: String,
}

/// Keeps persons whose amount would be another one.
///
/// # Errors
/// When the database refuses.
pub async fn add_changes(
    tx: &DatabaseTransaction,
    scenario_id: i64,
    changes: Vec<NewChange>,
) -> Result<(), DbErr> {
    let row = |change: NewChange| scenario_change::ActiveModel {
        scenario_id: Set(scenario_id),
        person_id: Set(change.person_id),
        before_fen: Set(change.before_fen),
        after_fen: Set(change.after_fen),
        reason: Set(change.reason),
        ..Default::default()
    };
    insert_all(tx, changes.into_iter().map(row)).await
}

fn of(scenario_id: i64, which: Which) -> sea_orm::Select<scenario_change::Entity> {
    use scenario_change::{Column as C, Entity as Changes};
    let all = Changes::find().filter(C::ScenarioId.eq(scenario_id));
    let (before, after) = (Expr::col(C::BeforeFen), Expr::col(C::AfterFen));
    use sea_orm::sea_query::ExprTrait;
    match which {
        Which::All => all,
        Which::Gain => all.filter(after.gt(before)),
        Which::Loss => all.filter(after.lt(before)),
    }
}

/// Up to `limit` persons whose amount would be another one, by identity, from `offset` on, and how
/// many there are.
///
/// # Errors
/// When the database fails.
pub async fn changes(
    conn: &impl ConnectionTrait,
    (scenario_id, side): (i64, Which),
    (offset, limit): (u64, u64),
) -> Result<(u64, Vec<Change>), DbErr> {
    let all = of(scenario_id, side);
    let total = all.clone().count(conn).await?;
    let by_person = all.order_by_asc(scenario_change::Column::PersonId);
    Ok((total, by_person.offset(offset).limit(limit).all(conn).await?))
}

/// The next persons after a row, by identity of the row.
///
/// # Errors
/// When the database fails.
pub async fn changes_after(
    conn: &impl ConnectionTrait,
    (scenario_id, side): (i64, Which),
    (after, limit): (i64, u64),
) -> Result<Vec<Change>, DbErr> {
    let id = scenario_change::Column::Id;
    of(scenario_id, side).filter(id.gt(after)).order_by_asc(id).limit(limit).all(conn).await
}
