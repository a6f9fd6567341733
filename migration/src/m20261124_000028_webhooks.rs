//! Programs that are told of what happened: their endpoints, and what waits to be sent to them.
//! And databases that were made to test with, where the date can be set.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, fixed_columns, run, widen_check};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE webhook_endpoint (
    id {id},
    endpoint_no TEXT NOT NULL UNIQUE,
    account_id {int} NOT NULL REFERENCES account (id),
    url TEXT NOT NULL CHECK (url <> ''),
    kinds TEXT NOT NULL CHECK (kinds <> ''),
    made_by {int} NOT NULL REFERENCES account (id),
    made_at {at} NOT NULL,
    secret_cipher {bytes} NOT NULL,
    old_secret_cipher {bytes},
    old_secret_until {at},
    is_enabled {bool} NOT NULL,
    failing_since {at},
    deleted_by {int} REFERENCES account (id),
    deleted_at {at},
    CHECK ((old_secret_cipher IS NULL) = (old_secret_until IS NULL)),
    CHECK ((deleted_by IS NULL) = (deleted_at IS NULL))
) {strict};
CREATE INDEX webhook_endpoint_account ON webhook_endpoint (account_id, id);

CREATE TABLE webhook_delivery (
    id {id},
    message_id TEXT NOT NULL UNIQUE,
    endpoint_id {int} NOT NULL REFERENCES webhook_endpoint (id),
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    written_at {at} NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up', 'dropped')),
    attempts {int} NOT NULL CHECK (attempts >= 0),
    due_at {at} NOT NULL,
    tried_at {at},
    response_code {int},
    fault TEXT,
    closed_at {at},
    CHECK ((state = 'waiting') = (closed_at IS NULL))
) {strict};
CREATE INDEX webhook_delivery_endpoint ON webhook_delivery (endpoint_id, id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (due_at, endpoint_id) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_closed ON webhook_delivery (closed_at);
";

const ENDPOINT: &[&str] = &[
    "endpoint_no",
    "account_id",
    "url",
    "kinds",
    "made_by",
    "made_at",
    "secret_cipher",
    "old_secret_cipher",
    "old_secret_until",
    "is_enabled",
    "failing_since",
    "deleted_by",
    "deleted_at",
];
/// What changes while an endpoint is in use.
const IN_USE: &[&str] = &[
    "secret_cipher",
    "old_secret_cipher",
    "old_secret_until",
    "is_enabled",
    "failing_since",
    "deleted_by",
    "deleted_at",
];

/// Why somebody is told, so far.
const TOLD: &[&str] = &[
    "returned",
    "decided",
    "due_soon",
    "overdue",
    "delegated",
    "message",
    "export_ready",
    "export_failed",
    "cosign_asked",
    "cosign_done",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let live = "OLD.deleted_at IS NULL";
        append_only(manager, "webhook_endpoint", ENDPOINT, IN_USE, live).await?;
        let said = ["message_id", "endpoint_id", "kind", "body", "written_at"];
        fixed_columns(manager, "webhook_delivery", "webhook_delivery_fixed", &said).await?;
        widen_check(manager, ("notification", "kind"), TOLD, &["webhook_failed"]).await?;
        widen_check(manager, ("installation", "kind"), &["production", "demo"], &["test"]).await
    }
}
