//! Two indexes whose columns stand in the order of what lists ask. The one by which entries of an
//! enterprise are found holds what says whether an entry held on a day as known at an instant, so that a
//! roster is counted without looking at its rows; who stands on it now is found by `roster_entry_live`. The
//! one that lets a year stand once is in the order of the ledger, which SQLite otherwise sorts for each
//! page when no year is asked for.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEXES: &str = "
DROP INDEX roster_entry_enterprise;
CREATE INDEX roster_entry_enterprise
    ON roster_entry (enterprise_id, status, valid_from, valid_to, recorded_at, superseded_at);
DROP INDEX entitlement_one_live;
CREATE UNIQUE INDEX entitlement_one_live
    ON entitlement (subject_no, person_id, award_year DESC, programme)
    WHERE superseded_at IS NULL;
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
