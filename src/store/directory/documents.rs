//! Who holds an identity document, found by its keyed hash.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

use super::engineers::{Person, person};
use super::scope;
use crate::domain::authority::Scope;
use crate::store::db::rows_per_statement;

/// The person in scope who holds a live document with one of these keyed hashes.
///
/// # Errors
/// When the database fails.
pub async fn person_by_document(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    indexes: &[String],
) -> Result<Option<Person>, DbErr> {
    use entity::person_document::{Column, Entity};
    let holders = Entity::find()
        .select_only()
        .column(Column::PersonId)
        .filter(Column::SupersededAt.is_null())
        .filter(Column::NumberIndex.is_in(indexes.iter().map(String::as_str)));
    let found = entity::person::Entity::find()
        .filter(entity::person::Column::Id.in_subquery(holders.into_query()))
        .filter(scope::persons(scope, entity::person::Column::Id))
        .order_by_asc(entity::person::Column::Id)
        .one(conn)
        .await?;
    Ok(found.map(person))
}

/// Who holds a live document with one of these keyed hashes, by hash, whether in scope or not. The
/// hashes are asked for in pieces.
///
/// # Errors
/// When the database fails.
pub async fn document_holders(
    conn: &impl ConnectionTrait,
    indexes: &[String],
) -> Result<HashMap<String, i64>, DbErr> {
    use entity::person_document::{Column, Entity};
    let mut holders = HashMap::new();
    for indexes in indexes.chunks(rows_per_statement(1)) {
        let rows: Vec<(String, i64)> = Entity::find()
            .select_only()
            .columns([Column::NumberIndex, Column::PersonId])
            .filter(Column::SupersededAt.is_null())
            .filter(Column::NumberIndex.is_in(indexes.iter().map(String::as_str)))
            .into_tuple()
            .all(conn)
            .await?;
        holders.extend(rows);
    }
    Ok(holders)
}

/// Issuing countries of the passports on record: a number alone does not name its country.
///
/// # Errors
/// When the database fails.
pub async fn passport_countries(
    conn: &impl ConnectionTrait,
    document_type: &str,
) -> Result<Vec<String>, DbErr> {
    use entity::person_document::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::Country)
        .distinct()
        .filter(Column::DocumentType.eq(document_type))
        .into_tuple()
        .all(conn)
        .await
}
