//! What the checker of a batch compared with the papers, payment by payment.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "
CREATE TABLE batch_sample (
    id {id},
    batch_id {int} NOT NULL REFERENCES batch (id),
    revision {int} NOT NULL,
    seq {int} NOT NULL,
    reason TEXT NOT NULL
        CHECK (reason IN ('changed_account', 'shared_account', 'largest', 'random', 'chosen')),
    finding TEXT NOT NULL CHECK (finding IN ('matches', 'differs')),
    note TEXT NOT NULL CHECK (finding = 'matches' OR note <> ''),
    holder_id {int} NOT NULL REFERENCES account_holder (id),
    at {at} NOT NULL,
    UNIQUE (batch_id, revision, seq)
) {strict};
";

const COLUMNS: &[&str] =
    &["batch_id", "revision", "seq", "reason", "finding", "note", "holder_id", "at"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLE).await?;
        append_only(manager, "batch_sample", COLUMNS, &[], "").await
    }
}
