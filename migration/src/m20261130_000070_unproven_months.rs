//! The program suspends who has no evidence for two months in a row: it asks which months were read
//! in at all, and tells the enterprise.

use sea_orm_migration::prelude::*;

use crate::dialect::{run, widen_check};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// What a message could be about before.
const TOLD: &[&str] = &[
    "returned",
    "decided",
    "due_soon",
    "overdue",
    "delegated",
    "message",
    "cosign_asked",
    "cosign_done",
    "export_ready",
    "export_failed",
    "webhook_failed",
    "password_reset",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let by_month = "CREATE INDEX evidence_month_by_month ON evidence_month \
             (valid_from, person_id) WHERE superseded_at IS NULL";
        run(manager, by_month).await?;
        widen_check(manager, ("notification", "kind"), TOLD, &["suspended"]).await
    }
}
