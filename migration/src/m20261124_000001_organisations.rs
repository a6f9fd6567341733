//! Who works here: organisations, accounts, sessions, and the log of what they did.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, refusing_function, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE installation (
    id {id},
    kind TEXT NOT NULL CHECK (kind IN ('production', 'demo')),
    clock_offset_s {int} NOT NULL,
    created_at {at} NOT NULL
) {strict};

CREATE TABLE enterprise (
    id {id},
    uscc TEXT NOT NULL UNIQUE,
    created_at {at} NOT NULL
) {strict};

CREATE TABLE organisation (
    id {id},
    code TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN
        ('administration', 'hr_office', 'finance_office', 'audit_office', 'enterprise')),
    name TEXT NOT NULL,
    division TEXT NOT NULL,
    enterprise_id {int} UNIQUE REFERENCES enterprise (id),
    created_at {at} NOT NULL,
    CHECK ((kind = 'enterprise') = (enterprise_id IS NOT NULL))
) {strict};

CREATE TABLE account_holder (
    id {id},
    name TEXT NOT NULL,
    staff_no TEXT NOT NULL UNIQUE,
    created_at {at} NOT NULL
) {strict};

CREATE TABLE account (
    id {id},
    login TEXT NOT NULL UNIQUE,
    holder_id {int} NOT NULL REFERENCES account_holder (id),
    organisation_id {int} NOT NULL REFERENCES organisation (id),
    role TEXT NOT NULL CHECK (role IN
        ('enterprise_clerk', 'enterprise_head', 'hr_county', 'hr_city', 'hr_province',
         'finance_maker', 'finance_checker', 'finance_approver', 'auditor', 'administrator')),
    password_hash TEXT NOT NULL,
    must_change_password {bool} NOT NULL,
    disabled_at {at},
    created_at {at} NOT NULL
) {strict};

CREATE TABLE session (
    id {id},
    token_hash TEXT NOT NULL UNIQUE,
    account_id {int} NOT NULL REFERENCES account (id),
    csrf_token TEXT NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    created_at {at} NOT NULL,
    last_seen_at {at} NOT NULL,
    expires_at {at} NOT NULL,
    revoked_at {at}
) {strict};
CREATE INDEX session_account ON session (account_id);

CREATE TABLE sign_in_attempt (
    id {id},
    login_key TEXT NOT NULL,
    address TEXT NOT NULL,
    succeeded {bool} NOT NULL,
    at {at} NOT NULL
) {strict};
CREATE INDEX sign_in_attempt_login ON sign_in_attempt (login_key, at);
CREATE INDEX sign_in_attempt_address ON sign_in_attempt (address, at);

CREATE TABLE setup_link (
    id {id},
    token_hash TEXT NOT NULL UNIQUE,
    created_at {at} NOT NULL,
    used_at {at}
) {strict};

CREATE TABLE idempotency_key (
    id {id},
    key_hash TEXT NOT NULL UNIQUE,
    account_id {int} NOT NULL REFERENCES account (id),
    fingerprint TEXT NOT NULL,
    location TEXT NOT NULL,
    at {at} NOT NULL
) {strict};

CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value {int} NOT NULL
) {strict};

CREATE TABLE audit_event (
    id {id},
    organisation_id {int} NOT NULL REFERENCES organisation (id),
    seq {int} NOT NULL CHECK (seq > 0),
    at {at} NOT NULL,
    login TEXT NOT NULL,
    role TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_no TEXT NOT NULL,
    detail TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (organisation_id, seq)
) {strict};
CREATE INDEX audit_event_object ON audit_event (object_kind, object_no);
CREATE INDEX audit_event_at ON audit_event (at);

CREATE TABLE audit_head (
    organisation_id {int} PRIMARY KEY REFERENCES organisation (id),
    seq {int} NOT NULL,
    hash TEXT NOT NULL
) {strict};

CREATE TABLE audit_seal (
    id {id},
    seq {int} NOT NULL UNIQUE,
    at {at} NOT NULL,
    heads TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
) {strict};
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        refusing_function(manager).await?;
        run(manager, TABLES).await?;
        let event = [
            "organisation_id",
            "seq",
            "at",
            "login",
            "role",
            "address",
            "action",
            "object_kind",
            "object_no",
            "detail",
            "prev_hash",
            "hash",
        ];
        append_only(manager, "audit_event", &event, &[], "").await?;
        append_only(manager, "audit_seal", &["seq", "at", "heads", "prev_hash", "hash"], &[], "")
            .await
    }
}
