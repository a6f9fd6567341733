//! Signatures that an officer asks for before deciding a file: the requests, whom they went to, and
//! what was answered. A request changes once, when it ends; an answer never.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, guard_insert, run, widen_check};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE cosign_request (
    id {id},
    case_id {int} NOT NULL REFERENCES case_file (id),
    step_no {int} NOT NULL CHECK (step_no >= 0),
    state TEXT NOT NULL,
    question TEXT NOT NULL CHECK (question <> ''),
    signers {int} NOT NULL CHECK (signers BETWEEN 1 AND 7),
    needed {int} NOT NULL CHECK (needed BETWEEN 1 AND 7),
    due_on {date},
    asked_by {int} NOT NULL REFERENCES account (id),
    asked_holder {int} NOT NULL REFERENCES account_holder (id),
    for_account_id {int} REFERENCES account (id),
    for_holder_id {int} REFERENCES account_holder (id),
    organisation_id {int} NOT NULL REFERENCES organisation (id),
    asked_at {at} NOT NULL,
    ended_at {at},
    ending TEXT CHECK (ending IN ('met', 'cancelled', 'closed', 'lapsed')),
    ended_by {int} REFERENCES account (id),
    note TEXT NOT NULL,
    CHECK (needed <= signers),
    CHECK ((for_account_id IS NULL) = (for_holder_id IS NULL)),
    CHECK ((ended_at IS NULL) = (ending IS NULL)),
    CHECK (ended_by IS NULL OR ended_at IS NOT NULL),
    CHECK (ending IS NULL OR ending NOT IN ('cancelled', 'closed') OR note <> '')
) {strict};
CREATE UNIQUE INDEX cosign_request_one_open ON cosign_request (case_id) WHERE ended_at IS NULL;
CREATE INDEX cosign_request_case ON cosign_request (case_id, id);

CREATE TABLE cosign_signer (
    id {id},
    request_id {int} NOT NULL REFERENCES cosign_request (id),
    account_id {int} NOT NULL REFERENCES account (id),
    holder_id {int} NOT NULL REFERENCES account_holder (id),
    organisation_id {int} NOT NULL REFERENCES organisation (id),
    UNIQUE (request_id, holder_id)
) {strict};
CREATE INDEX cosign_signer_account ON cosign_signer (account_id, request_id);
CREATE INDEX cosign_signer_holder ON cosign_signer (holder_id, request_id);

CREATE TABLE cosign_answer (
    id {id},
    signer_id {int} NOT NULL UNIQUE REFERENCES cosign_signer (id),
    agrees {bool} NOT NULL,
    opinion TEXT NOT NULL,
    at {at} NOT NULL,
    CHECK (agrees OR opinion <> '')
) {strict};
";

const REQUEST: &[&str] = &[
    "case_id",
    "step_no",
    "state",
    "question",
    "signers",
    "needed",
    "due_on",
    "asked_by",
    "asked_holder",
    "for_account_id",
    "for_holder_id",
    "organisation_id",
    "asked_at",
    "ended_at",
    "ending",
    "ended_by",
    "note",
];
/// What the end of a request adds.
const END: &[&str] = &["ended_at", "ending", "ended_by", "note"];
const SIGNER: &[&str] = &["request_id", "account_id", "holder_id", "organisation_id"];
const ANSWER: &[&str] = &["signer_id", "agrees", "opinion", "at"];

const KINDS: &[&str] = &[
    "returned",
    "decided",
    "due_soon",
    "overdue",
    "delegated",
    "message",
    "export_ready",
    "export_failed",
];

/// An answer to a request that has ended says nothing.
async fn refuse_late_answers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let of = "FROM cosign_signer s JOIN cosign_request r ON r.id = s.request_id \
              WHERE s.id = NEW.signer_id";
    let lock = format!("PERFORM 1 {of} FOR UPDATE OF r;");
    let over = format!("SELECT 1 {of} AND r.ended_at IS NOT NULL");
    let name = "cosign_answer_in_time";
    guard_insert(manager, "cosign_answer", name, "NEW.signer_id IS NOT NULL", &lock, &over).await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        append_only(manager, "cosign_request", REQUEST, END, "OLD.ended_at IS NULL").await?;
        append_only(manager, "cosign_signer", SIGNER, &[], "").await?;
        append_only(manager, "cosign_answer", ANSWER, &[], "").await?;
        refuse_late_answers(manager).await?;
        widen_check(manager, ("notification", "kind"), KINDS, &["cosign_asked", "cosign_done"])
            .await
    }
}
