//! What a bank did not pay, from an index.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEXES: &str = "
CREATE INDEX batch_line_tried ON batch_line (payment_line_id) WHERE outcome = 'failed';
CREATE INDEX bank_return_row_unpaid ON bank_return_row (line_ref) WHERE status <> 'S';
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
