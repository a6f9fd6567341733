//! What was proposed for accounts, and what became of it.

use chrono::{DateTime, Utc};
use entity::account_request::{ActiveModel, Column, Entity};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::db::expect_one_row;

/// A request.
pub use entity::account_request::Model as Request;

/// A request to keep.
#[derive(Debug, Clone, Copy)]
pub struct NewRequest<'a> {
    /// Kind code.
    pub kind: &'a str,
    /// Account that it is about.
    pub account_id: i64,
    /// Natural person of that account.
    pub holder_id: i64,
    /// Role code that the account shall have.
    pub role: &'a str,
    /// Organisation that it shall belong to.
    pub organisation_id: i64,
    /// Token that shall hold, for that kind.
    pub token_id: Option<i64>,
    /// Hash of the password that shall hold.
    pub password_hash: Option<&'a str>,
    /// The sealed half of a secret that whoever authorises hands over.
    pub half_cipher: Option<&'a [u8]>,
    /// Account that asks.
    pub requested_by: i64,
    /// Natural person who asks.
    pub requested_holder: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// Keeps a request; returns its identity.
///
/// # Errors
/// When one of the kind is open for the account.
pub async fn file(tx: &DatabaseTransaction, new: &NewRequest<'_>) -> Result<i64, DbErr> {
    let row = ActiveModel {
        kind: Set(new.kind.to_owned()),
        account_id: Set(new.account_id),
        holder_id: Set(new.holder_id),
        role: Set(new.role.to_owned()),
        organisation_id: Set(new.organisation_id),
        token_id: Set(new.token_id),
        password_hash: Set(new.password_hash.map(str::to_owned)),
        half_cipher: Set(new.half_cipher.map(<[u8]>::to_vec)),
        requested_by: Set(new.requested_by),
        requested_holder: Set(new.requested_holder),
        requested_at: Set(new.at),
        decided_by: Set(None),
        decided_holder: Set(None),
        decided_at: Set(None),
        outcome: Set(None),
        reason: Set(String::new()),
        ..Default::default()
    };
    Ok(Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// The request with this identity.
///
/// # Errors
/// When the database fails.
pub async fn by_id(conn: &impl ConnectionTrait, id: i64) -> Result<Option<Request>, DbErr> {
    Entity::find_by_id(id).one(conn).await
}

/// The request, locked against a second decision.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &DatabaseTransaction, id: i64) -> Result<Option<Request>, DbErr> {
    Entity::find_by_id(id).lock(LockType::Update).one(tx).await
}

/// What somebody decided.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'a> {
    /// Account that decides.
    pub by: i64,
    /// Natural person who decides.
    pub holder: i64,
    /// Outcome code.
    pub outcome: &'a str,
    /// Why not.
    pub reason: &'a str,
    /// When.
    pub at: DateTime<Utc>,
}

/// Ends an open request; the secrets that waited in it go.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it has ended already; when one person would do both.
pub async fn decide(
    tx: &DatabaseTransaction,
    id: i64,
    decision: &Decision<'_>,
) -> Result<(), DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(None::<String>))
        .col_expr(Column::HalfCipher, Expr::value(None::<Vec<u8>>))
        .col_expr(Column::DecidedBy, Expr::value(decision.by))
        .col_expr(Column::DecidedHolder, Expr::value(decision.holder))
        .col_expr(Column::Outcome, Expr::value(decision.outcome))
        .col_expr(Column::Reason, Expr::value(decision.reason))
        .col_expr(Column::DecidedAt, Expr::value(decision.at))
        .filter(Column::Id.eq(id))
        .filter(Column::DecidedAt.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// All open requests, the oldest first, at most `limit`.
///
/// # Errors
/// When the database fails.
pub async fn open(conn: &impl ConnectionTrait, limit: u64) -> Result<Vec<Request>, DbErr> {
    Entity::find()
        .filter(Column::DecidedAt.is_null())
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(conn)
        .await
}

/// How many requests are open.
///
/// # Errors
/// When the database fails.
pub async fn count_open(conn: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().filter(Column::DecidedAt.is_null()).count(conn).await
}

/// The open requests about these accounts.
///
/// # Errors
/// When the database fails.
pub async fn open_of(conn: &impl ConnectionTrait, accounts: &[i64]) -> Result<Vec<Request>, DbErr> {
    Entity::find()
        .filter(Column::AccountId.is_in(accounts.iter().copied()))
        .filter(Column::DecidedAt.is_null())
        .order_by_asc(Column::Id)
        .all(conn)
        .await
}

/// All requests about an account, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn of_account(
    conn: &impl ConnectionTrait,
    account_id: i64,
) -> Result<Vec<Request>, DbErr> {
    Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .order_by_desc(Column::Id)
        .all(conn)
        .await
}

/// The requests that were decided last, at most `limit`.
///
/// # Errors
/// When the database fails.
pub async fn decided(conn: &impl ConnectionTrait, limit: u64) -> Result<Vec<Request>, DbErr> {
    Entity::find()
        .filter(Column::DecidedAt.is_not_null())
        .order_by_desc(Column::DecidedAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(conn)
        .await
}
