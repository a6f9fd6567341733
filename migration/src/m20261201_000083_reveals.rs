//! Who was shown a full number of whom, and what for.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "
CREATE TABLE reveal (
    id {id},
    account_id {int} NOT NULL REFERENCES account (id),
    person_id {int} REFERENCES person (id),
    enterprise_id {int} REFERENCES enterprise (id),
    number TEXT NOT NULL CHECK (number IN ('document', 'mobile', 'account', 'filed_account', 'contact')),
    purpose TEXT NOT NULL CHECK (purpose <> ''),
    note TEXT NOT NULL,
    day {date} NOT NULL,
    at {at} NOT NULL,
    CHECK (person_id IS NULL OR enterprise_id IS NULL),
    CHECK ((number = 'contact') = (person_id IS NULL AND enterprise_id IS NULL))
) {strict};
CREATE INDEX reveal_by ON reveal (account_id, day);
CREATE INDEX reveal_of_person ON reveal (person_id, id);
CREATE INDEX reveal_of_enterprise ON reveal (enterprise_id, id);
";

const COLUMNS: &[&str] =
    &["account_id", "person_id", "enterprise_id", "number", "purpose", "note", "day", "at"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLE).await?;
        append_only(manager, "reveal", COLUMNS, &[], "").await
    }
}
