//! Signatures of approvers.

use sea_orm::ActiveValue::NotSet;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter,
};

use super::Batch;
use entity::batch_signature::{Column, Entity};

pub use entity::batch_signature::Model as SignatureRow;

/// Keeps a signature; its identity is given by the database.
///
/// # Errors
/// When this revision of the batch bears one already.
pub async fn sign(tx: &DatabaseTransaction, row: SignatureRow) -> Result<(), DbErr> {
    let mut row = row.into_active_model().reset_all();
    row.id = NotSet;
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The signature under a batch as it stands.
///
/// # Errors
/// When the database fails.
pub async fn signature(
    conn: &impl ConnectionTrait,
    batch: &Batch,
) -> Result<Option<SignatureRow>, DbErr> {
    Entity::find()
        .filter(Column::BatchId.eq(batch.id))
        .filter(Column::Revision.eq(batch.revision))
        .one(conn)
        .await
}
