//! What has to be found out about a row of a bank's answer is of a class, so that offices can count
//! and filter.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMN: &str = "
ALTER TABLE bank_return_row ADD COLUMN query_class TEXT NOT NULL DEFAULT '';
CREATE INDEX bank_return_row_query ON bank_return_row (query_class) WHERE query_class <> '';
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, COLUMN).await
    }
}
