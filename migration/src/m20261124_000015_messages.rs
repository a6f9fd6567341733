//! What people are told: messages in the program, and mails that wait to be sent.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE notification (
    id {id},
    account_id {int} NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL CHECK (kind IN ('returned', 'decided', 'due_soon', 'overdue', 'delegated')),
    case_id {int} REFERENCES case_file (id),
    occasion TEXT NOT NULL,
    title TEXT NOT NULL,
    at {at} NOT NULL,
    read_at {at},
    digested {bool} NOT NULL
) {strict};
CREATE UNIQUE INDEX notification_occasion ON notification (account_id, occasion);
CREATE INDEX notification_latest ON notification (account_id, id);

CREATE TABLE mail_preference (
    account_id {int} PRIMARY KEY REFERENCES account (id),
    rhythm TEXT NOT NULL CHECK (rhythm IN ('none', 'each', 'daily')),
    address_cipher {bytes},
    changed_at {at} NOT NULL,
    digested_on {date},
    CHECK (rhythm = 'none' OR address_cipher IS NOT NULL)
) {strict};

CREATE TABLE mail_outbox (
    id {id},
    account_id {int} NOT NULL REFERENCES account (id),
    address_cipher {bytes} NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'given_up')),
    attempts {int} NOT NULL CHECK (attempts >= 0),
    due_at {at} NOT NULL,
    written_at {at} NOT NULL,
    closed_at {at},
    CHECK ((state = 'waiting') = (closed_at IS NULL))
) {strict};
CREATE INDEX mail_outbox_due ON mail_outbox (state, due_at);
";

const NOTIFICATION: &[&str] =
    &["account_id", "kind", "case_id", "occasion", "title", "at", "read_at", "digested"];

const OUTBOX: &[&str] = &[
    "account_id",
    "address_cipher",
    "subject",
    "body",
    "state",
    "attempts",
    "due_at",
    "written_at",
    "closed_at",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        append_only(manager, "notification", NOTIFICATION, &["read_at", "digested"], "").await?;
        let sending = &["state", "attempts", "due_at", "closed_at"];
        append_only(manager, "mail_outbox", OUTBOX, sending, "OLD.state = 'waiting'").await
    }
}
