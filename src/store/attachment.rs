//! Rows about files that prove something. The contents lie elsewhere.

use chrono::{DateTime, Utc};
use entity::attachment::{ActiveModel, Column, Entity};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::db::expect_one_row;

/// A file on record.
pub use entity::attachment::Model as Attachment;

/// A file to record.
#[derive(Debug, Clone, Copy)]
pub struct NewAttachment<'a> {
    /// Name in the file store.
    pub store_name: &'a str,
    /// Kind and identity of what it belongs to.
    pub subject: (&'a str, i64),
    /// Organisation that brought it.
    pub organisation_id: i64,
    /// Its own name, cleaned.
    pub file_name: &'a str,
    /// What it is.
    pub file_type: &'a str,
    /// Bytes.
    pub size_bytes: i64,
    /// Hash of its content.
    pub sha256: &'a str,
    /// What it proves; may be empty.
    pub note: &'a str,
    /// Account.
    pub uploaded_by: i64,
    /// When.
    pub uploaded_at: DateTime<Utc>,
}

/// Records a file; its content is sealed.
///
/// # Errors
/// When the database refuses.
pub async fn record(tx: &DatabaseTransaction, new: &NewAttachment<'_>) -> Result<i64, DbErr> {
    let row = ActiveModel {
        store_name: Set(new.store_name.to_owned()),
        subject_kind: Set(new.subject.0.to_owned()),
        subject_id: Set(new.subject.1),
        organisation_id: Set(new.organisation_id),
        file_name: Set(new.file_name.to_owned()),
        file_type: Set(new.file_type.to_owned()),
        size_bytes: Set(new.size_bytes),
        sha256: Set(new.sha256.to_owned()),
        sealed: Set(true),
        note: Set(new.note.to_owned()),
        uploaded_by: Set(new.uploaded_by),
        uploaded_at: Set(new.uploaded_at),
        withdrawn_by: Set(None),
        withdrawn_at: Set(None),
        withdrawal_reason: Set(None),
        ..Default::default()
    };
    Ok(Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// The files of a subject, withdrawn ones included, the latest first; of one organisation only
/// when one is given.
///
/// # Errors
/// When the database fails.
pub async fn of_subject(
    conn: &impl ConnectionTrait,
    (kind, id): (&str, i64),
    organisation_id: Option<i64>,
) -> Result<Vec<Attachment>, DbErr> {
    let mut select =
        Entity::find().filter(Column::SubjectKind.eq(kind)).filter(Column::SubjectId.eq(id));
    if let Some(office) = organisation_id {
        select = select.filter(Column::OrganisationId.eq(office));
    }
    select.order_by_desc(Column::Id).all(conn).await
}

/// Bytes of the files of an organisation that are not withdrawn.
///
/// # Errors
/// When the database fails.
pub async fn bytes_of_organisation(
    conn: &impl ConnectionTrait,
    organisation_id: i64,
) -> Result<i64, DbErr> {
    let sum: Option<i64> = Entity::find()
        .select_only()
        .column_as(super::db::sum_fen(Column::SizeBytes.into_expr()), "bytes")
        .filter(Column::OrganisationId.eq(organisation_id))
        .filter(Column::WithdrawnAt.is_null())
        .into_tuple()
        .one(conn)
        .await?;
    Ok(sum.unwrap_or(0))
}

/// Locks an organisation: its files are counted and added one at a time.
///
/// # Errors
/// When the database fails.
pub async fn lock_organisation(tx: &DatabaseTransaction, id: i64) -> Result<(), DbErr> {
    use entity::organisation::Entity as Organisations;
    Organisations::find_by_id(id).lock(LockType::Update).one(tx).await.map(|_| ())
}

/// Withdraws a file; its row and content stay.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it is withdrawn already.
pub async fn withdraw(
    tx: &DatabaseTransaction,
    id: i64,
    (by, reason): (i64, &str),
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::WithdrawnBy, Expr::value(by))
        .col_expr(Column::WithdrawnAt, Expr::value(at))
        .col_expr(Column::WithdrawalReason, Expr::value(reason))
        .filter(Column::Id.eq(id))
        .filter(Column::WithdrawnAt.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// Names in the file store of all files on record.
///
/// # Errors
/// When the database fails.
pub async fn store_names(conn: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::StoreName)
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(conn)
        .await
}

/// The organisation that recorded a source document; `None` when there is no such document.
///
/// # Errors
/// When the database fails.
pub async fn office_of_source(
    conn: &impl ConnectionTrait,
    source_id: i64,
) -> Result<Option<i64>, DbErr> {
    let found = entity::source_document::Entity::find_by_id(source_id).one(conn).await?;
    let Some(document) = found else { return Ok(None) };
    let account = entity::account::Entity::find_by_id(document.recorded_by).one(conn).await?;
    Ok(account.map(|account| account.organisation_id))
}

/// Whether a person is in scope.
///
/// # Errors
/// When the database fails.
pub async fn sees_person(
    conn: &impl ConnectionTrait,
    scope: &crate::domain::authority::Scope,
    person_id: i64,
) -> Result<bool, DbErr> {
    use entity::person::{Column as Person, Entity as People};
    let found = People::find_by_id(person_id)
        .filter(super::directory::scope::persons(scope, Person::Id))
        .one(conn)
        .await?;
    Ok(found.is_some())
}
