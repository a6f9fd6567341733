//! What an official's desk needs: kept filters, standing in for somebody, declared relations, and
//! defects that are told point by point.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, fixed_columns, run};
use crate::fact::{Fact, TEXT};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE saved_filter (
    id {id},
    account_id {int} NOT NULL REFERENCES account (id),
    name TEXT NOT NULL CHECK (name <> ''),
    conditions TEXT NOT NULL,
    is_default {bool} NOT NULL,
    saved_at {at} NOT NULL
) {strict};
CREATE UNIQUE INDEX saved_filter_name ON saved_filter (account_id, name);
CREATE UNIQUE INDEX saved_filter_one_default ON saved_filter (account_id) WHERE is_default;

CREATE TABLE delegation (
    id {id},
    giver_id {int} NOT NULL REFERENCES account (id),
    taker_id {int} NOT NULL REFERENCES account (id),
    case_id {int} REFERENCES case_file (id),
    starts_on {date} NOT NULL,
    ends_on {date} NOT NULL,
    document_no TEXT NOT NULL CHECK (document_no <> ''),
    reason TEXT NOT NULL,
    recorded_at {at} NOT NULL,
    ended_at {at},
    ended_by {int} REFERENCES account (id),
    CHECK (giver_id <> taker_id),
    CHECK (ends_on >= starts_on),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) {strict};
CREATE INDEX delegation_taker ON delegation (taker_id, ends_on);
CREATE INDEX delegation_giver ON delegation (giver_id, ends_on);

CREATE TABLE case_defect (
    id {id},
    case_id {int} NOT NULL REFERENCES case_file (id),
    step_seq {int} NOT NULL CHECK (step_seq > 0),
    seq {int} NOT NULL CHECK (seq > 0),
    field TEXT NOT NULL,
    label TEXT NOT NULL,
    text TEXT NOT NULL CHECK (text <> '')
) {strict};
CREATE UNIQUE INDEX case_defect_seq ON case_defect (case_id, step_seq, seq);

ALTER TABLE case_step ADD COLUMN for_account_id {int} REFERENCES account (id);
ALTER TABLE case_step ADD COLUMN for_holder_id {int} REFERENCES account_holder (id);
";

const RELATION: Fact = Fact {
    table: "declared_relation",
    anchor: ("account_holder", "holder_id"),
    own: &[
        ("relation", "TEXT NOT NULL CHECK (relation IN ('kin', 'former_employer', 'interest'))"),
        ("enterprise_id", "{int} REFERENCES enterprise (id)"),
        ("person_id", "{int} REFERENCES person (id)"),
        ("note", TEXT),
    ],
    clashes: None,
};

const DELEGATION: &[&str] = &[
    "giver_id",
    "taker_id",
    "case_id",
    "starts_on",
    "ends_on",
    "document_no",
    "reason",
    "recorded_at",
    "ended_at",
    "ended_by",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        RELATION.create(manager).await?;
        let ending = &["ended_at", "ended_by"];
        append_only(manager, "delegation", DELEGATION, ending, "OLD.ended_at IS NULL").await?;
        let defect = &["case_id", "step_seq", "seq", "field", "label", "text"];
        append_only(manager, "case_defect", defect, &[], "").await?;
        let behalf = ["for_account_id", "for_holder_id"];
        fixed_columns(manager, "case_step", "case_step_behalf_fixed", &behalf).await
    }
}
