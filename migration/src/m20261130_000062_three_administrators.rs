//! Three administrators whom nobody is two of: what one proposes another authorises, and until then
//! it does not count (ADR 0023).

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, guard_insert, guard_update, refuse_update, run, widen_check};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Roles so far.
const ROLES: &[&str] = &[
    "enterprise_clerk",
    "enterprise_signatory",
    "hr_city_approver",
    "hr_province_approver",
    "industry_county",
    "industry_city",
    "industry_province",
    "industry_province_approver",
    "enterprise_head",
    "hr_county",
    "hr_city",
    "hr_province",
    "finance_maker",
    "finance_checker",
    "finance_approver",
    "auditor",
    "administrator",
    "enterprise_system",
    "office_system",
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
    "webhook_failed",
];

const TABLE: &str = "
CREATE TABLE account_request (
    id {id},
    kind TEXT NOT NULL CHECK (kind IN ('account', 'duty', 'password', 'standing', 'token')),
    account_id {int} NOT NULL REFERENCES account (id),
    holder_id {int} NOT NULL REFERENCES account_holder (id),
    role TEXT NOT NULL CHECK (role <> ''),
    organisation_id {int} NOT NULL REFERENCES organisation (id),
    token_id {int} REFERENCES api_token (id),
    password_hash TEXT,
    half_cipher {bytes},
    requested_by {int} NOT NULL REFERENCES account (id),
    requested_holder {int} NOT NULL REFERENCES account_holder (id),
    requested_at {at} NOT NULL,
    decided_by {int} REFERENCES account (id),
    decided_holder {int} REFERENCES account_holder (id),
    decided_at {at},
    outcome TEXT CHECK (outcome IN ('authorised', 'refused')),
    reason TEXT NOT NULL,
    CHECK ((kind = 'token') = (token_id IS NOT NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_holder IS NULL)),
    CHECK ((decided_at IS NULL) = (outcome IS NULL)),
    CHECK (decided_at IS NULL OR (password_hash IS NULL AND half_cipher IS NULL)),
    CONSTRAINT account_request_two_people CHECK (decided_holder IS NULL
        OR (decided_holder <> requested_holder AND decided_holder <> holder_id))
) {strict};
CREATE UNIQUE INDEX account_request_one_open ON account_request (account_id, kind)
    WHERE decided_at IS NULL;
CREATE INDEX account_request_of ON account_request (account_id, id);
CREATE INDEX account_of_holder ON account (holder_id);
ALTER TABLE setup_link ADD COLUMN role TEXT NOT NULL DEFAULT 'administrator'
    CHECK (role IN ('administrator', 'security_administrator', 'security_auditor'));
ALTER TABLE api_token ADD COLUMN authorised_at {at};
UPDATE api_token SET authorised_at = made_at;
";

const COLUMNS: &[&str] = &[
    "kind",
    "account_id",
    "holder_id",
    "role",
    "organisation_id",
    "token_id",
    "password_hash",
    "half_cipher",
    "requested_by",
    "requested_holder",
    "requested_at",
    "decided_by",
    "decided_holder",
    "decided_at",
    "outcome",
    "reason",
];

/// What a decision writes; the secrets that waited for it go.
const DECISION: &[&str] = &[
    "password_hash",
    "half_cipher",
    "decided_by",
    "decided_holder",
    "decided_at",
    "outcome",
    "reason",
];

/// No natural person uses two of the three, nor one of them beside a duty of the business.
async fn refuse_two_duties(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let three = "('administrator', 'security_administrator', 'security_auditor')";
    let other = format!(
        "SELECT 1 FROM account o WHERE o.holder_id = NEW.holder_id AND o.login <> NEW.login \
         AND o.disabled_at IS NULL AND o.role <> NEW.role \
         AND (o.role IN {three} OR NEW.role IN {three})"
    );
    let lock = "PERFORM 1 FROM account_holder WHERE id = NEW.holder_id FOR UPDATE;";
    let (name, used) = ("account_one_administrator", "NEW.disabled_at IS NULL");
    guard_insert(manager, "account", name, used, lock, &other).await?;
    let change = ("account_one_administrator_change", "role, holder_id, disabled_at");
    guard_update(manager, "account", change, used, lock, &other).await
}

/// An account that was asked for is used by nobody before somebody authorised it.
async fn refuse_unauthorised(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let waits = "SELECT 1 FROM account_request r WHERE r.account_id = NEW.id \
                 AND r.kind = 'account' AND NOT EXISTS (SELECT 1 FROM account_request a \
                 WHERE a.account_id = NEW.id AND a.kind IN ('account', 'standing') \
                 AND a.outcome = 'authorised')";
    let used = "OLD.disabled_at IS NOT NULL AND NEW.disabled_at IS NULL";
    let change = ("account_not_authorised", "disabled_at");
    guard_update(manager, "account", change, used, "", waits).await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        widen_check(
            manager,
            ("account", "role"),
            ROLES,
            &["security_administrator", "security_auditor"],
        )
        .await?;
        widen_check(manager, ("notification", "kind"), TOLD, &["password_reset"]).await?;
        run(manager, TABLE).await?;
        let open = "OLD.decided_at IS NULL";
        append_only(manager, "account_request", COLUMNS, DECISION, open).await?;
        let once = ("api_token_authorised_once", "authorised_at");
        refuse_update(manager, "api_token", once.0, once.1, "OLD.authorised_at IS NOT NULL")
            .await?;
        refuse_two_duties(manager).await?;
        refuse_unauthorised(manager).await
    }
}
