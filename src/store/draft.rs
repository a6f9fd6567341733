//! Drafts of forms: one an account, form and subject.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder,
};

pub use entity::form_draft::Model as DraftRow;

/// Keeps a draft in the place of the one before.
///
/// # Errors
/// When the database refuses.
pub async fn save(
    tx: &DatabaseTransaction,
    account_id: i64,
    (form, subject): (&str, &str),
    content_cipher: Vec<u8>,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::form_draft::{ActiveModel, Column, Entity};
    let row = ActiveModel {
        account_id: Set(account_id),
        form: Set(form.to_owned()),
        subject: Set(subject.to_owned()),
        content_cipher: Set(content_cipher),
        saved_at: Set(at),
        ..Default::default()
    };
    let replace = OnConflict::columns([Column::AccountId, Column::Form, Column::Subject])
        .update_columns([Column::ContentCipher, Column::SavedAt])
        .to_owned();
    Entity::insert(row).on_conflict(replace).exec_without_returning(tx).await?;
    Ok(())
}

/// The drafts of an account of one form, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn of_form(
    conn: &impl ConnectionTrait,
    account_id: i64,
    form: &str,
) -> Result<Vec<DraftRow>, DbErr> {
    use entity::form_draft::{Column, Entity};
    Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::Form.eq(form))
        .order_by_desc(Column::SavedAt)
        .order_by_desc(Column::Id)
        .all(conn)
        .await
}

/// How many drafts an account has.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &impl ConnectionTrait, account_id: i64) -> Result<u64, DbErr> {
    use entity::form_draft::{Column, Entity};
    Entity::find().filter(Column::AccountId.eq(account_id)).count(conn).await
}

/// Drops a draft, if there is one.
///
/// # Errors
/// When the database refuses.
pub async fn discard(
    tx: &DatabaseTransaction,
    account_id: i64,
    (form, subject): (&str, &str),
) -> Result<(), DbErr> {
    use entity::form_draft::{Column, Entity};
    Entity::delete_many()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::Form.eq(form))
        .filter(Column::Subject.eq(subject))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forgets drafts saved before an instant; gives how many.
///
/// # Errors
/// When the database refuses.
pub async fn forget(tx: &DatabaseTransaction, before: DateTime<Utc>) -> Result<u64, DbErr> {
    use entity::form_draft::{Column, Entity};
    let gone = Entity::delete_many().filter(Column::SavedAt.lt(before)).exec(tx).await?;
    Ok(gone.rows_affected)
}
