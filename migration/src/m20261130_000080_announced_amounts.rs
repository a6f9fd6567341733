//! A line of a notice keeps the amount that it announces, so that what is paid can be compared with it.

use sea_orm_migration::prelude::*;

use crate::dialect::{is_postgres, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMN: &str = "ALTER TABLE public_notice_entry ADD COLUMN amount_fen {int};";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, COLUMN).await?;
        let refuses = if is_postgres(manager) {
            "FOR EACH ROW EXECUTE FUNCTION juncai_refuse('public_notice_entry_is_append_only')"
        } else {
            "BEGIN SELECT RAISE(ABORT, 'public_notice_entry_is_append_only'); END"
        };
        let trigger = format!(
            "CREATE TRIGGER public_notice_entry_amount_fixed BEFORE UPDATE OF amount_fen \
             ON public_notice_entry {refuses}"
        );
        run(manager, &trigger).await
    }
}
