//! Foreigners of one name and nationality are likely one person where a passport tells no birth date.

use sea_orm_migration::prelude::*;

use crate::dialect::widen_check;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ("person_clue", "kind");
        widen_check(manager, column, &["identity", "mobile"], &["namesake"]).await
    }
}
