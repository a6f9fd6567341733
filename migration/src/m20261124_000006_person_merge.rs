//! Persons who were registered twice: clues that find them, pairs that people called different,
//! merges that two people decide and can take back.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, guard_insert, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE person_clue (
    id {id},
    person_id {int} NOT NULL REFERENCES person (id),
    kind TEXT NOT NULL CHECK (kind IN ('identity', 'mobile')),
    first_fact_id {int} NOT NULL,
    second_fact_id {int} NOT NULL,
    clue TEXT NOT NULL,
    UNIQUE (kind, first_fact_id, second_fact_id)
) {strict};
CREATE INDEX person_clue_clue ON person_clue (kind, clue);

CREATE TABLE duplicate_dismissal (
    id {id},
    low_id {int} NOT NULL REFERENCES person (id),
    high_id {int} NOT NULL REFERENCES person (id),
    reasons TEXT NOT NULL,
    explanation TEXT NOT NULL,
    recorded_by {int} NOT NULL REFERENCES account (id),
    recorded_at {at} NOT NULL,
    CHECK (low_id < high_id)
) {strict};
CREATE INDEX duplicate_dismissal_pair ON duplicate_dismissal (low_id, high_id);

CREATE TABLE person_merge (
    id {id},
    merge_no TEXT NOT NULL UNIQUE,
    leading_id {int} NOT NULL REFERENCES person (id),
    merged_id {int} NOT NULL REFERENCES person (id),
    recorded_at {at} NOT NULL,
    recorded_by {int} NOT NULL REFERENCES account (id),
    source_id {int} NOT NULL REFERENCES source_document (id),
    reason TEXT NOT NULL,
    undone_at {at},
    undone_source_id {int} REFERENCES source_document (id),
    CHECK (leading_id <> merged_id),
    CHECK ((undone_at IS NULL) = (undone_source_id IS NULL))
) {strict};
CREATE UNIQUE INDEX person_merge_once ON person_merge (merged_id) WHERE undone_at IS NULL;
CREATE INDEX person_merge_leading ON person_merge (leading_id);

CREATE TABLE merge_request (
    id {id},
    request_no TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('merge', 'undo')),
    leading_id {int} NOT NULL REFERENCES person (id),
    merged_id {int} NOT NULL REFERENCES person (id),
    merge_id {int} REFERENCES person_merge (id),
    reason TEXT NOT NULL,
    document_no TEXT NOT NULL,
    proposed_by {int} NOT NULL REFERENCES account (id),
    proposed_holder {int} NOT NULL REFERENCES account_holder (id),
    proposed_at {at} NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'rejected')),
    decided_by {int} REFERENCES account (id),
    decided_holder {int} REFERENCES account_holder (id),
    decided_at {at},
    decision TEXT NOT NULL,
    CHECK (leading_id <> merged_id),
    CHECK ((state = 'open') = (decided_holder IS NULL)),
    CONSTRAINT merge_two_people CHECK (state <> 'confirmed' OR decided_holder <> proposed_holder)
) {strict};
CREATE UNIQUE INDEX merge_request_one_open ON merge_request (merged_id) WHERE state = 'open';
CREATE INDEX merge_request_leading ON merge_request (leading_id);
";

const CLUE: &[&str] = &["person_id", "kind", "first_fact_id", "second_fact_id", "clue"];
const DISMISSAL: &[&str] =
    &["low_id", "high_id", "reasons", "explanation", "recorded_by", "recorded_at"];
const MERGE: &[&str] = &[
    "merge_no",
    "leading_id",
    "merged_id",
    "recorded_at",
    "recorded_by",
    "source_id",
    "reason",
    "undone_at",
    "undone_source_id",
];
const REQUEST: &[&str] = &[
    "request_no",
    "kind",
    "leading_id",
    "merged_id",
    "reason",
    "document_no",
    "proposed_by",
    "proposed_holder",
    "proposed_at",
    "merge_id",
    "state",
    "decided_by",
    "decided_holder",
    "decided_at",
    "decision",
];
const DECISION: &[&str] =
    &["merge_id", "state", "decided_by", "decided_holder", "decided_at", "decision"];

/// A person who leads others is not merged, and nobody is merged into a merged one.
const CHAIN: &str = "
    SELECT 1 FROM person_merge m WHERE m.undone_at IS NULL
    AND (m.merged_id = NEW.leading_id OR m.leading_id = NEW.merged_id)";

/// The live rows of `table` about somebody whom a merge makes the same person as `NEW.person_id`,
/// with a day in common. `same` narrows which rows can clash.
fn of_the_same_person(table: &str, same: &str) -> String {
    let leading = "COALESCE((SELECT m.leading_id FROM person_merge m \
         WHERE m.merged_id = NEW.person_id AND m.undone_at IS NULL), NEW.person_id)";
    format!(
        "SELECT 1 FROM {table} o WHERE o.superseded_at IS NULL AND o.person_id <> NEW.person_id \
         AND (o.person_id = {leading} OR o.person_id IN (SELECT g.merged_id FROM person_merge g \
              WHERE g.leading_id = {leading} AND g.undone_at IS NULL)) \
         AND ({same}) \
         AND (NEW.valid_to IS NULL OR o.valid_from < NEW.valid_to) \
         AND (o.valid_to IS NULL OR NEW.valid_from < o.valid_to)"
    )
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        append_only(manager, "person_clue", CLUE, &[], "").await?;
        append_only(manager, "duplicate_dismissal", DISMISSAL, &[], "").await?;
        let undone = ["undone_at", "undone_source_id"];
        append_only(manager, "person_merge", MERGE, &undone, "OLD.undone_at IS NULL").await?;
        append_only(manager, "merge_request", REQUEST, DECISION, "OLD.state = 'open'").await?;
        let lock = "PERFORM 1 FROM person WHERE id IN (NEW.leading_id, NEW.merged_id) \
                    ORDER BY id FOR UPDATE;";
        guard_insert(manager, "person_merge", "person_merge_chain", "1 = 1", lock, CHAIN).await?;
        let lock = "PERFORM 1 FROM person WHERE id = NEW.person_id FOR UPDATE;";
        for (table, name, same) in [
            ("roster_entry", "merged_roster_overlap", "1 = 1"),
            (
                "employment",
                "merged_employment_overlap",
                "o.full_time = TRUE AND NEW.full_time = TRUE",
            ),
        ] {
            let found = of_the_same_person(table, same);
            guard_insert(manager, table, name, "NEW.superseded_at IS NULL", lock, &found).await?;
        }
        Ok(())
    }
}
