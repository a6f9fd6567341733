//! System accounts: their tokens, and what they were answered.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run, widen_check};

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
];
/// Roles of programs.
const NEW_ROLES: &[&str] = &["enterprise_system", "office_system"];

const TABLES: &str = "
CREATE TABLE api_token (
    id {id},
    token_no TEXT NOT NULL UNIQUE,
    account_id {int} NOT NULL REFERENCES account (id),
    token_hash TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL CHECK (scopes <> ''),
    valid_through {date} NOT NULL,
    per_minute {int} NOT NULL CHECK (per_minute > 0),
    made_by {int} NOT NULL REFERENCES account (id),
    made_at {at} NOT NULL,
    revoked_by {int} REFERENCES account (id),
    revoked_at {at},
    last_used_at {at},
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
) {strict};
CREATE INDEX api_token_account ON api_token (account_id);

CREATE TABLE api_answer (
    id {id},
    key_hash TEXT NOT NULL UNIQUE,
    account_id {int} NOT NULL REFERENCES account (id),
    fingerprint TEXT NOT NULL,
    status {int},
    body TEXT NOT NULL,
    at {at} NOT NULL
) {strict};
CREATE INDEX api_answer_at ON api_answer (at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        widen_check(manager, ("account", "role"), ROLES, NEW_ROLES).await?;
        run(manager, TABLES).await?;
        let columns =
            ["token_no", "account_id", "token_hash", "scopes", "valid_through", "per_minute"];
        let rest = ["made_by", "made_at", "revoked_by", "revoked_at", "last_used_at"];
        let all: Vec<&str> = columns.iter().chain(&rest).copied().collect();
        let may_change = ["revoked_by", "revoked_at", "last_used_at"];
        append_only(manager, "api_token", &all, &may_change, "OLD.revoked_at IS NULL").await
    }
}
