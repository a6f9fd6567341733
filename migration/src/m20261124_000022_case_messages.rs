//! Messages that stay with a file, between the office that has it and the enterprise it belongs to.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run, widen_check};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE case_message (
    id {id},
    case_id {int} NOT NULL REFERENCES case_file (id),
    side TEXT NOT NULL CHECK (side IN ('office', 'enterprise')),
    organisation_id {int} NOT NULL REFERENCES organisation (id),
    account_id {int} NOT NULL REFERENCES account (id),
    holder_id {int} NOT NULL REFERENCES account_holder (id),
    for_account_id {int} REFERENCES account (id),
    for_holder_id {int} REFERENCES account_holder (id),
    text TEXT NOT NULL CHECK (text <> ''),
    at {at} NOT NULL,
    CHECK ((for_account_id IS NULL) = (for_holder_id IS NULL))
) {strict};
CREATE INDEX case_message_case ON case_message (case_id, id);
";

const COLUMNS: &[&str] = &[
    "case_id",
    "side",
    "organisation_id",
    "account_id",
    "holder_id",
    "for_account_id",
    "for_holder_id",
    "text",
    "at",
];

const KINDS: &[&str] = &["returned", "decided", "due_soon", "overdue", "delegated"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        append_only(manager, "case_message", COLUMNS, &[], "").await?;
        widen_check(manager, ("notification", "kind"), KINDS, &["message"]).await
    }
}
