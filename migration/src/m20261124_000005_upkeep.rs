//! Ways to rows that are few among many: entries that wait, submissions that are forgotten.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEXES: &str = "
CREATE INDEX roster_entry_declared ON roster_entry (enterprise_id)
    WHERE superseded_at IS NULL AND status = 'declared';
CREATE INDEX idempotency_key_at ON idempotency_key (at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, INDEXES).await
    }
}
