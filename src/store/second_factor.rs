//! Second factors of accounts and their recovery codes.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QuerySelect,
};

pub use entity::second_factor::Model as Factor;

/// The factor in use of an account, if it has one.
///
/// # Errors
/// When the database fails.
pub async fn in_use(conn: &impl ConnectionTrait, account_id: i64) -> Result<Option<Factor>, DbErr> {
    use entity::second_factor::{Column, Entity};
    Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::EndedAt.is_null())
        .one(conn)
        .await
}

/// Which of these accounts have a factor in use.
///
/// # Errors
/// When the database fails.
pub async fn enrolled_among(
    conn: &impl ConnectionTrait,
    accounts: &[i64],
) -> Result<Vec<i64>, DbErr> {
    use entity::second_factor::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::AccountId)
        .filter(Column::AccountId.is_in(accounts.iter().copied()))
        .filter(Column::EndedAt.is_null())
        .into_tuple()
        .all(conn)
        .await
}

/// A factor to begin.
#[derive(Debug, Clone, Copy)]
pub struct NewFactor<'a> {
    /// Account.
    pub account_id: i64,
    /// Sealed secret.
    pub secret_cipher: &'a [u8],
    /// The step whose code confirmed it.
    pub last_step: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// Begins a factor; returns its identity.
///
/// # Errors
/// When the account has one already.
pub async fn begin(tx: &DatabaseTransaction, new: &NewFactor<'_>) -> Result<i64, DbErr> {
    let row = entity::second_factor::ActiveModel {
        account_id: Set(new.account_id),
        secret_cipher: Set(new.secret_cipher.to_vec()),
        enrolled_at: Set(new.at),
        last_step: Set(new.last_step),
        ended_at: Set(None),
        ..Default::default()
    };
    Ok(entity::second_factor::Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// Ends the factor in use of an account; whether it had one.
///
/// # Errors
/// When the database refuses.
pub async fn end(
    tx: &DatabaseTransaction,
    account_id: i64,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    use entity::second_factor::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(at))
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Uses the code of a step up; `false` when it, or a later one, was used before, or the factor has
/// ended. Of many at once one gets `true`.
///
/// # Errors
/// When the database refuses.
pub async fn use_step(tx: &DatabaseTransaction, id: i64, step: i64) -> Result<bool, DbErr> {
    use entity::second_factor::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::LastStep, Expr::value(step))
        .filter(Column::Id.eq(id))
        .filter(Column::EndedAt.is_null())
        .filter(Column::LastStep.lt(step))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Keeps the keyed hashes of fresh recovery codes in place of those that were left.
///
/// # Errors
/// When the database refuses.
pub async fn replace_codes(
    tx: &DatabaseTransaction,
    factor_id: i64,
    hashes: &[String],
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::recovery_code::{ActiveModel, Column, Entity};
    Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(at))
        .filter(Column::FactorId.eq(factor_id))
        .filter(Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    let row = |hash: &String| ActiveModel {
        factor_id: Set(factor_id),
        code_hash: Set(hash.clone()),
        made_at: Set(at),
        used_at: Set(None),
        ..Default::default()
    };
    Entity::insert_many(hashes.iter().map(row)).exec_without_returning(tx).await?;
    Ok(())
}

/// Uses a recovery code up; `false` when there is none like it that is left.
///
/// # Errors
/// When the database refuses.
pub async fn use_code(
    tx: &DatabaseTransaction,
    factor_id: i64,
    hash: &str,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    use entity::recovery_code::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(at))
        .filter(Column::FactorId.eq(factor_id))
        .filter(Column::CodeHash.eq(hash))
        .filter(Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// How many recovery codes are left.
///
/// # Errors
/// When the database fails.
pub async fn codes_left(conn: &impl ConnectionTrait, factor_id: i64) -> Result<u64, DbErr> {
    use entity::recovery_code::{Column, Entity};
    Entity::find()
        .filter(Column::FactorId.eq(factor_id))
        .filter(Column::UsedAt.is_null())
        .count(conn)
        .await
}
