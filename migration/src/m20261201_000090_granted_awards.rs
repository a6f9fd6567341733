//! What files granted to a person for a year, from an index by itself: computations read it for
//! everybody, and most results are those of runs.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEX: &str = "
CREATE INDEX entitlement_granted ON entitlement (person_id, award_year) WHERE subject_no <> '';
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, INDEX).await
    }
}
