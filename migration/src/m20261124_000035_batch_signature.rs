//! Approvals of batches, signed.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "
CREATE TABLE batch_signature (
    id {id},
    batch_id {int} NOT NULL REFERENCES batch (id),
    revision {int} NOT NULL,
    content_hash TEXT NOT NULL,
    total_fen {int} NOT NULL,
    account_id {int} NOT NULL REFERENCES account (id),
    holder_id {int} NOT NULL REFERENCES account_holder (id),
    signed_at {at} NOT NULL,
    signature TEXT NOT NULL,
    UNIQUE (batch_id, revision)
) {strict};
";

const COLUMNS: &[&str] = &[
    "batch_id",
    "revision",
    "content_hash",
    "total_fen",
    "account_id",
    "holder_id",
    "signed_at",
    "signature",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLE).await?;
        append_only(manager, "batch_signature", COLUMNS, &[], "").await
    }
}
