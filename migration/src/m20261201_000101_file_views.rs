//! Whoever opens the file of a person is told of to the person as well.

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
        let kinds = ["record", "year", "looked_up", "exported"];
        widen_check(manager, ("record_view", "kind"), &kinds, &["file"]).await
    }
}
