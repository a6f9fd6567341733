//! The next level is told of what is long overdue.

use sea_orm_migration::prelude::*;

use crate::dialect::widen_check;

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
    "suspended",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        widen_check(manager, ("notification", "kind"), TOLD, &["escalated"]).await
    }
}
