//! Messages that stay with a file.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

pub use entity::case_message::Model as MessageRow;

/// A message to keep.
#[derive(Debug, Clone)]
pub struct NewMessage<'a> {
    /// On which file.
    pub case_id: i64,
    /// From which side: `office` or `enterprise`.
    pub side: &'a str,
    /// From which organisation.
    pub organisation_id: i64,
    /// By whom: account and natural person.
    pub by: (i64, i64),
    /// In whose name: account and natural person; `None` in one's own.
    pub behalf: Option<(i64, i64)>,
    /// In their words.
    pub text: &'a str,
    /// When.
    pub at: DateTime<Utc>,
}

/// Keeps a message; returns its identity.
///
/// # Errors
/// When the database refuses.
pub async fn write(tx: &DatabaseTransaction, new: &NewMessage<'_>) -> Result<i64, DbErr> {
    let row = entity::case_message::ActiveModel {
        case_id: Set(new.case_id),
        side: Set(new.side.to_owned()),
        organisation_id: Set(new.organisation_id),
        account_id: Set(new.by.0),
        holder_id: Set(new.by.1),
        for_account_id: Set(new.behalf.map(|(account, _)| account)),
        for_holder_id: Set(new.behalf.map(|(_, holder)| holder)),
        text: Set(new.text.to_owned()),
        at: Set(new.at),
        ..Default::default()
    };
    Ok(entity::case_message::Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// The messages on a file, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn of_case(conn: &impl ConnectionTrait, case_id: i64) -> Result<Vec<MessageRow>, DbErr> {
    use entity::case_message::{Column, Entity};
    Entity::find().filter(Column::CaseId.eq(case_id)).order_by_asc(Column::Id).all(conn).await
}

/// How many messages an account wrote on a file since an instant.
///
/// # Errors
/// When the database fails.
pub async fn count_since(
    conn: &impl ConnectionTrait,
    (case_id, account_id): (i64, i64),
    since: DateTime<Utc>,
) -> Result<u64, DbErr> {
    use entity::case_message::{Column, Entity};
    Entity::find()
        .filter(Column::CaseId.eq(case_id))
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::At.gte(since))
        .count(conn)
        .await
}

/// Names of organisations, by identity.
///
/// # Errors
/// When the database fails.
pub async fn organisation_names(
    conn: &impl ConnectionTrait,
    ids: Vec<i64>,
) -> Result<std::collections::HashMap<i64, String>, DbErr> {
    use entity::organisation::{Column, Entity};
    let rows: Vec<(i64, String)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name])
        .filter(Column::Id.is_in(ids))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Accounts that belong to an organisation, among these.
///
/// # Errors
/// When the database fails.
pub async fn of_organisation(
    conn: &impl ConnectionTrait,
    organisation_id: i64,
    accounts: &[i64],
) -> Result<u64, DbErr> {
    use entity::account::{Column, Entity};
    Entity::find()
        .filter(Column::OrganisationId.eq(organisation_id))
        .filter(Column::Id.is_in(accounts.iter().copied()))
        .count(conn)
        .await
}
