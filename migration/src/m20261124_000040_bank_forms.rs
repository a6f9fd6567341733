//! In which form a batch goes to the bank, the bank's own number of what it sends back, and rows
//! about money that is still on its way.

use sea_orm_migration::prelude::*;

use crate::dialect::{fixed_columns, refuse_update, run, widen_check};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

// A bank counts its files by customer: the same number for the same batch is the same file.
const COLUMNS: &str = "
ALTER TABLE batch ADD COLUMN bank_profile TEXT NOT NULL DEFAULT 'neutral'
    CHECK (bank_profile <> '');
ALTER TABLE bank_return ADD COLUMN bank_no TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX bank_return_bank_no ON bank_return (batch_id, bank_no) WHERE bank_no <> '';
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, COLUMNS).await?;
        let issued = "OLD.file_sha256 <> '' AND NEW.bank_profile <> OLD.bank_profile";
        let name = "batch_profile_fixed";
        refuse_update(manager, "batch", name, "bank_profile", issued).await?;
        fixed_columns(manager, "bank_return", "bank_return_no_fixed", &["bank_no"]).await?;
        widen_check(manager, ("bank_return_row", "status"), &["S", "F", "R"], &["P"]).await
    }
}
