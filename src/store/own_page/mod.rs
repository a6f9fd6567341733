//! A person's own page: activation codes, passphrases, sessions, and what the person says of what
//! others filed.

mod confirmation;
mod filed;
mod session;
mod year_dispute;

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};

use super::db::expect_one_row;

pub use confirmation::{
    Answer, Confirmation, Dispute, Subject, confirmations, count_disputes, dispute,
    disputed_accounts, disputes, record_answer, record_confirmation,
};
pub use filed::{Filed, filed_now, ids_by_no, with_access};
pub use session::{
    NewSession, Session, live_of_person, open, revoke, revoke_of_person, session_by_token_hash,
    touch,
};

pub use year_dispute::{
    YearDispute, answer_year_dispute, count_year_disputes, open_year_disputes, record_year_dispute,
    year_dispute, year_disputes_of,
};

/// A code that opens a person's own page.
pub use entity::person_activation::Model as Activation;

/// A person's passphrase, hashed, and when it was chosen.
pub use entity::person_access::Model as Access;

/// Who a person is: number and name today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Identity.
    pub id: i64,
    /// Official number.
    pub no: String,
    /// Name held now; empty when none is.
    pub name: String,
}

/// The person with this identity.
///
/// # Errors
/// When the database fails.
pub async fn who(conn: &impl ConnectionTrait, person_id: i64) -> Result<Option<Who>, DbErr> {
    let found = entity::person::Entity::find_by_id(person_id).one(conn).await?;
    named(conn, found).await
}

/// The person who holds a live document with one of these keyed hashes, locked: attempts for one
/// person stand in line.
///
/// # Errors
/// When the database fails.
pub async fn lock_holder(
    tx: &DatabaseTransaction,
    indexes: &[String],
) -> Result<Option<Who>, DbErr> {
    use entity::person_document::{Column, Entity};
    let holders = Entity::find()
        .select_only()
        .column(Column::PersonId)
        .filter(Column::SupersededAt.is_null())
        .filter(Column::NumberIndex.is_in(indexes.iter().map(String::as_str)));
    let found = entity::person::Entity::find()
        .filter(entity::person::Column::Id.in_subquery(holders.into_query()))
        .order_by_asc(entity::person::Column::Id)
        .lock(LockType::Update)
        .one(tx)
        .await?;
    named(tx, found).await
}

/// Locks a person.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &DatabaseTransaction, person_id: i64) -> Result<(), DbErr> {
    entity::person::Entity::find_by_id(person_id).lock(LockType::Update).one(tx).await.map(|_| ())
}

async fn named(
    conn: &impl ConnectionTrait,
    found: Option<entity::person::Model>,
) -> Result<Option<Who>, DbErr> {
    let Some(person) = found else { return Ok(None) };
    let mut names = super::stipend::explain::person_names(conn, &[person.id]).await?;
    let name = names.remove(&person.id).unwrap_or_default();
    Ok(Some(Who { id: person.id, no: person.person_no, name }))
}

/// Replaces the open code of a person by a new one. The person is locked.
///
/// # Errors
/// When the database refuses.
pub async fn replace_activation(
    tx: &DatabaseTransaction,
    (person_id, code_hash, made_by): (i64, &str, i64),
    made_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::person_activation::{ActiveModel, Column, Entity};
    Entity::update_many()
        .col_expr(Column::ClosedAt, Expr::value(made_at))
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::ClosedAt.is_null())
        .exec(tx)
        .await?;
    let row = ActiveModel {
        person_id: Set(person_id),
        code_hash: Set(code_hash.to_owned()),
        made_by: Set(made_by),
        made_at: Set(made_at),
        expires_at: Set(expires_at),
        closed_at: Set(None),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The code of a person that is neither used nor replaced; it may have expired.
///
/// # Errors
/// When the database fails.
pub async fn open_activation(
    conn: &impl ConnectionTrait,
    person_id: i64,
) -> Result<Option<Activation>, DbErr> {
    use entity::person_activation::{Column, Entity};
    Entity::find()
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::ClosedAt.is_null())
        .one(conn)
        .await
}

/// Uses a code up.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was used or replaced before.
pub async fn use_activation(
    tx: &DatabaseTransaction,
    id: i64,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::person_activation::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::ClosedAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .filter(Column::ClosedAt.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// The passphrase of a person, hashed.
///
/// # Errors
/// When the database fails.
pub async fn access(conn: &impl ConnectionTrait, person_id: i64) -> Result<Option<Access>, DbErr> {
    use entity::person_access::{Column, Entity};
    Entity::find().filter(Column::PersonId.eq(person_id)).one(conn).await
}

/// Sets the passphrase of a person, the first or another one.
///
/// # Errors
/// When the database refuses.
pub async fn set_passphrase(
    tx: &DatabaseTransaction,
    person_id: i64,
    passphrase_hash: &str,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::person_access::{ActiveModel, Column, Entity};
    let row = ActiveModel {
        person_id: Set(person_id),
        passphrase_hash: Set(passphrase_hash.to_owned()),
        changed_at: Set(at),
        ..Default::default()
    };
    let instead = OnConflict::column(Column::PersonId)
        .update_columns([Column::PassphraseHash, Column::ChangedAt])
        .to_owned();
    Entity::insert(row).on_conflict(instead).exec_without_returning(tx).await?;
    Ok(())
}
