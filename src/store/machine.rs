//! Tokens of system accounts.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
};

use super::account::{self, AccountInFull};
use super::db::expect_one_row;
use super::number;

pub use entity::api_token::Model as Token;

/// All accounts with one of these roles, by sign-in name.
///
/// # Errors
/// When the database fails.
pub async fn accounts(
    conn: &impl ConnectionTrait,
    roles: &[&str],
) -> Result<Vec<AccountInFull>, DbErr> {
    use entity::account::{Column, Entity};
    let found = Entity::find()
        .filter(Column::Role.is_in(roles.iter().copied()))
        .order_by_asc(Column::Login)
        .all(conn)
        .await?;
    let mut out = Vec::with_capacity(found.len());
    for row in found {
        out.extend(account::by_id(conn, row.id).await?);
    }
    Ok(out)
}

/// A token to keep.
#[derive(Debug, Clone)]
pub struct NewToken<'a> {
    /// Whose.
    pub account_id: i64,
    /// SHA-256 of the secret in hexadecimal.
    pub token_hash: &'a str,
    /// What it may do, parted by spaces.
    pub scopes: &'a str,
    /// Last day.
    pub valid_through: NaiveDate,
    /// Requests a minute.
    pub per_minute: i64,
    /// Account that makes it.
    pub made_by: i64,
    /// When.
    pub made_at: DateTime<Utc>,
}

/// Keeps a token, which opens nothing before it is authorised; returns its identity and its official
/// number.
///
/// # Errors
/// When the database refuses.
pub async fn make(tx: &DatabaseTransaction, new: &NewToken<'_>) -> Result<(i64, String), DbErr> {
    let token_no = format!("AT{:06}", number::allocate(tx, "api_token", 1).await?);
    let row = entity::api_token::ActiveModel {
        token_no: Set(token_no.clone()),
        account_id: Set(new.account_id),
        token_hash: Set(new.token_hash.to_owned()),
        scopes: Set(new.scopes.to_owned()),
        valid_through: Set(new.valid_through),
        per_minute: Set(new.per_minute),
        made_by: Set(new.made_by),
        made_at: Set(new.made_at),
        revoked_by: Set(None),
        revoked_at: Set(None),
        last_used_at: Set(None),
        authorised_at: Set(None),
        ..Default::default()
    };
    let id = entity::api_token::Entity::insert(row).exec(tx).await?.last_insert_id;
    Ok((id, token_no))
}

/// Lets a token open what it is for.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was authorised or revoked before.
pub async fn authorise(tx: &DatabaseTransaction, id: i64, at: DateTime<Utc>) -> Result<(), DbErr> {
    use entity::api_token::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::AuthorisedAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .filter(Column::AuthorisedAt.is_null())
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// The tokens with these identities.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<Token>, DbErr> {
    use entity::api_token::{Column, Entity};
    Entity::find().filter(Column::Id.is_in(ids.iter().copied())).all(conn).await
}

/// The token with this hash.
///
/// # Errors
/// When the database fails.
pub async fn by_hash(conn: &impl ConnectionTrait, hash: &str) -> Result<Option<Token>, DbErr> {
    use entity::api_token::{Column, Entity};
    Entity::find().filter(Column::TokenHash.eq(hash)).one(conn).await
}

/// The token with this number.
///
/// # Errors
/// When the database fails.
pub async fn by_no(conn: &impl ConnectionTrait, no: &str) -> Result<Option<Token>, DbErr> {
    use entity::api_token::{Column, Entity};
    Entity::find().filter(Column::TokenNo.eq(no)).one(conn).await
}

/// The tokens of these accounts, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_accounts(
    conn: &impl ConnectionTrait,
    accounts: &[i64],
) -> Result<Vec<Token>, DbErr> {
    use entity::api_token::{Column, Entity};
    Entity::find()
        .filter(Column::AccountId.is_in(accounts.iter().copied()))
        .order_by_desc(Column::Id)
        .all(conn)
        .await
}

/// Ends a token.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was revoked before.
pub async fn revoke(
    tx: &DatabaseTransaction,
    id: i64,
    by: i64,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::api_token::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::RevokedBy, Expr::value(by))
        .col_expr(Column::RevokedAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// Notes that a token is in use; one that was revoked meanwhile is left alone.
///
/// # Errors
/// When the database fails.
pub async fn touch(tx: &DatabaseTransaction, id: i64, at: DateTime<Utc>) -> Result<(), DbErr> {
    use entity::api_token::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}
