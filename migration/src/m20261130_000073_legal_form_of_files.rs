//! A recognition keeps what it is in law: filed for the record, as all were so far, or recommended.

use sea_orm_migration::prelude::*;

use crate::dialect::{fixed_columns, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMN: &str = "
ALTER TABLE recognition_file ADD COLUMN legal_form TEXT NOT NULL DEFAULT 'filing'
    CHECK (legal_form IN ('filing', 'recommendation'));
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, COLUMN).await?;
        let added = ["legal_form"];
        fixed_columns(manager, "recognition_file", "recognition_file_form_fixed", &added).await
    }
}
