//! What somebody exports again and again: a list, its filter and its columns under a name.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "
CREATE TABLE export_template (
    id {id},
    account_id {int} NOT NULL REFERENCES account (id),
    name TEXT NOT NULL CHECK (name <> ''),
    list TEXT NOT NULL,
    criteria TEXT NOT NULL,
    saved_at {at} NOT NULL
) {strict};
CREATE UNIQUE INDEX export_template_name ON export_template (account_id, name);
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
