//! Money is made pending, and payable only when the file of the year is released.

use sea_orm_migration::prelude::*;

use crate::dialect::{refuse_update, run, widen_check};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let known = &["payable", "in_batch", "paid", "void"];
        widen_check(manager, ("payment_line", "state"), known, &["pending"]).await?;
        // Nobody declared or verified what waits for a batch here: the next run opens its files.
        run(manager, "UPDATE payment_line SET state = 'pending' WHERE state = 'payable'").await?;
        let skips = "OLD.state = 'pending' AND NEW.state NOT IN ('pending', 'payable', 'void')";
        refuse_update(manager, "payment_line", "payment_line_needs_release", "state", skips).await
    }
}
