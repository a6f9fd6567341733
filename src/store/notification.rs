//! What accounts are told.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

pub use entity::notification::Model as Notification;

/// Something to tell an account.
#[derive(Debug, Clone)]
pub struct NewNotification<'a> {
    /// Whom.
    pub account_id: i64,
    /// Kind.
    pub kind: &'a str,
    /// About which file.
    pub case_id: Option<i64>,
    /// Told once an account under this name.
    pub occasion: &'a str,
    /// In one sentence.
    pub title: &'a str,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether no digest has to hold it any more.
    pub digested: bool,
}

/// Whether an account was told of an occasion.
///
/// # Errors
/// When the database fails.
pub async fn is_told(
    conn: &impl ConnectionTrait,
    account_id: i64,
    occasion: &str,
) -> Result<bool, DbErr> {
    use entity::notification::{Column, Entity};
    let count = Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::Occasion.eq(occasion))
        .count(conn)
        .await?;
    Ok(count > 0)
}

/// Tells an account.
///
/// # Errors
/// A unique violation when it was told of the occasion before.
pub async fn tell(tx: &DatabaseTransaction, new: &NewNotification<'_>) -> Result<(), DbErr> {
    let row = entity::notification::ActiveModel {
        account_id: Set(new.account_id),
        kind: Set(new.kind.to_owned()),
        case_id: Set(new.case_id),
        occasion: Set(new.occasion.to_owned()),
        title: Set(new.title.to_owned()),
        at: Set(new.at),
        read_at: Set(None),
        digested: Set(new.digested),
        ..Default::default()
    };
    entity::notification::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// How many an account has not read.
///
/// # Errors
/// When the database fails.
pub async fn count_unread(conn: &impl ConnectionTrait, account_id: i64) -> Result<u64, DbErr> {
    use entity::notification::{Column, Entity};
    Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::ReadAt.is_null())
        .count(conn)
        .await
}

/// What an account was told, the latest first; only what is unread if wanted. Returns how many
/// there are and those of a page.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    account_id: i64,
    unread: bool,
    (offset, limit): (u64, u64),
) -> Result<(u64, Vec<Notification>), DbErr> {
    use entity::notification::{Column, Entity};
    let mut select = Entity::find().filter(Column::AccountId.eq(account_id));
    if unread {
        select = select.filter(Column::ReadAt.is_null());
    }
    let total = select.clone().count(conn).await?;
    let rows = select.order_by_desc(Column::Id).offset(offset).limit(limit).all(conn).await?;
    Ok((total, rows))
}

/// Notes that an account read one of its messages, or all of them.
///
/// # Errors
/// When the database fails.
pub async fn mark_read(
    tx: &DatabaseTransaction,
    account_id: i64,
    id: Option<i64>,
    at: DateTime<Utc>,
) -> Result<u64, DbErr> {
    use entity::notification::{Column, Entity};
    let mut update = Entity::update_many()
        .col_expr(Column::ReadAt, Expr::value(at))
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::ReadAt.is_null());
    if let Some(id) = id {
        update = update.filter(Column::Id.eq(id));
    }
    Ok(update.exec(tx).await?.rows_affected)
}

/// What a digest of an account has still to hold, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn undigested(
    conn: &impl ConnectionTrait,
    account_id: i64,
) -> Result<Vec<Notification>, DbErr> {
    use entity::notification::{Column, Entity};
    Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::Digested.eq(false))
        .order_by_asc(Column::Id)
        .all(conn)
        .await
}

/// Notes that a digest holds them.
///
/// # Errors
/// When the database fails.
pub async fn mark_digested(tx: &DatabaseTransaction, ids: &[i64]) -> Result<(), DbErr> {
    use entity::notification::{Column, Entity};
    for ids in ids.chunks(super::db::rows_per_statement(1)) {
        Entity::update_many()
            .col_expr(Column::Digested, Expr::value(true))
            .filter(Column::Id.is_in(ids.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}
