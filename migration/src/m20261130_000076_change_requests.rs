//! A stated fact is changed when another person has looked at the request (ADR 0030).

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "
CREATE TABLE change_request (
    id {id},
    request_no TEXT NOT NULL UNIQUE,
    act TEXT NOT NULL CHECK (act IN ('correct', 'withdraw', 'suspend', 'exclude', 'delist')),
    fact_kind TEXT NOT NULL,
    fact_id {int},
    person_id {int} REFERENCES person (id),
    enterprise_id {int} REFERENCES enterprise (id),
    first_day {date},
    last_day {date},
    held_from {date},
    held_through {date},
    ground TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason <> ''),
    document_no TEXT NOT NULL CHECK (document_no <> ''),
    asked_by {int} NOT NULL REFERENCES account (id),
    asked_holder {int} NOT NULL REFERENCES account_holder (id),
    asked_at {at} NOT NULL,
    decided_by {int} REFERENCES account (id),
    decided_holder {int} REFERENCES account_holder (id),
    decided_at {at},
    accepted {bool},
    note TEXT NOT NULL,
    CHECK ((person_id IS NULL) <> (enterprise_id IS NULL)),
    CHECK ((fact_id IS NULL) = (fact_kind = '')),
    CHECK ((fact_id IS NOT NULL) = (act IN ('correct', 'withdraw'))),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_holder IS NULL)),
    CHECK ((decided_at IS NULL) = (accepted IS NULL)),
    CONSTRAINT change_request_two_people
        CHECK (accepted IS NULL OR NOT accepted OR asked_holder <> decided_holder)
) {strict};
CREATE UNIQUE INDEX change_request_one_open_of_fact ON change_request (fact_kind, fact_id)
    WHERE decided_at IS NULL AND fact_id IS NOT NULL;
CREATE UNIQUE INDEX change_request_one_open_of_person ON change_request (person_id, act)
    WHERE decided_at IS NULL AND fact_id IS NULL AND person_id IS NOT NULL;
CREATE UNIQUE INDEX change_request_one_open_of_enterprise ON change_request (enterprise_id, act)
    WHERE decided_at IS NULL AND fact_id IS NULL AND enterprise_id IS NOT NULL;
CREATE INDEX change_request_of_person ON change_request (person_id, id);
CREATE INDEX change_request_of_enterprise ON change_request (enterprise_id, id);
CREATE INDEX change_request_open ON change_request (id) WHERE decided_at IS NULL;
";

const COLUMNS: &[&str] = &[
    "request_no",
    "act",
    "fact_kind",
    "fact_id",
    "person_id",
    "enterprise_id",
    "first_day",
    "last_day",
    "held_from",
    "held_through",
    "ground",
    "reason",
    "document_no",
    "asked_by",
    "asked_holder",
    "asked_at",
    "decided_by",
    "decided_holder",
    "decided_at",
    "accepted",
    "note",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLE).await?;
        let decision = &["decided_by", "decided_holder", "decided_at", "accepted", "note"];
        append_only(manager, "change_request", COLUMNS, decision, "OLD.decided_at IS NULL").await
    }
}
