//! Lists that are written beside the requests and fetched later; answers to forms and machines
//! under one table of keys.

use sea_orm_migration::prelude::*;

use crate::dialect::{run, widen_check};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// What was answered under a key was kept in two tables of one shape.
const ONE_TABLE: &str = "
INSERT INTO api_answer (key_hash, account_id, fingerprint, status, body, at)
    SELECT key_hash, account_id, fingerprint,
        CASE WHEN location = '' THEN NULL ELSE 303 END, location, at FROM idempotency_key;
DROP TABLE idempotency_key;
ALTER TABLE api_answer RENAME TO idempotency_key;
";

const TABLES: &str = "
CREATE TABLE export_job (
    id {id},
    export_no TEXT NOT NULL UNIQUE,
    account_id {int} NOT NULL REFERENCES account (id),
    list TEXT NOT NULL CHECK (list IN ('engineers', 'entitlements', 'cases')),
    criteria TEXT NOT NULL,
    conditions TEXT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose <> ''),
    seen_as TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'ready', 'failed', 'expired')),
    total {int} NOT NULL CHECK (total >= 0),
    done {int} NOT NULL CHECK (done >= 0),
    attempts {int} NOT NULL CHECK (attempts >= 0),
    message TEXT NOT NULL,
    asked_at {at} NOT NULL,
    finished_at {at},
    expires_at {at},
    lease_until {at} NOT NULL,
    store_name TEXT,
    size_bytes {int},
    sha256 TEXT,
    CHECK (state <> 'ready' OR (store_name IS NOT NULL AND size_bytes IS NOT NULL
        AND sha256 IS NOT NULL AND expires_at IS NOT NULL))
) {strict};
CREATE INDEX export_job_account ON export_job (account_id, id);
CREATE INDEX export_job_open ON export_job (lease_until) WHERE state IN ('queued', 'running');
CREATE INDEX export_job_kept ON export_job (expires_at) WHERE state = 'ready';
";

/// Why somebody is told, so far.
const KINDS: &[&str] = &["returned", "decided", "due_soon", "overdue", "delegated", "message"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, ONE_TABLE).await?;
        run(manager, TABLES).await?;
        let more = &["export_ready", "export_failed"];
        widen_check(manager, ("notification", "kind"), KINDS, more).await
    }
}
