//! Results of nominations that wait for a second person, and what became of them.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::db::{Verdict, decide as decide_proposal};
use super::number;
use entity::nomination_ruling::{ActiveModel, Column, Entity};

pub use entity::nomination_ruling::Model as RulingRow;

/// Results to be put down.
#[derive(Debug, Clone, Copy)]
pub struct NewRuling<'a> {
    /// Programme.
    pub programme_id: i64,
    /// The results, JSON.
    pub content: &'a str,
    /// How many nominations they are about.
    pub nominations: i64,
    /// Natural person who puts them down.
    pub proposed_by: i64,
    /// When.
    pub proposed_at: DateTime<Utc>,
}

/// Puts results down; returns their official number.
///
/// # Errors
/// When the database refuses.
pub async fn propose(tx: &DatabaseTransaction, new: &NewRuling<'_>) -> Result<String, DbErr> {
    let ruling_no = format!("PX{:05}", number::allocate(tx, "nomination_ruling", 1).await?);
    let row = ActiveModel {
        ruling_no: Set(ruling_no.clone()),
        programme_id: Set(new.programme_id),
        content: Set(new.content.to_owned()),
        nominations: Set(new.nominations),
        proposed_by: Set(new.proposed_by),
        proposed_at: Set(new.proposed_at),
        note: Set(String::new()),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(ruling_no)
}

/// Results by their number, locked.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &DatabaseTransaction, no: &str) -> Result<Option<RulingRow>, DbErr> {
    Entity::find().filter(Column::RulingNo.eq(no)).lock(LockType::Update).one(tx).await
}

/// The results of a programme that were put down, the latest first; only those that wait when `open`.
///
/// # Errors
/// When the database fails.
pub async fn of_programme(
    conn: &impl ConnectionTrait,
    programme_id: i64,
    open: bool,
    limit: u64,
) -> Result<Vec<RulingRow>, DbErr> {
    let waiting = open.then(|| Column::DecidedAt.is_null());
    Entity::find()
        .filter(Column::ProgrammeId.eq(programme_id))
        .filter(Condition::all().add_option(waiting))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(conn)
        .await
}

/// How many wait for somebody else than this natural person.
///
/// # Errors
/// When the database fails.
pub async fn count_open(conn: &impl ConnectionTrait, holder: i64) -> Result<i64, DbErr> {
    let open = Entity::find().filter(Column::DecidedAt.is_null());
    let count = open.filter(Column::ProposedBy.ne(holder)).count(conn).await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Confirms results or sends them back.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when they were decided before.
pub async fn decide(
    tx: &DatabaseTransaction,
    id: i64,
    (accept, note): (bool, &str),
    (by, at): (i64, DateTime<Utc>),
) -> Result<(), DbErr> {
    let verdict = Verdict { accepted: accept, note, at };
    decide_proposal::<Entity>(tx, id, [(Column::DecidedBy, by.into())], verdict).await
}
