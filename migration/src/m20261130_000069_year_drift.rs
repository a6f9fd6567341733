//! How many persons' facts about a decided year changed since the year was last computed: counted by
//! the program now and then, since it takes a look at every fact.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "
CREATE TABLE year_drift (
    id {id},
    programme TEXT NOT NULL,
    award_year {int} NOT NULL,
    persons {int} NOT NULL CHECK (persons >= 0),
    counted_at {at} NOT NULL,
    CONSTRAINT year_drift_once UNIQUE (programme, award_year)
) {strict};
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLE).await
    }
}
