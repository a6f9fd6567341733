//! What somebody typed into a long form and has not sent yet: one draft an account, form and
//! subject. A draft is no record; it is replaced and dropped.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE form_draft (
    id {id},
    account_id {int} NOT NULL REFERENCES account (id),
    form TEXT NOT NULL CHECK (form <> ''),
    subject TEXT NOT NULL,
    content_cipher {bytes} NOT NULL,
    saved_at {at} NOT NULL
) {strict};
CREATE UNIQUE INDEX form_draft_one ON form_draft (account_id, form, subject);
CREATE INDEX form_draft_saved ON form_draft (saved_at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await
    }
}
