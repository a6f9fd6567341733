//! Who looked at a person's record, so that the person can see it.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE record_view (
    id {id},
    person_id {int} NOT NULL REFERENCES person (id),
    account_id {int} NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL CHECK (kind IN ('record', 'year', 'looked_up', 'exported')),
    on_day {date} NOT NULL,
    first_at {at} NOT NULL
) {strict};
CREATE UNIQUE INDEX record_view_once_a_day ON record_view (person_id, account_id, kind, on_day);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let all = &["person_id", "account_id", "kind", "on_day", "first_at"];
        append_only(manager, "record_view", all, &[], "").await
    }
}
