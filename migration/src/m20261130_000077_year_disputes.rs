//! A person objects to what a year came to, and an office answers.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "
CREATE TABLE year_dispute (
    id {id},
    person_id {int} NOT NULL REFERENCES person (id),
    award_year {int} NOT NULL,
    version {int} NOT NULL,
    note TEXT NOT NULL CHECK (note <> ''),
    at {at} NOT NULL,
    answered_by {int} REFERENCES account (id),
    answer TEXT NOT NULL,
    answered_at {at},
    CHECK ((answered_at IS NULL) = (answered_by IS NULL)),
    CHECK ((answered_at IS NULL) = (answer = ''))
) {strict};
CREATE UNIQUE INDEX year_dispute_one_open ON year_dispute (person_id, award_year)
    WHERE answered_at IS NULL;
CREATE INDEX year_dispute_person ON year_dispute (person_id, award_year, id);
CREATE INDEX year_dispute_open ON year_dispute (id) WHERE answered_at IS NULL;
";

const COLUMNS: &[&str] =
    &["person_id", "award_year", "version", "note", "at", "answered_by", "answer", "answered_at"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLE).await?;
        let answer = &["answered_by", "answer", "answered_at"];
        append_only(manager, "year_dispute", COLUMNS, answer, "OLD.answered_at IS NULL").await
    }
}
