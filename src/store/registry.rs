//! Persons and enterprises in bulk: who is known by which document or code, what is stated about
//! them, and how new ones get their numbers.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Condition, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QuerySelect,
};

use super::db::rows_per_statement;
use super::fact::{self, CommonColumn, FactTable, Versions};
use super::number;
use crate::domain::registry::{RosterEntry, Stated};

/// Anything that can be read from: the database, or an open transaction.
pub use sea_orm::ConnectionTrait as Readable;

/// Ids in one `IN (…)`: few statements, none near the limit of bound values.
const IDS: usize = 2_000;

/// The persons whose live documents have these keyed hashes, by hash.
///
/// # Errors
/// When the database fails.
pub async fn persons_by_document(
    conn: &impl ConnectionTrait,
    indexes: &[&str],
) -> Result<HashMap<String, i64>, DbErr> {
    use entity::person_document::{Column, Entity};
    let mut found = HashMap::with_capacity(indexes.len());
    for chunk in indexes.chunks(IDS) {
        let rows: Vec<(String, i64)> = Entity::find()
            .select_only()
            .columns([Column::NumberIndex, Column::PersonId])
            .filter(Column::SupersededAt.is_null())
            .filter(Column::NumberIndex.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(conn)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

/// The persons who have no live document because what registered them was withdrawn, by the keyed
/// hash of each document they had. Registered again, they are the same persons.
///
/// # Errors
/// When the database fails.
pub async fn persons_without_document(
    conn: &impl ConnectionTrait,
) -> Result<HashMap<String, i64>, DbErr> {
    use entity::person_document::{Column, Entity};
    let documented = Query::select()
        .column(Column::PersonId)
        .from(Entity)
        .and_where(Column::SupersededAt.is_null())
        .to_owned();
    let rows: Vec<(String, i64)> = Entity::find()
        .select_only()
        .columns([Column::NumberIndex, Column::PersonId])
        .filter(Column::SupersededAt.is_not_null())
        .filter(Column::PersonId.not_in_subquery(documented))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// The persons to whom bank accounts with these keyed hashes belong on `day` or later, by hash.
/// More than one person may have the same account.
///
/// # Errors
/// When the database fails.
pub async fn account_holders(
    conn: &impl ConnectionTrait,
    indexes: &[&str],
    day: NaiveDate,
) -> Result<HashMap<String, Vec<i64>>, DbErr> {
    use entity::bank_account::{Column, Entity};
    let mut found: HashMap<String, Vec<i64>> = HashMap::new();
    for chunk in indexes.chunks(IDS) {
        let rows: Vec<(String, i64)> = Entity::find()
            .select_only()
            .columns([Column::AccountIndex, Column::PersonId])
            .filter(Column::PersonId.is_not_null())
            .filter(Column::SupersededAt.is_null())
            .filter(Condition::any().add(Column::ValidTo.is_null()).add(Column::ValidTo.gt(day)))
            .filter(Column::AccountIndex.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(conn)
            .await?;
        for (index, person) in rows {
            found.entry(index).or_default().push(person);
        }
    }
    Ok(found)
}

/// The enterprises with these unified social credit codes, by code.
///
/// # Errors
/// When the database fails.
pub async fn enterprises_by_uscc(
    conn: &impl ConnectionTrait,
    codes: &[&str],
) -> Result<HashMap<String, i64>, DbErr> {
    use entity::enterprise::{Column, Entity};
    let mut found = HashMap::with_capacity(codes.len());
    for chunk in codes.chunks(IDS) {
        let rows: Vec<(String, i64)> = Entity::find()
            .select_only()
            .columns([Column::Uscc, Column::Id])
            .filter(Column::Uscc.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(conn)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

/// The code of an enterprise.
///
/// # Errors
/// When the database fails.
pub async fn uscc_of(conn: &impl ConnectionTrait, id: i64) -> Result<Option<String>, DbErr> {
    let found = entity::enterprise::Entity::find_by_id(id).one(conn).await?;
    Ok(found.map(|enterprise| enterprise.uscc))
}

/// Every version of the facts about these persons or enterprises, grouped by whom they are about.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn histories<T: FactTable>(
    conn: &impl ConnectionTrait,
    about: &[i64],
) -> Result<HashMap<i64, Vec<Stated<T>>>, DbErr> {
    let mut found: HashMap<i64, Vec<Stated<T>>> = HashMap::with_capacity(about.len());
    for chunk in about.chunks(IDS) {
        let filter = T::column(CommonColumn::About).is_in(chunk.iter().copied());
        for stated in fact::facts_where::<T>(conn, filter, Versions::All).await? {
            found.entry(stated.about).or_default().push(stated);
        }
    }
    Ok(found)
}

/// How many live roster entries of an enterprise hold on `day` or later.
///
/// # Errors
/// When the database fails.
pub async fn roster_size(
    conn: &impl ConnectionTrait,
    enterprise_id: i64,
    day: NaiveDate,
) -> Result<u64, DbErr> {
    use entity::roster_entry::Column;
    <RosterEntry as FactTable>::Entity::find()
        .filter(Column::EnterpriseId.eq(enterprise_id))
        .filter(Column::SupersededAt.is_null())
        .filter(Condition::any().add(Column::ValidTo.is_null()).add(Column::ValidTo.gt(day)))
        .count(conn)
        .await
}

/// Registers `count` new persons; returns their identities in order of their numbers.
///
/// # Errors
/// When the database refuses.
pub async fn create_persons(
    tx: &DatabaseTransaction,
    count: usize,
    at: DateTime<Utc>,
) -> Result<Vec<i64>, DbErr> {
    use entity::person::{ActiveModel, Entity};
    let Ok(wanted @ 1..) = i64::try_from(count) else { return Ok(Vec::new()) };
    let first = number::allocate(tx, "person", wanted).await?;
    let numbers: Vec<i64> = (first..first + wanted).collect();
    let mut ids = Vec::with_capacity(count);
    for chunk in numbers.chunks(rows_per_statement(3)) {
        let rows = chunk.iter().map(|number| ActiveModel {
            id: NotSet,
            person_no: Set(format!("E{number:06}")),
            created_at: Set(at),
        });
        let mut made = Entity::insert_many(rows).exec_with_returning(tx).await?;
        // RETURNING promises no order; numbers of equal length order as texts, longer ones follow.
        made.sort_by(|a, b| {
            (a.person_no.len(), &a.person_no).cmp(&(b.person_no.len(), &b.person_no))
        });
        ids.extend(made.into_iter().map(|person| person.id));
    }
    Ok(ids)
}

/// Registers enterprises under new codes; returns their identities by code.
///
/// # Errors
/// When a code is taken.
pub async fn create_enterprises(
    tx: &DatabaseTransaction,
    codes: &[&str],
    at: DateTime<Utc>,
) -> Result<HashMap<String, i64>, DbErr> {
    use entity::enterprise::{ActiveModel, Entity};
    let mut made = HashMap::with_capacity(codes.len());
    for chunk in codes.chunks(rows_per_statement(3)) {
        let rows = chunk.iter().map(|code| ActiveModel {
            id: NotSet,
            uscc: Set((*code).to_owned()),
            created_at: Set(at),
        });
        let rows = Entity::insert_many(rows).exec_with_returning(tx).await?;
        made.extend(rows.into_iter().map(|enterprise| (enterprise.uscc, enterprise.id)));
    }
    Ok(made)
}

/// How many facts that one document stated have been ended by another document since.
///
/// # Errors
/// When the database fails.
pub async fn ended_by_others<T: FactTable>(
    conn: &impl ConnectionTrait,
    source_id: i64,
) -> Result<u64, DbErr> {
    T::Entity::find()
        .filter(T::column(CommonColumn::SourceId).eq(source_id))
        .filter(T::column(CommonColumn::SupersededSourceId).ne(source_id))
        .count(conn)
        .await
}

/// States anew, under `source_id`, what the document `withdrawn` had ended. Returns how many facts.
///
/// # Errors
/// When something stated since stands in the way.
pub async fn restore<T: FactTable>(
    tx: &DatabaseTransaction,
    withdrawn: i64,
    restored: &Restored<'_>,
) -> Result<u64, DbErr> {
    let filter = T::column(CommonColumn::SupersededSourceId).eq(withdrawn);
    let ended = fact::facts_where::<T>(tx, filter, Versions::All).await?;
    let count = ended.len() as u64;
    let again = ended.into_iter().map(|old| Stated {
        id: 0,
        supersedes: Some(old.id),
        recorded_at: restored.at,
        recorded_by: restored.by,
        source_id: restored.source_id,
        reason: restored.reason.to_owned(),
        superseded_at: None,
        ..old
    });
    fact::state(tx, again.collect()).await?;
    Ok(count)
}

/// Under which document facts are restored.
#[derive(Debug, Clone, Copy)]
pub struct Restored<'a> {
    /// The document.
    pub source_id: i64,
    /// Account that decided.
    pub by: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: &'a str,
}
