//! Whether a person has a live entry or employment is answered from an index alone: the indexes that
//! were there led to the row to see whether it is live, a page read for every person of a list.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEXES: &str = "
DROP INDEX roster_entry_person;
CREATE INDEX roster_entry_person ON roster_entry (person_id, superseded_at, status);
DROP INDEX employment_of;
CREATE INDEX employment_of ON employment (person_id, superseded_at, enterprise_id);
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
