//! Who looked at a person's record: once a day for each account and kind of look.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::db::rows_per_statement;

/// A look to be noted.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// Account that looks.
    pub account_id: i64,
    /// Kind.
    pub kind: &'a str,
    /// Day.
    pub day: NaiveDate,
    /// When.
    pub at: DateTime<Utc>,
}

/// Notes a look at these persons, by number; a second one on the same day changes nothing.
///
/// # Errors
/// When the database refuses.
pub async fn note(
    tx: &DatabaseTransaction,
    look: Look<'_>,
    person_nos: &[&str],
) -> Result<(), DbErr> {
    use entity::person::{Column, Entity};
    for numbers in person_nos.chunks(rows_per_statement(1)) {
        let named = Column::PersonNo.is_in(numbers.iter().copied());
        let found = Entity::find().select_only().column(Column::Id).filter(named);
        note_ids(tx, look, found.into_tuple().all(tx).await?).await?;
    }
    Ok(())
}

/// The same of the persons whom these files are about, by number of the file.
///
/// # Errors
/// When the database refuses.
pub async fn note_files(
    tx: &DatabaseTransaction,
    look: Look<'_>,
    case_nos: &[&str],
) -> Result<(), DbErr> {
    use entity::case_file::{Column, Entity};
    for numbers in case_nos.chunks(rows_per_statement(1)) {
        let named = Column::CaseNo.is_in(numbers.iter().copied());
        let found = Entity::find().select_only().column(Column::PersonId).filter(named);
        let found = found.filter(Column::PersonId.is_not_null());
        note_ids(tx, look, found.into_tuple().all(tx).await?).await?;
    }
    Ok(())
}

/// The same of these persons. They are written in one order everywhere, so that two tables that
/// leave at the same moment do not wait for each other.
///
/// # Errors
/// When the database refuses.
pub async fn note_ids(
    tx: &DatabaseTransaction,
    look: Look<'_>,
    mut persons: Vec<i64>,
) -> Result<(), DbErr> {
    use entity::record_view::{ActiveModel, Entity};
    persons.sort_unstable();
    persons.dedup();
    for ids in persons.chunks(rows_per_statement(6)) {
        let row = |person: &i64| ActiveModel {
            person_id: Set(*person),
            account_id: Set(look.account_id),
            kind: Set(look.kind.to_owned()),
            on_day: Set(look.day),
            first_at: Set(look.at),
            ..Default::default()
        };
        Entity::insert_many(ids.iter().map(row))
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Whether such a look was noted already.
///
/// # Errors
/// When the database fails.
pub async fn is_noted(
    conn: &impl ConnectionTrait,
    look: Look<'_>,
    person_no: &str,
) -> Result<bool, DbErr> {
    use entity::record_view::{Column, Entity};
    let person = sea_orm::QueryTrait::into_query(
        entity::person::Entity::find()
            .select_only()
            .column(entity::person::Column::Id)
            .filter(entity::person::Column::PersonNo.eq(person_no)),
    );
    let found = Entity::find()
        .filter(Column::PersonId.in_subquery(person))
        .filter(Column::AccountId.eq(look.account_id))
        .filter(Column::Kind.eq(look.kind))
        .filter(Column::OnDay.eq(look.day));
    Ok(found.one(conn).await?.is_some())
}

/// A look as the person reads it: day, kind, role and organisation of whoever looked.
pub type Seen = (NaiveDate, String, String, String);

/// The looks at a person, the last first, at most `limit`.
///
/// # Errors
/// When the database fails.
pub async fn of_person(
    conn: &impl ConnectionTrait,
    person_id: i64,
    limit: u64,
) -> Result<Vec<Seen>, DbErr> {
    use entity::record_view::{Column, Entity};
    let to_account: sea_orm::RelationDef = Entity::belongs_to(entity::account::Entity)
        .from(Column::AccountId)
        .to(entity::account::Column::Id)
        .into();
    let to_office: sea_orm::RelationDef =
        entity::account::Entity::belongs_to(entity::organisation::Entity)
            .from(entity::account::Column::OrganisationId)
            .to(entity::organisation::Column::Id)
            .into();
    Entity::find()
        .select_only()
        .columns([Column::OnDay, Column::Kind])
        .column(entity::account::Column::Role)
        .column(entity::organisation::Column::Name)
        .join(sea_orm::JoinType::InnerJoin, to_account)
        .join(sea_orm::JoinType::InnerJoin, to_office)
        .filter(Column::PersonId.eq(person_id))
        .order_by_desc(Column::OnDay)
        .order_by_desc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await
}
