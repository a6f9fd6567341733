//! Mails that wait to be sent, and who wants which.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

pub use entity::mail_outbox::Model as Mail;
pub use entity::mail_preference::Model as Preference;

/// What an account wants; `None` when it never said.
///
/// # Errors
/// When the database fails.
pub async fn preference(
    conn: &impl ConnectionTrait,
    account_id: i64,
) -> Result<Option<Preference>, DbErr> {
    entity::mail_preference::Entity::find_by_id(account_id).one(conn).await
}

/// Those who want one mail a day and were not sent one on a day.
///
/// # Errors
/// When the database fails.
pub async fn daily_readers(
    conn: &impl ConnectionTrait,
    day: NaiveDate,
) -> Result<Vec<Preference>, DbErr> {
    use entity::mail_preference::{Column, Entity};
    let before = Column::DigestedOn.is_null().or(Column::DigestedOn.lt(day));
    Entity::find()
        .filter(Column::Rhythm.eq("daily"))
        .filter(before)
        .order_by_asc(Column::AccountId)
        .all(conn)
        .await
}

/// Notes what an account wants.
///
/// # Errors
/// When the database refuses.
pub async fn prefer(
    tx: &DatabaseTransaction,
    account_id: i64,
    (rhythm, address_cipher): (&str, Option<Vec<u8>>),
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::mail_preference::{ActiveModel, Column, Entity};
    let row = ActiveModel {
        account_id: Set(account_id),
        rhythm: Set(rhythm.to_owned()),
        address_cipher: Set(address_cipher),
        changed_at: Set(at),
        digested_on: Set(None),
    };
    let changed = [Column::Rhythm, Column::AddressCipher, Column::ChangedAt];
    let replace = OnConflict::column(Column::AccountId).update_columns(changed).to_owned();
    Entity::insert(row).on_conflict(replace).exec_without_returning(tx).await?;
    Ok(())
}

/// Notes that an account was given its mail of a day; false when somebody else did it first.
///
/// # Errors
/// When the database fails.
pub async fn claim_day(
    tx: &DatabaseTransaction,
    account_id: i64,
    day: NaiveDate,
) -> Result<bool, DbErr> {
    use entity::mail_preference::{Column, Entity};
    let before = Column::DigestedOn.is_null().or(Column::DigestedOn.lt(day));
    let done = Entity::update_many()
        .col_expr(Column::DigestedOn, Expr::value(day))
        .filter(Column::AccountId.eq(account_id))
        .filter(before)
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Writes a mail to be sent.
///
/// # Errors
/// When the database refuses.
pub async fn write(
    tx: &DatabaseTransaction,
    to: &Preference,
    (subject, body): (&str, &str),
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let Some(address_cipher) = to.address_cipher.clone() else { return Ok(()) };
    let row = entity::mail_outbox::ActiveModel {
        account_id: Set(to.account_id),
        address_cipher: Set(address_cipher),
        subject: Set(subject.to_owned()),
        body: Set(body.to_owned()),
        state: Set("waiting".to_owned()),
        attempts: Set(0),
        due_at: Set(at),
        written_at: Set(at),
        closed_at: Set(None),
        ..Default::default()
    };
    entity::mail_outbox::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Mails whose time has come, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn due(
    conn: &impl ConnectionTrait,
    at: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<Mail>, DbErr> {
    use entity::mail_outbox::{Column, Entity};
    Entity::find()
        .filter(Column::State.eq("waiting"))
        .filter(Column::DueAt.lte(at))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(conn)
        .await
}

/// Takes a mail on for one attempt: nobody else tries before `again_at`. False when somebody else
/// took it first.
///
/// # Errors
/// When the database fails.
pub async fn take(
    tx: &DatabaseTransaction,
    mail: &Mail,
    again_at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    use entity::mail_outbox::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::Attempts, Expr::value(mail.attempts + 1))
        .col_expr(Column::DueAt, Expr::value(again_at))
        .filter(Column::Id.eq(mail.id))
        .filter(Column::Attempts.eq(mail.attempts))
        .filter(Column::State.eq("waiting"))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// A mail is sent, or given up.
///
/// # Errors
/// When the database refuses.
pub async fn close(
    tx: &DatabaseTransaction,
    id: i64,
    state: &str,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::mail_outbox::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::ClosedAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq("waiting"))
        .exec(tx)
        .await?;
    Ok(())
}
