//! Results of nominations as one person puts them down, typed or read from a table, until another one
//! confirms them: with a selection comes money that stands against the stipend.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "
CREATE TABLE nomination_ruling (
    id {id},
    ruling_no TEXT NOT NULL UNIQUE,
    programme_id {int} NOT NULL REFERENCES talent_programme (id),
    content TEXT NOT NULL,
    nominations {int} NOT NULL CHECK (nominations > 0),
    proposed_by {int} NOT NULL REFERENCES account_holder (id),
    proposed_at {at} NOT NULL,
    decided_by {int} REFERENCES account_holder (id),
    decided_at {at},
    accepted {bool},
    note TEXT NOT NULL,
    CONSTRAINT nomination_ruling_two_people CHECK (decided_by IS NULL OR decided_by <> proposed_by),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK ((decided_by IS NULL) = (accepted IS NULL))
) {strict};
CREATE INDEX nomination_ruling_open ON nomination_ruling (programme_id, id) WHERE decided_at IS NULL;
";

const COLUMNS: &[&str] = &[
    "ruling_no",
    "programme_id",
    "content",
    "nominations",
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
        run(manager, TABLE).await?;
        let decision = &["decided_by", "decided_at", "accepted", "note"];
        append_only(manager, "nomination_ruling", COLUMNS, decision, "OLD.decided_at IS NULL").await
    }
}
