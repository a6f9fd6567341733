//! Sessions of persons: a table of their own, so that none can pass for a session of an account.

use chrono::{DateTime, Utc};
use entity::person_session::{ActiveModel, Column, Entity};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
};

use crate::store::db::expect_one_row;

/// A session of a person.
pub use entity::person_session::Model as Session;

/// A session to open.
#[derive(Debug, Clone, Copy)]
pub struct NewSession<'a> {
    /// Hash of the token in the cookie.
    pub token_hash: &'a str,
    /// Whose.
    pub person_id: i64,
    /// Secret of its forms.
    pub csrf_token: &'a str,
    /// Network address.
    pub address: &'a str,
    /// What the browser calls itself.
    pub user_agent: &'a str,
    /// When it opens.
    pub at: DateTime<Utc>,
    /// When it ends in any case.
    pub expires_at: DateTime<Utc>,
}

/// Opens a session.
///
/// # Errors
/// When the database refuses.
pub async fn open(tx: &DatabaseTransaction, new: &NewSession<'_>) -> Result<(), DbErr> {
    let row = ActiveModel {
        token_hash: Set(new.token_hash.to_owned()),
        person_id: Set(new.person_id),
        csrf_token: Set(new.csrf_token.to_owned()),
        address: Set(new.address.to_owned()),
        user_agent: Set(new.user_agent.to_owned()),
        created_at: Set(new.at),
        last_seen_at: Set(new.at),
        expires_at: Set(new.expires_at),
        revoked_at: Set(None),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The session whose token has this hash, over or not.
///
/// # Errors
/// When the database fails.
pub async fn session_by_token_hash(
    conn: &impl ConnectionTrait,
    token_hash: &str,
) -> Result<Option<Session>, DbErr> {
    Entity::find().filter(Column::TokenHash.eq(token_hash)).one(conn).await
}

/// Writes down that a session was used. The latest use never lies earlier than before.
///
/// # Errors
/// When the database refuses.
pub async fn touch(tx: &DatabaseTransaction, id: i64, at: DateTime<Utc>) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::LastSeenAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .filter(Column::LastSeenAt.lt(at))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends one session.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it has ended already.
pub async fn revoke(tx: &DatabaseTransaction, id: i64, at: DateTime<Utc>) -> Result<(), DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// Ends all sessions of a person.
///
/// # Errors
/// When the database refuses.
pub async fn revoke_of_person(
    tx: &DatabaseTransaction,
    person_id: i64,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(at))
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// The sessions of a person that were used since `seen_since` and last beyond `at`, the latest
/// first.
///
/// # Errors
/// When the database fails.
pub async fn live_of_person(
    conn: &impl ConnectionTrait,
    person_id: i64,
    seen_since: DateTime<Utc>,
    at: DateTime<Utc>,
) -> Result<Vec<Session>, DbErr> {
    Entity::find()
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::LastSeenAt.gt(seen_since))
        .filter(Column::ExpiresAt.gt(at))
        .order_by_desc(Column::LastSeenAt)
        .order_by_desc(Column::Id)
        .all(conn)
        .await
}
