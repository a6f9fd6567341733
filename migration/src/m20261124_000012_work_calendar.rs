//! Working days of a year as the State Council arranged them: a text that one person reads in and
//! another one confirms. A later arrangement of a year is another version.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE work_calendar (
    id {id},
    calendar_year {int} NOT NULL CHECK (calendar_year BETWEEN 2000 AND 2200),
    version {int} NOT NULL CHECK (version > 0),
    days_off TEXT NOT NULL,
    working_days TEXT NOT NULL,
    announced_on {date} NOT NULL,
    source_id {int} NOT NULL REFERENCES source_document (id),
    proposed_by {int} NOT NULL REFERENCES account (id),
    proposed_holder {int} NOT NULL REFERENCES account_holder (id),
    proposed_at {at} NOT NULL,
    decided_by {int} REFERENCES account (id),
    decided_holder {int} REFERENCES account_holder (id),
    decided_at {at},
    accepted {bool},
    note TEXT,
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_holder IS NULL)),
    CHECK ((decided_at IS NULL) = (accepted IS NULL)),
    CONSTRAINT calendar_two_people
        CHECK (accepted IS NULL OR NOT accepted OR proposed_holder <> decided_holder)
) {strict};
CREATE UNIQUE INDEX work_calendar_version ON work_calendar (calendar_year, version);
CREATE UNIQUE INDEX work_calendar_one_open
    ON work_calendar (calendar_year) WHERE decided_at IS NULL;
";

const COLUMNS: &[&str] = &[
    "calendar_year",
    "version",
    "days_off",
    "working_days",
    "announced_on",
    "source_id",
    "proposed_by",
    "proposed_holder",
    "proposed_at",
];

const DECISION: &[&str] = &["decided_by", "decided_holder", "decided_at", "accepted", "note"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let columns = [COLUMNS, DECISION].concat();
        append_only(manager, "work_calendar", &columns, DECISION, "OLD.decided_at IS NULL").await
    }
}
