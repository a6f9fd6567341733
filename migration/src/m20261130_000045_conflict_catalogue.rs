//! The conflict catalogue: for an award year, what awards of a group take away from the stipend,
//! or how two groups stand to each other. Proposed by one person, decided by another; an entry
//! accepted later takes the place of the one before, which stays.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE catalogue_entry (
    id {id},
    entry_no TEXT NOT NULL UNIQUE,
    award_year {int} NOT NULL,
    counterpart TEXT NOT NULL CHECK (counterpart <> ''),
    group_code TEXT NOT NULL CHECK (group_code <> ''),
    group_name TEXT NOT NULL CHECK (group_name <> ''),
    relation TEXT NOT NULL CHECK (relation IN ('stack', 'top_up', 'exclude', 'by_policy')),
    basis TEXT NOT NULL CHECK (basis <> ''),
    document_no TEXT NOT NULL CHECK (document_no <> ''),
    proposed_by {int} NOT NULL REFERENCES account_holder (id),
    proposed_at {at} NOT NULL,
    decided_by {int} REFERENCES account_holder (id),
    decided_at {at},
    accepted {bool},
    note TEXT NOT NULL,
    CONSTRAINT catalogue_two_people CHECK (decided_by IS NULL OR decided_by <> proposed_by),
    CHECK (counterpart <> group_code),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK ((decided_by IS NULL) = (accepted IS NULL))
) {strict};
CREATE UNIQUE INDEX catalogue_entry_one_open
    ON catalogue_entry (award_year, counterpart, group_code) WHERE decided_at IS NULL;
CREATE INDEX catalogue_entry_known ON catalogue_entry (award_year, decided_at) WHERE accepted;
";

const COLUMNS: &[&str] = &[
    "entry_no",
    "award_year",
    "counterpart",
    "group_code",
    "group_name",
    "relation",
    "basis",
    "document_no",
    "proposed_by",
    "proposed_at",
    "decided_by",
    "decided_at",
    "accepted",
    "note",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let decision = &["decided_by", "decided_at", "accepted", "note"];
        append_only(manager, "catalogue_entry", COLUMNS, decision, "OLD.decided_at IS NULL").await
    }
}
