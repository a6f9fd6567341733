//! The second factor of an account, and how long it was certain who sits at a session (ADR 0035).

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, refuse_update, run, widen_check};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// What was asked of the security administrator so far.
const ASKED: &[&str] = &["account", "duty", "password", "standing", "token"];

/// Why somebody is told, so far.
const TOLD: &[&str] = &[
    "returned",
    "decided",
    "suspended",
    "removal_announced",
    "due_soon",
    "overdue",
    "escalated",
    "delegated",
    "message",
    "cosign_asked",
    "cosign_done",
    "export_ready",
    "export_failed",
    "webhook_failed",
    "password_reset",
];

const TABLES: &str = "
CREATE TABLE second_factor (
    id {id},
    account_id {int} NOT NULL REFERENCES account (id),
    secret_cipher {bytes} NOT NULL,
    enrolled_at {at} NOT NULL,
    last_step {int} NOT NULL,
    ended_at {at}
) {strict};
CREATE UNIQUE INDEX second_factor_one_in_use ON second_factor (account_id) WHERE ended_at IS NULL;
CREATE TABLE recovery_code (
    id {id},
    factor_id {int} NOT NULL REFERENCES second_factor (id),
    code_hash TEXT NOT NULL UNIQUE,
    made_at {at} NOT NULL,
    used_at {at}
) {strict};
CREATE INDEX recovery_code_of ON recovery_code (factor_id);
ALTER TABLE session ADD COLUMN stepped_up_until {at};
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        widen_check(manager, ("account_request", "kind"), ASKED, &["second_factor"]).await?;
        let more = &["account_security", "many_reveals"];
        widen_check(manager, ("notification", "kind"), TOLD, more).await?;
        run(manager, TABLES).await?;
        let factor = &["account_id", "secret_cipher", "enrolled_at", "last_step", "ended_at"];
        let changes = &["last_step", "ended_at"];
        append_only(manager, "second_factor", factor, changes, "OLD.ended_at IS NULL").await?;
        // A code is taken once, however many ask at a time.
        let used = ("second_factor_code_used", "NEW.last_step <= OLD.last_step");
        refuse_update(manager, "second_factor", used.0, "last_step", used.1).await?;
        let code = &["factor_id", "code_hash", "made_at", "used_at"];
        append_only(manager, "recovery_code", code, &["used_at"], "OLD.used_at IS NULL").await
    }
}
