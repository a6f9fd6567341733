//! Sessions, sign-in attempts and the one-time link of a new installation. Tokens are stored as
//! hashes only: whoever reads the tables cannot sign in with what they hold.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::db::expect_one_row;

pub use entity::session::Model as Session;

/// A session to open.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    /// SHA-256 of the token in the cookie.
    pub token_hash: &'a str,
    /// Account signed in.
    pub account_id: i64,
    /// Secret from which form tokens are made.
    pub csrf_token: &'a str,
    /// Network address.
    pub address: &'a str,
    /// What the browser calls itself, cut short.
    pub user_agent: &'a str,
    /// Now.
    pub at: DateTime<Utc>,
    /// First instant at which it is over in any case.
    pub expires_at: DateTime<Utc>,
    /// Until when it is certain who sits there.
    pub stepped_up_until: Option<DateTime<Utc>>,
}

/// Opens a session; returns its identity.
///
/// # Errors
/// When the database refuses.
pub async fn open(tx: &DatabaseTransaction, new: &NewSession<'_>) -> Result<i64, DbErr> {
    let row = entity::session::ActiveModel {
        token_hash: Set(new.token_hash.to_owned()),
        account_id: Set(new.account_id),
        csrf_token: Set(new.csrf_token.to_owned()),
        address: Set(new.address.to_owned()),
        user_agent: Set(new.user_agent.to_owned()),
        created_at: Set(new.at),
        last_seen_at: Set(new.at),
        expires_at: Set(new.expires_at),
        revoked_at: Set(None),
        stepped_up_until: Set(new.stepped_up_until),
        ..Default::default()
    };
    Ok(entity::session::Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// The session with this token hash, over or not.
///
/// # Errors
/// When the database fails.
pub async fn by_token_hash(
    conn: &impl ConnectionTrait,
    token_hash: &str,
) -> Result<Option<Session>, DbErr> {
    entity::session::Entity::find()
        .filter(entity::session::Column::TokenHash.eq(token_hash))
        .one(conn)
        .await
}

/// Notes that the session was used. The latest use never lies earlier than before, whatever the
/// clock says.
///
/// # Errors
/// When the database refuses.
pub async fn touch(tx: &DatabaseTransaction, id: i64, at: DateTime<Utc>) -> Result<(), DbErr> {
    entity::session::Entity::update_many()
        .col_expr(entity::session::Column::LastSeenAt, Expr::value(at))
        .filter(entity::session::Column::Id.eq(id))
        .filter(entity::session::Column::LastSeenAt.lt(at))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives a session another token, now that it is certain until an instant who sits there.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it has ended.
pub async fn step_up(
    tx: &DatabaseTransaction,
    id: i64,
    token_hash: &str,
    until: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::session::Column;
    let done = entity::session::Entity::update_many()
        .col_expr(Column::TokenHash, Expr::value(token_hash))
        .col_expr(Column::SteppedUpUntil, Expr::value(until))
        .filter(Column::Id.eq(id))
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// Ends the account's sessions, but for `except`. Returns how many ended.
///
/// # Errors
/// When the database refuses.
pub async fn revoke_of_account(
    tx: &DatabaseTransaction,
    account_id: i64,
    except: Option<i64>,
    at: DateTime<Utc>,
) -> Result<u64, DbErr> {
    use entity::session::Column;
    let mut update = entity::session::Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(at))
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::RevokedAt.is_null());
    if let Some(id) = except {
        update = update.filter(Column::Id.ne(id));
    }
    Ok(update.exec(tx).await?.rows_affected)
}

/// Ends one session.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it has ended already.
pub async fn revoke(tx: &DatabaseTransaction, id: i64, at: DateTime<Utc>) -> Result<(), DbErr> {
    use entity::session::Column;
    let done = entity::session::Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// The sessions of an account that were used since `seen_since` and last beyond `at`, the latest
/// first.
///
/// # Errors
/// When the database fails.
pub async fn live_of_account(
    conn: &impl ConnectionTrait,
    account_id: i64,
    seen_since: DateTime<Utc>,
    at: DateTime<Utc>,
) -> Result<Vec<Session>, DbErr> {
    use entity::session::Column;
    entity::session::Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::LastSeenAt.gt(seen_since))
        .filter(Column::ExpiresAt.gt(at))
        .order_by_desc(Column::LastSeenAt)
        .order_by_desc(Column::Id)
        .all(conn)
        .await
}

/// The sessions of all accounts that were used since `seen_since` and last beyond `at`, the latest
/// first, at most `limit`.
///
/// # Errors
/// When the database fails.
pub async fn live(
    conn: &impl ConnectionTrait,
    seen_since: DateTime<Utc>,
    at: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<Session>, DbErr> {
    use entity::session::Column;
    entity::session::Entity::find()
        .filter(Column::RevokedAt.is_null())
        .filter(Column::LastSeenAt.gt(seen_since))
        .filter(Column::ExpiresAt.gt(at))
        .order_by_desc(Column::LastSeenAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(conn)
        .await
}

/// The session with this identity, over or not.
///
/// # Errors
/// When the database fails.
pub async fn by_id(conn: &impl ConnectionTrait, id: i64) -> Result<Option<Session>, DbErr> {
    entity::session::Entity::find_by_id(id).one(conn).await
}

/// Writes an attempt to sign in down as failed, before the password is looked at: many at once
/// cannot slip through. Returns its identity. `login_key` is a keyed hash: a password typed into
/// the wrong field must not stand in the table.
///
/// # Errors
/// When the database refuses.
pub async fn record_attempt(
    tx: &DatabaseTransaction,
    login_key: &str,
    address: &str,
    at: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let row = entity::sign_in_attempt::ActiveModel {
        login_key: Set(login_key.to_owned()),
        address: Set(address.to_owned()),
        succeeded: Set(false),
        at: Set(at),
        ..Default::default()
    };
    Ok(entity::sign_in_attempt::Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// Takes an attempt back that was neither wrong nor the whole: earlier failures still count.
///
/// # Errors
/// When the database refuses.
pub async fn forget_attempt(tx: &DatabaseTransaction, id: i64) -> Result<(), DbErr> {
    entity::sign_in_attempt::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Notes that an attempt succeeded; earlier failures of its sign-in name count no more.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when there is no such attempt.
pub async fn attempt_succeeded(tx: &DatabaseTransaction, id: i64) -> Result<(), DbErr> {
    use entity::sign_in_attempt::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::Succeeded, Expr::value(true))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// The latest failures for one sign-in name after its last success, the last one first.
///
/// # Errors
/// When the database fails.
pub async fn failures_of_login(
    conn: &impl ConnectionTrait,
    login_key: &str,
    limit: usize,
) -> Result<Vec<DateTime<Utc>>, DbErr> {
    use entity::sign_in_attempt::{Column, Entity};
    let last_success = Entity::find()
        .filter(Column::LoginKey.eq(login_key))
        .filter(Column::Succeeded.eq(true))
        .order_by_desc(Column::Id)
        .one(conn)
        .await?
        .map_or(0, |row| row.id);
    let rows = Entity::find()
        .filter(Column::LoginKey.eq(login_key))
        .filter(Column::Succeeded.eq(false))
        .filter(Column::Id.gt(last_success))
        .order_by_desc(Column::Id)
        .limit(u64::try_from(limit).unwrap_or(u64::MAX))
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.at).collect())
}

/// The latest failures from one address, whatever names were tried, the last one first.
///
/// # Errors
/// When the database fails.
pub async fn failures_of_address(
    conn: &impl ConnectionTrait,
    address: &str,
    limit: usize,
) -> Result<Vec<DateTime<Utc>>, DbErr> {
    use entity::sign_in_attempt::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::Address.eq(address))
        .filter(Column::Succeeded.eq(false))
        .order_by_desc(Column::Id)
        .limit(u64::try_from(limit).unwrap_or(u64::MAX))
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.at).collect())
}

/// An attempt to sign in.
pub use entity::sign_in_attempt::Model as Attempt;

/// All attempts after `since`, the last one first.
///
/// # Errors
/// When the database fails.
pub async fn attempts_since(
    conn: &impl ConnectionTrait,
    since: DateTime<Utc>,
) -> Result<Vec<Attempt>, DbErr> {
    use entity::sign_in_attempt::{Column, Entity};
    Entity::find().filter(Column::At.gt(since)).order_by_desc(Column::Id).all(conn).await
}

/// Replaces every unused setup link for a role by one with this token hash.
///
/// # Errors
/// When the database refuses.
pub async fn replace_setup_link(
    tx: &DatabaseTransaction,
    role: &str,
    token_hash: &str,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::setup_link::{ActiveModel, Column, Entity};
    Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(at))
        .filter(Column::Role.eq(role))
        .filter(Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    let row = ActiveModel {
        role: Set(role.to_owned()),
        token_hash: Set(token_hash.to_owned()),
        created_at: Set(at),
        used_at: Set(None),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The role of a setup link that was made after `made_after` and not used, `None` for every other.
///
/// # Errors
/// When the database fails.
pub async fn setup_link_role(
    conn: &impl ConnectionTrait,
    token_hash: &str,
    made_after: DateTime<Utc>,
) -> Result<Option<String>, DbErr> {
    use entity::setup_link::{Column, Entity};
    let found = Entity::find()
        .filter(Column::TokenHash.eq(token_hash))
        .filter(Column::UsedAt.is_null())
        .filter(Column::CreatedAt.gt(made_after))
        .one(conn)
        .await?;
    Ok(found.map(|link| link.role))
}

/// Uses a setup link up.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was used before or never existed.
pub async fn use_setup_link(
    tx: &DatabaseTransaction,
    token_hash: &str,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::setup_link::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(at))
        .filter(Column::TokenHash.eq(token_hash))
        .filter(Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}
