//! Full numbers that somebody was shown.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, RelationDef,
};

/// A look at a full number.
#[derive(Debug, Clone, Copy)]
pub struct NewReveal<'a> {
    /// Account that is shown it.
    pub account_id: i64,
    /// The person whose it is.
    pub person_id: Option<i64>,
    /// The enterprise whose it is, if it is none of a person.
    pub enterprise_id: Option<i64>,
    /// Which number.
    pub number: &'a str,
    /// What for.
    pub purpose: &'a str,
    /// In the reader's words; may be empty.
    pub note: &'a str,
    /// Day in China.
    pub day: NaiveDate,
    /// When.
    pub at: DateTime<Utc>,
}

/// Writes a look down.
///
/// # Errors
/// When the database refuses.
pub async fn note(tx: &DatabaseTransaction, new: &NewReveal<'_>) -> Result<(), DbErr> {
    let row = entity::reveal::ActiveModel {
        account_id: Set(new.account_id),
        person_id: Set(new.person_id),
        enterprise_id: Set(new.enterprise_id),
        number: Set(new.number.to_owned()),
        purpose: Set(new.purpose.to_owned()),
        note: Set(new.note.to_owned()),
        day: Set(new.day),
        at: Set(new.at),
        ..Default::default()
    };
    entity::reveal::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// How many an account was shown on a day.
///
/// # Errors
/// When the database fails.
pub async fn of_day(
    conn: &impl ConnectionTrait,
    account_id: i64,
    day: NaiveDate,
) -> Result<u64, DbErr> {
    use entity::reveal::{Column, Entity};
    let by = Entity::find().filter(Column::AccountId.eq(account_id));
    by.filter(Column::Day.eq(day)).count(conn).await
}

/// How many an account was shown after an instant.
///
/// # Errors
/// When the database fails.
pub async fn since(
    conn: &impl ConnectionTrait,
    account_id: i64,
    after: DateTime<Utc>,
) -> Result<u64, DbErr> {
    use entity::reveal::{Column, Entity};
    let by = Entity::find().filter(Column::AccountId.eq(account_id));
    by.filter(Column::At.gt(after)).count(conn).await
}

/// A look at a person's number: day, number, purpose, note, role and organisation of whoever looked.
pub type Shown = (NaiveDate, String, String, String, String, String);

/// The looks at the numbers of a person, the last first, at most `limit`.
///
/// # Errors
/// When the database fails.
pub async fn of_person(
    conn: &impl ConnectionTrait,
    person_id: i64,
    limit: u64,
) -> Result<Vec<Shown>, DbErr> {
    use entity::{account, organisation, reveal};
    let by: RelationDef = reveal::Entity::belongs_to(account::Entity)
        .from(reveal::Column::AccountId)
        .to(account::Column::Id)
        .into();
    let office: RelationDef = account::Entity::belongs_to(organisation::Entity)
        .from(account::Column::OrganisationId)
        .to(organisation::Column::Id)
        .into();
    reveal::Entity::find()
        .select_only()
        .column(reveal::Column::Day)
        .column(reveal::Column::Number)
        .column(reveal::Column::Purpose)
        .column(reveal::Column::Note)
        .column(account::Column::Role)
        .column(organisation::Column::Name)
        .join(JoinType::InnerJoin, by)
        .join(JoinType::InnerJoin, office)
        .filter(reveal::Column::PersonId.eq(person_id))
        .order_by_desc(reveal::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await
}
