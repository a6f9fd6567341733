//! What a bank repeats of payee and account in its answer is kept with the row, the account as keyed
//! hash, so that a row that came back changed is a question when it is confirmed too.

use sea_orm_migration::prelude::*;

use crate::dialect::{fixed_columns, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: &str = "
ALTER TABLE bank_return_row ADD COLUMN payee_name TEXT NOT NULL DEFAULT '';
ALTER TABLE bank_return_row ADD COLUMN account_index TEXT NOT NULL DEFAULT '';
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, COLUMNS).await?;
        let added = ["payee_name", "account_index"];
        fixed_columns(manager, "bank_return_row", "bank_return_row_payee_fixed", &added).await
    }
}
