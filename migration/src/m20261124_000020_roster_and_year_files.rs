//! What a roster file and a file of a year are about.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE roster_file (
    id {id},
    case_id {int} NOT NULL UNIQUE REFERENCES case_file (id),
    entry_id {int} NOT NULL REFERENCES roster_entry (id)
) {strict};
CREATE INDEX roster_file_entry ON roster_file (entry_id);
CREATE INDEX roster_entry_supersedes ON roster_entry (supersedes_id);

CREATE TABLE yearly_file (
    id {id},
    case_id {int} NOT NULL UNIQUE REFERENCES case_file (id),
    person_id {int} NOT NULL REFERENCES person (id),
    programme TEXT NOT NULL,
    award_year {int} NOT NULL
) {strict};
CREATE UNIQUE INDEX yearly_file_once ON yearly_file (person_id, programme, award_year);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        append_only(manager, "roster_file", &["case_id", "entry_id"], &[], "").await?;
        let about = &["case_id", "person_id", "programme", "award_year"];
        append_only(manager, "yearly_file", about, &[], "").await
    }
}
