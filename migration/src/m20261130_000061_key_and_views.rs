//! By which key a database is sealed, so that another is noticed; and which seal of the log covers a
//! look at a record.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, refuse_update, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE key_check (
    id {int} PRIMARY KEY,
    value TEXT NOT NULL UNIQUE CHECK (value <> ''),
    recorded_at {at} NOT NULL
) {strict};

ALTER TABLE record_view ADD COLUMN sealed_in {int};
CREATE INDEX record_view_sealed ON record_view (sealed_in, id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        append_only(manager, "key_check", &["value", "recorded_at"], &[], "").await?;
        let name = "record_view_sealed_once";
        refuse_update(manager, "record_view", name, "sealed_in", "OLD.sealed_in IS NOT NULL").await
    }
}
