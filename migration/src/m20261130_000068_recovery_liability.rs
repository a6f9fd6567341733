//! Who pays a recovery back: the person, or the enterprise on whose account the money was paid.

use sea_orm_migration::prelude::*;

use crate::dialect::{refuse_update, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMN: &str = "
ALTER TABLE recovery ADD COLUMN liable_enterprise_id {int} REFERENCES enterprise (id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, COLUMN).await?;
        let (name, column) = ("recovery_liability_decided_once", "liable_enterprise_id");
        refuse_update(manager, "recovery", name, column, "OLD.claim_year IS NOT NULL").await
    }
}
