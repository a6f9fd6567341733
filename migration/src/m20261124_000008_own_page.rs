//! A person's own page: the code that opens it, the passphrase, sessions, and what the person
//! says of what others filed.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE person_activation (
    id {id},
    person_id {int} NOT NULL REFERENCES person (id),
    code_hash TEXT NOT NULL,
    made_by {int} NOT NULL REFERENCES account (id),
    made_at {at} NOT NULL,
    expires_at {at} NOT NULL,
    closed_at {at}
) {strict};
CREATE UNIQUE INDEX person_activation_open ON person_activation (person_id)
    WHERE closed_at IS NULL;

CREATE TABLE person_access (
    id {id},
    person_id {int} NOT NULL UNIQUE REFERENCES person (id),
    passphrase_hash TEXT NOT NULL,
    changed_at {at} NOT NULL
) {strict};

CREATE TABLE person_session (
    id {id},
    token_hash TEXT NOT NULL UNIQUE,
    person_id {int} NOT NULL REFERENCES person (id),
    csrf_token TEXT NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    created_at {at} NOT NULL,
    last_seen_at {at} NOT NULL,
    expires_at {at} NOT NULL,
    revoked_at {at}
) {strict};
CREATE INDEX person_session_person ON person_session (person_id);

CREATE TABLE person_confirmation (
    id {id},
    person_id {int} NOT NULL REFERENCES person (id),
    roster_entry_id {int} REFERENCES roster_entry (id),
    bank_account_id {int} REFERENCES bank_account (id),
    agrees {bool} NOT NULL,
    note TEXT NOT NULL,
    at {at} NOT NULL,
    CHECK ((roster_entry_id IS NULL) <> (bank_account_id IS NULL))
) {strict};
CREATE INDEX person_confirmation_person ON person_confirmation (person_id);

CREATE TABLE dispute_answer (
    id {id},
    confirmation_id {int} NOT NULL UNIQUE REFERENCES person_confirmation (id),
    answered_by {int} NOT NULL REFERENCES account (id),
    note TEXT NOT NULL,
    at {at} NOT NULL
) {strict};
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let activation =
            ["person_id", "code_hash", "made_by", "made_at", "expires_at", "closed_at"];
        append_only(
            manager,
            "person_activation",
            &activation,
            &["closed_at"],
            "OLD.closed_at IS NULL",
        )
        .await?;
        let confirmation =
            ["person_id", "roster_entry_id", "bank_account_id", "agrees", "note", "at"];
        append_only(manager, "person_confirmation", &confirmation, &[], "").await?;
        let answer = ["confirmation_id", "answered_by", "note", "at"];
        append_only(manager, "dispute_answer", &answer, &[], "").await
    }
}
