//! A recognition goes to another enterprise: that enterprise's confirmation is kept, and only by one
//! does a file change its enterprise.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, fixed_columns, guard_update, is_postgres, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "
CREATE TABLE recognition_transfer (
    id {id},
    case_id {int} NOT NULL REFERENCES case_file (id),
    step_seq {int} NOT NULL,
    from_enterprise_id {int} NOT NULL REFERENCES enterprise (id),
    enterprise_id {int} NOT NULL REFERENCES enterprise (id),
    CHECK (enterprise_id <> from_enterprise_id)
) {strict};
CREATE UNIQUE INDEX recognition_transfer_step ON recognition_transfer (case_id, step_seq);
";

const COLUMNS: &[&str] = &["case_id", "step_seq", "from_enterprise_id", "enterprise_id"];

/// What of a file still never changes.
const FIXED: &[&str] = &["id", "case_no", "kind", "person_id", "about", "opened_by", "opened_at"];

const UNCONFIRMED: &str = "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM recognition_transfer t \
     WHERE t.case_id = OLD.id AND t.from_enterprise_id = OLD.enterprise_id \
     AND t.enterprise_id = NEW.enterprise_id)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLE).await?;
        append_only(manager, "recognition_transfer", COLUMNS, &[], "").await?;
        let of_table = if is_postgres(manager) { " ON case_file" } else { "" };
        run(manager, &format!("DROP TRIGGER case_file_no_update{of_table}")).await?;
        fixed_columns(manager, "case_file", "case_file_no_update", FIXED).await?;
        let guard = ("case_file_keeps_enterprise", "enterprise_id");
        guard_update(manager, "case_file", guard, "1 = 1", "", UNCONFIRMED).await
    }
}
