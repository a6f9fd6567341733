//! The persons whose amount a run changed can be exported.

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
        let lists = ["engineers", "entitlements", "cases", "scenario_changes"];
        widen_check(manager, ("export_job", "list"), &lists, &["run_changes"]).await
    }
}
