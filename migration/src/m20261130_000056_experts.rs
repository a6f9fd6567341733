//! The expert group and the advisory scientists (S3): appointments, their early ends, and what was
//! done for which enterprise.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, guard_insert, guard_update, run, widen_check};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE expert_appointment (
    id {id},
    appointment_no TEXT NOT NULL UNIQUE,
    person_id {int} NOT NULL REFERENCES person (id),
    kind TEXT NOT NULL CHECK (kind IN ('group_expert', 'advisor')),
    field TEXT NOT NULL CHECK (field <> ''),
    employer TEXT NOT NULL CHECK (employer <> ''),
    employer_uscc TEXT NOT NULL,
    enterprise_id {int} NOT NULL REFERENCES enterprise (id),
    division TEXT NOT NULL,
    body TEXT NOT NULL CHECK (body <> ''),
    starts_on {date} NOT NULL,
    ends_on {date} NOT NULL,
    funding_fen {int} NOT NULL CHECK (funding_fen >= 0),
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
    certificate_no TEXT UNIQUE,
    case_id {int} UNIQUE REFERENCES case_file (id),
    CONSTRAINT expert_appointment_two_people CHECK
        (decided_holder IS NULL OR decided_holder <> proposed_holder),
    CHECK (starts_on <= ends_on),
    CHECK ((decided_at IS NULL) = (decided_holder IS NULL)),
    CHECK ((decided_at IS NULL) = (accepted IS NULL)),
    CHECK (certificate_no IS NULL OR accepted)
) {strict};
CREATE INDEX expert_appointment_person ON expert_appointment (person_id, id);
CREATE INDEX expert_appointment_enterprise ON expert_appointment (enterprise_id);

CREATE TABLE expert_end (
    id {id},
    appointment_id {int} NOT NULL UNIQUE REFERENCES expert_appointment (id),
    last_day {date} NOT NULL,
    reason TEXT NOT NULL CHECK (reason <> ''),
    source_id {int} NOT NULL REFERENCES source_document (id),
    recorded_by {int} NOT NULL REFERENCES account (id),
    recorded_holder {int} NOT NULL REFERENCES account_holder (id),
    recorded_at {at} NOT NULL
) {strict};

CREATE TABLE expert_service (
    id {id},
    service_no TEXT NOT NULL UNIQUE,
    appointment_id {int} NOT NULL REFERENCES expert_appointment (id),
    enterprise_id {int} NOT NULL REFERENCES enterprise (id),
    served_on {date} NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('guidance', 'technical', 'resources')),
    hours_tenths {int} NOT NULL CHECK (hours_tenths >= 0 AND hours_tenths <= 240),
    content TEXT NOT NULL CHECK (content <> ''),
    side TEXT NOT NULL CHECK (side IN ('enterprise', 'province')),
    supersedes_id {int} REFERENCES expert_service (id),
    recorded_by {int} NOT NULL REFERENCES account (id),
    recorded_holder {int} NOT NULL REFERENCES account_holder (id),
    recorded_at {at} NOT NULL,
    decided_by {int} REFERENCES account (id),
    decided_holder {int} REFERENCES account_holder (id),
    decided_at {at},
    accepted {bool},
    note TEXT NOT NULL,
    CONSTRAINT expert_service_two_people CHECK
        (decided_holder IS NULL OR decided_holder <> recorded_holder),
    CHECK ((decided_at IS NULL) = (decided_holder IS NULL)),
    CHECK ((decided_at IS NULL) = (accepted IS NULL)),
    CHECK (hours_tenths > 0 OR supersedes_id IS NOT NULL)
) {strict};
CREATE INDEX expert_service_appointment ON expert_service (appointment_id, id);
CREATE INDEX expert_service_enterprise ON expert_service (enterprise_id, id);
CREATE UNIQUE INDEX expert_service_one_correction ON expert_service (supersedes_id)
    WHERE supersedes_id IS NOT NULL AND (accepted IS NULL OR accepted);
";

const APPOINTMENT: &[&str] = &[
    "appointment_no",
    "person_id",
    "kind",
    "field",
    "employer",
    "employer_uscc",
    "enterprise_id",
    "division",
    "body",
    "starts_on",
    "ends_on",
    "funding_fen",
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
    "certificate_no",
    "case_id",
];
const SERVICE: &[&str] = &[
    "service_no",
    "appointment_id",
    "enterprise_id",
    "served_on",
    "kind",
    "hours_tenths",
    "content",
    "side",
    "supersedes_id",
    "recorded_by",
    "recorded_holder",
    "recorded_at",
    "decided_by",
    "decided_holder",
    "decided_at",
    "accepted",
    "note",
];
const END: &[&str] = &[
    "appointment_id",
    "last_day",
    "reason",
    "source_id",
    "recorded_by",
    "recorded_holder",
    "recorded_at",
];
const DECISION: &[&str] = &["decided_by", "decided_holder", "decided_at", "accepted", "note"];
const KINDS: &[&str] = &[
    "key_enterprise",
    "recognition",
    "roster_entry",
    "entitlement",
    "objection",
    "recovery",
    "agreement_tranche",
    "overseas_visit",
];

/// Another accepted appointment of the same person and kind with a day in common.
const OVERLAP: &str = "
SELECT 1 FROM expert_appointment o
 WHERE o.person_id = NEW.person_id AND o.kind = NEW.kind AND o.id <> NEW.id AND o.accepted
   AND o.starts_on <= NEW.ends_on
   AND NEW.starts_on <= COALESCE(
       (SELECT e.last_day FROM expert_end e WHERE e.appointment_id = o.id), o.ends_on)";
/// An end of what is not accepted, or that is not early.
const NOT_EARLY: &str = "
SELECT 1 FROM expert_appointment a WHERE a.id = NEW.appointment_id
   AND (a.accepted IS NULL OR NOT a.accepted
        OR NEW.last_day < a.starts_on OR NEW.last_day >= a.ends_on)";
/// A service on a day on which nobody was appointed.
const OUTSIDE: &str = "
SELECT 1 FROM expert_appointment a WHERE a.id = NEW.appointment_id
   AND (a.accepted IS NULL OR NOT a.accepted OR NEW.served_on < a.starts_on
        OR NEW.served_on > COALESCE(
            (SELECT e.last_day FROM expert_end e WHERE e.appointment_id = a.id), a.ends_on))";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        widen_check(manager, ("case_file", "kind"), KINDS, &["expert_funding"]).await?;
        run(manager, TABLES).await?;
        let open = "OLD.decided_at IS NULL";
        let decided: Vec<&str> =
            DECISION.iter().copied().chain(["certificate_no", "case_id"]).collect();
        append_only(manager, "expert_appointment", APPOINTMENT, &decided, open).await?;
        append_only(manager, "expert_end", END, &[], "").await?;
        append_only(manager, "expert_service", SERVICE, DECISION, open).await?;

        let person = "PERFORM 1 FROM person WHERE id = NEW.person_id FOR UPDATE;";
        let (table, name) = ("expert_appointment", "expert_appointment_overlap");
        let accepted = "NEW.accepted";
        guard_update(manager, table, (name, "accepted"), accepted, person, OVERLAP).await?;
        let name = "expert_appointment_overlap_new";
        guard_insert(manager, table, name, accepted, person, OVERLAP).await?;

        let lock = "PERFORM 1 FROM expert_appointment WHERE id = NEW.appointment_id FOR UPDATE;";
        let (always, end, service) = ("1 = 1", "expert_end", "expert_service");
        guard_insert(manager, end, "expert_end_in_term", always, lock, NOT_EARLY).await?;
        guard_insert(manager, service, "expert_service_in_term", always, lock, OUTSIDE).await
    }
}
