//! The conflict catalogue: what was proposed and decided of award groups, and what was known of it
//! at an instant.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{ExprTrait, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::db::{Verdict, decide as decide_proposal};
use super::number;
use crate::domain::catalogue::CatalogueWord;
use crate::domain::registry::Code;
use entity::catalogue_entry::{ActiveModel, Column, Entity};

pub use entity::catalogue_entry::Model as Entry;

/// What somebody proposes.
#[derive(Debug, Clone, Copy)]
pub struct NewEntry<'a> {
    /// Award year.
    pub award_year: i64,
    /// The stipend or another group, and the group, in the order of their pair.
    pub pair: (&'a str, &'a str),
    /// What the group is called.
    pub group_name: &'a str,
    /// How they stand to each other.
    pub relation: CatalogueWord,
    /// Why.
    pub basis: &'a str,
    /// Number of the document that says so.
    pub document_no: &'a str,
    /// Natural person who proposes it.
    pub proposed_by: i64,
    /// When.
    pub proposed_at: DateTime<Utc>,
}

/// Proposes an entry; returns its official number.
///
/// # Errors
/// When another one about the same waits, or the database refuses.
pub async fn propose(tx: &DatabaseTransaction, new: &NewEntry<'_>) -> Result<String, DbErr> {
    let entry_no = format!("CT{:05}", number::allocate(tx, "catalogue_entry", 1).await?);
    let row = ActiveModel {
        entry_no: Set(entry_no.clone()),
        award_year: Set(new.award_year),
        counterpart: Set(new.pair.0.to_owned()),
        group_code: Set(new.pair.1.to_owned()),
        group_name: Set(new.group_name.to_owned()),
        relation: Set(new.relation.code().to_owned()),
        basis: Set(new.basis.to_owned()),
        document_no: Set(new.document_no.to_owned()),
        proposed_by: Set(new.proposed_by),
        proposed_at: Set(new.proposed_at),
        note: Set(String::new()),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(entry_no)
}

/// Whether an entry about the same waits to be decided.
///
/// # Errors
/// When the database fails.
pub async fn is_waiting(
    conn: &impl ConnectionTrait,
    award_year: i64,
    (counterpart, group): (&str, &str),
) -> Result<bool, DbErr> {
    let found = Entity::find()
        .filter(Column::AwardYear.eq(award_year))
        .filter(Column::Counterpart.eq(counterpart))
        .filter(Column::GroupCode.eq(group))
        .filter(Column::DecidedAt.is_null())
        .one(conn)
        .await?;
    Ok(found.is_some())
}

/// All entries of a year, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn of_year(conn: &impl ConnectionTrait, award_year: i64) -> Result<Vec<Entry>, DbErr> {
    let rows = Entity::find().filter(Column::AwardYear.eq(award_year));
    rows.order_by_desc(Column::Id).all(conn).await
}

/// The entries of a year that were in force at an instant, in the order of their pairs: of each
/// pair the one accepted last by then.
///
/// # Errors
/// When the database fails.
pub async fn known(
    conn: &impl ConnectionTrait,
    award_year: i64,
    known_at: DateTime<Utc>,
) -> Result<Vec<Entry>, DbErr> {
    let mut rows = Entity::find()
        .filter(Column::AwardYear.eq(award_year))
        .filter(Column::Accepted.eq(true))
        .filter(Column::DecidedAt.lte(known_at))
        .all(conn)
        .await?;
    let key = |row: &Entry| (row.counterpart.clone(), row.group_code.clone());
    rows.sort_by_key(|row| (key(row), std::cmp::Reverse((row.decided_at, row.id))));
    rows.dedup_by_key(|row| key(row));
    Ok(rows)
}

/// Code and name of every group that an entry names, the first entry first; with those that wait
/// to be decided when `waiting`.
///
/// # Errors
/// When the database fails.
pub async fn named(
    conn: &impl ConnectionTrait,
    waiting: bool,
) -> Result<Vec<(String, String)>, DbErr> {
    let accepted = Column::Accepted.eq(true);
    let wanted = if waiting { accepted.or(Column::DecidedAt.is_null()) } else { accepted };
    Entity::find()
        .select_only()
        .columns([Column::GroupCode, Column::GroupName])
        .filter(wanted)
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(conn)
        .await
}

/// An entry by its number, locked.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &DatabaseTransaction, no: &str) -> Result<Option<Entry>, DbErr> {
    Entity::find().filter(Column::EntryNo.eq(no)).lock(LockType::Update).one(tx).await
}

/// Accepts an entry or sends it back.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was decided before.
pub async fn decide(
    tx: &DatabaseTransaction,
    id: i64,
    (accept, note): (bool, &str),
    (by, at): (i64, DateTime<Utc>),
) -> Result<(), DbErr> {
    let verdict = Verdict { accepted: accept, note, at };
    decide_proposal::<Entity>(tx, id, [(Column::DecidedBy, by.into())], verdict).await
}

/// What an entry says.
///
/// # Errors
/// When the stored code is unknown.
pub fn word(row: &Entry) -> Result<CatalogueWord, DbErr> {
    CatalogueWord::from_code(&row.relation)
        .ok_or_else(|| DbErr::Custom(format!("relation of entry {}", row.entry_no)))
}
