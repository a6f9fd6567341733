//! Source documents: where facts came from.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};

/// A document that facts are recorded from.
#[derive(Debug, Clone)]
pub struct NewSource<'a> {
    /// `import`, `decision` or `declaration`.
    pub kind: &'static str,
    /// What it is called.
    pub title: &'a str,
    /// Its official number; may be empty.
    pub document_no: &'a str,
    /// The import it is, if it is one.
    pub import_id: Option<i64>,
    /// Account that recorded it.
    pub recorded_by: i64,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

/// Records a document; returns its identity.
///
/// # Errors
/// When the database refuses.
pub async fn record(tx: &DatabaseTransaction, source: &NewSource<'_>) -> Result<i64, DbErr> {
    let row = entity::source_document::ActiveModel {
        kind: Set(source.kind.to_owned()),
        title: Set(source.title.to_owned()),
        document_no: Set(source.document_no.to_owned()),
        import_id: Set(source.import_id),
        recorded_by: Set(source.recorded_by),
        recorded_at: Set(source.recorded_at),
        ..Default::default()
    };
    Ok(entity::source_document::Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// The documents with these identities.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    ids: &[i64],
) -> Result<Vec<entity::source_document::Model>, DbErr> {
    entity::source_document::Entity::find()
        .filter(entity::source_document::Column::Id.is_in(ids.iter().copied()))
        .all(conn)
        .await
}
