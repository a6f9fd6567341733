//! Policy texts that somebody proposes and another person publishes, and the golden cases that come
//! with them. A changed expectation is another version of its case.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, guard_insert, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE policy_draft (
    id {id},
    draft_no TEXT NOT NULL UNIQUE,
    programme TEXT NOT NULL,
    title TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    content TEXT NOT NULL CHECK (content <> ''),
    base_document_id {int} NOT NULL REFERENCES policy_document (id),
    source_id {int} NOT NULL REFERENCES source_document (id),
    reason TEXT NOT NULL CHECK (reason <> ''),
    proposed_by {int} NOT NULL REFERENCES account (id),
    proposed_holder {int} NOT NULL REFERENCES account_holder (id),
    proposed_at {at} NOT NULL,
    decided_by {int} REFERENCES account (id),
    decided_holder {int} REFERENCES account_holder (id),
    decided_at {at},
    verdict TEXT CHECK (verdict IN ('published', 'refused', 'withdrawn')),
    note TEXT,
    policy_document_id {int} UNIQUE REFERENCES policy_document (id),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_holder IS NULL)),
    CHECK ((decided_at IS NULL) = (verdict IS NULL)),
    CHECK ((decided_at IS NULL) = (note IS NULL)),
    CHECK ((policy_document_id IS NOT NULL) = (verdict IS NOT NULL AND verdict = 'published')),
    CONSTRAINT policy_two_people
        CHECK (verdict IS NULL OR verdict <> 'published' OR proposed_holder <> decided_holder)
) {strict};
CREATE INDEX policy_draft_programme ON policy_draft (programme, id);

CREATE TABLE policy_case (
    id {id},
    programme TEXT NOT NULL,
    case_no {int} NOT NULL CHECK (case_no > 0),
    version {int} NOT NULL CHECK (version > 0),
    policy_document_id {int} REFERENCES policy_document (id),
    draft_id {int} REFERENCES policy_draft (id),
    content TEXT NOT NULL CHECK (content <> ''),
    reason TEXT NOT NULL,
    recorded_by {int} NOT NULL REFERENCES account (id),
    recorded_holder {int} NOT NULL REFERENCES account_holder (id),
    recorded_at {at} NOT NULL,
    CHECK ((policy_document_id IS NULL) <> (draft_id IS NULL)),
    CHECK (version = 1 OR reason <> ''),
    UNIQUE (programme, case_no, version)
) {strict};
";

const DRAFT: &[&str] = &[
    "draft_no",
    "programme",
    "title",
    "sha256",
    "content",
    "base_document_id",
    "source_id",
    "reason",
    "proposed_by",
    "proposed_holder",
    "proposed_at",
];

const DECISION: &[&str] =
    &["decided_by", "decided_holder", "decided_at", "verdict", "note", "policy_document_id"];

const CASE: &[&str] = &[
    "programme",
    "case_no",
    "version",
    "policy_document_id",
    "draft_id",
    "content",
    "reason",
    "recorded_by",
    "recorded_holder",
    "recorded_at",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let columns = [DRAFT, DECISION].concat();
        append_only(manager, "policy_draft", &columns, DECISION, "OLD.decided_at IS NULL").await?;
        append_only(manager, "policy_case", CASE, &[], "").await?;
        // The cases of a draft that is decided are those by which it was decided.
        guard_insert(
            manager,
            "policy_case",
            "policy_case_draft_is_open",
            "NEW.draft_id IS NOT NULL",
            "PERFORM 1 FROM policy_draft WHERE id = NEW.draft_id FOR UPDATE;",
            "SELECT 1 FROM policy_draft d WHERE d.id = NEW.draft_id AND d.decided_at IS NOT NULL",
        )
        .await
    }
}
