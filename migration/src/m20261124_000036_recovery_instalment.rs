//! Plans by which a recovery is repaid in instalments.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "
CREATE TABLE recovery_instalment (
    id {id},
    recovery_id {int} NOT NULL REFERENCES recovery (id),
    plan_no {int} NOT NULL CHECK (plan_no > 0),
    due_on {date} NOT NULL,
    amount_fen {int} NOT NULL CHECK (amount_fen > 0),
    UNIQUE (recovery_id, plan_no, due_on)
) {strict};
";

const COLUMNS: &[&str] = &["recovery_id", "plan_no", "due_on", "amount_fen"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLE).await?;
        append_only(manager, "recovery_instalment", COLUMNS, &[], "").await
    }
}
