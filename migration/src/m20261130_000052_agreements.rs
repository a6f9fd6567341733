//! Case-by-case agreements: what was agreed with a person or team, and the tranches of its money.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run, widen_check};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE case_agreement (
    id {id},
    agreement_no TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL CHECK (title <> ''),
    subject TEXT NOT NULL CHECK (subject IN ('person', 'team')),
    leader_id {int} NOT NULL REFERENCES person (id),
    enterprise_id {int} NOT NULL REFERENCES enterprise (id),
    division TEXT NOT NULL,
    decided_by_body TEXT NOT NULL,
    decided_on {date} NOT NULL,
    terms TEXT NOT NULL,
    total_fen {int} NOT NULL CHECK (total_fen > 0),
    policy_document_id {int} NOT NULL REFERENCES policy_document (id),
    source_id {int} NOT NULL REFERENCES source_document (id),
    proposed_by {int} NOT NULL REFERENCES account (id),
    proposed_holder {int} NOT NULL REFERENCES account_holder (id),
    proposed_at {at} NOT NULL,
    decided_by {int} REFERENCES account (id),
    decided_holder {int} REFERENCES account_holder (id),
    decided_at {at},
    accepted {bool},
    note TEXT NOT NULL,
    CONSTRAINT case_agreement_two_people CHECK
        (decided_holder IS NULL OR decided_holder <> proposed_holder),
    CHECK ((decided_at IS NULL) = (decided_holder IS NULL)),
    CHECK ((decided_at IS NULL) = (accepted IS NULL))
) {strict};
CREATE INDEX case_agreement_enterprise ON case_agreement (enterprise_id, id);
CREATE INDEX case_agreement_leader ON case_agreement (leader_id, id);

CREATE TABLE agreement_member (
    id {id},
    agreement_id {int} NOT NULL REFERENCES case_agreement (id),
    person_id {int} NOT NULL REFERENCES person (id),
    UNIQUE (agreement_id, person_id)
) {strict};
CREATE INDEX agreement_member_person ON agreement_member (person_id);

CREATE TABLE agreement_tranche (
    id {id},
    agreement_id {int} NOT NULL REFERENCES case_agreement (id),
    seq {int} NOT NULL CHECK (seq > 0),
    milestone TEXT NOT NULL CHECK (milestone <> ''),
    expected_on {date} NOT NULL,
    amount_fen {int} NOT NULL CHECK (amount_fen > 0),
    case_id {int} UNIQUE REFERENCES case_file (id),
    UNIQUE (agreement_id, seq)
) {strict};
";

const AGREEMENT: &[&str] = &[
    "agreement_no",
    "title",
    "subject",
    "leader_id",
    "enterprise_id",
    "division",
    "decided_by_body",
    "decided_on",
    "terms",
    "total_fen",
    "policy_document_id",
    "source_id",
    "proposed_by",
    "proposed_holder",
    "proposed_at",
    "decided_by",
    "decided_holder",
    "decided_at",
    "accepted",
    "note",
];
const DECISION: &[&str] = &["decided_by", "decided_holder", "decided_at", "accepted", "note"];
const KINDS: &[&str] =
    &["key_enterprise", "recognition", "roster_entry", "entitlement", "objection", "recovery"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        widen_check(manager, ("case_file", "kind"), KINDS, &["agreement_tranche"]).await?;
        run(manager, TABLES).await?;
        let open = "OLD.decided_at IS NULL";
        append_only(manager, "case_agreement", AGREEMENT, DECISION, open).await?;
        append_only(manager, "agreement_member", &["agreement_id", "person_id"], &[], "").await?;
        let tranche = ["agreement_id", "seq", "milestone", "expected_on", "amount_fen", "case_id"];
        append_only(manager, "agreement_tranche", &tranche, &["case_id"], "OLD.case_id IS NULL")
            .await
    }
}
