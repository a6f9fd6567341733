//! Files that move through offices, and the roles that move them.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run, widen_check};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE case_file (
    id {id},
    case_no TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN
        ('key_enterprise', 'recognition', 'roster_entry', 'entitlement', 'objection')),
    enterprise_id {int} REFERENCES enterprise (id),
    person_id {int} REFERENCES person (id),
    about TEXT NOT NULL,
    state TEXT NOT NULL,
    steps {int} NOT NULL CHECK (steps >= 0),
    since {date} NOT NULL,
    due_on {date},
    opened_by {int} NOT NULL REFERENCES account (id),
    opened_at {at} NOT NULL
) {strict};
CREATE INDEX case_file_state ON case_file (kind, state, due_on);
CREATE INDEX case_file_enterprise ON case_file (enterprise_id, kind, state);
CREATE INDEX case_file_person ON case_file (person_id, kind);

CREATE TABLE case_step (
    id {id},
    case_id {int} NOT NULL REFERENCES case_file (id),
    seq {int} NOT NULL CHECK (seq > 0),
    act TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    on_day {date} NOT NULL,
    at {at} NOT NULL,
    hand TEXT NOT NULL,
    account_id {int} REFERENCES account (id),
    holder_id {int} REFERENCES account_holder (id),
    remark TEXT NOT NULL,
    evidence TEXT NOT NULL,
    CHECK ((account_id IS NULL) = (holder_id IS NULL))
) {strict};
CREATE UNIQUE INDEX case_step_seq ON case_step (case_id, seq);
";

const ROLES: &[&str] = &[
    "enterprise_clerk",
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

const NEW_ROLES: &[&str] = &[
    "enterprise_signatory",
    "hr_city_approver",
    "hr_province_approver",
    "industry_county",
    "industry_city",
    "industry_province",
    "industry_province_approver",
];

const KINDS: &[&str] =
    &["administration", "hr_office", "finance_office", "audit_office", "enterprise"];

const CASE_FILE: &[&str] = &[
    "id",
    "case_no",
    "kind",
    "enterprise_id",
    "person_id",
    "about",
    "state",
    "steps",
    "since",
    "due_on",
    "opened_by",
    "opened_at",
];

const CASE_STEP: &[&str] = &[
    "id",
    "case_id",
    "seq",
    "act",
    "from_state",
    "to_state",
    "on_day",
    "at",
    "hand",
    "account_id",
    "holder_id",
    "remark",
    "evidence",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        widen_check(manager, ("account", "role"), ROLES, NEW_ROLES).await?;
        widen_check(manager, ("organisation", "kind"), KINDS, &["industry_office"]).await?;
        run(manager, TABLES).await?;
        let moves = &["state", "steps", "since", "due_on"];
        append_only(manager, "case_file", CASE_FILE, moves, "").await?;
        append_only(manager, "case_step", CASE_STEP, &[], "").await
    }
}
