//! Where the roster changed between two days or two instants, and whatever a person's places ever
//! were, from an index.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEXES: &str = "
CREATE INDEX roster_entry_person ON roster_entry (person_id, status);
CREATE INDEX roster_entry_begins ON roster_entry (valid_from);
CREATE INDEX roster_entry_ends ON roster_entry (valid_to) WHERE valid_to IS NOT NULL;
CREATE INDEX roster_entry_recorded ON roster_entry (recorded_at);
CREATE INDEX roster_entry_given_up ON roster_entry (superseded_at) WHERE superseded_at IS NOT NULL;
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
