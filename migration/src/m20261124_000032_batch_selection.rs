//! A batch may be about the people of one city or one enterprise.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: &str = "
ALTER TABLE batch ADD COLUMN city_unit TEXT NOT NULL DEFAULT '';
ALTER TABLE batch ADD COLUMN enterprise_uscc TEXT NOT NULL DEFAULT '';
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, COLUMNS).await
    }
}
