//! Visits of young talents from overseas: what the employer plans and claims, each cost with its
//! ticket, what was cut, and the days that an allowance was granted for.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run, widen_check};
use crate::fact::{Fact, TEXT};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const VISIT: &str = "
CREATE TABLE visit (
    id {id},
    case_id {int} NOT NULL UNIQUE REFERENCES case_file (id),
    person_id {int} NOT NULL REFERENCES person (id),
    enterprise_id {int} NOT NULL REFERENCES enterprise (id),
    division TEXT NOT NULL,
    birth {date} NOT NULL,
    policy_document_id {int} NOT NULL REFERENCES policy_document (id),
    recorded_by {int} NOT NULL REFERENCES account (id),
    recorded_at {at} NOT NULL,
    arrived_on {date}
) {strict};
CREATE INDEX visit_person ON visit (person_id, id);
CREATE INDEX visit_enterprise ON visit (enterprise_id, id);
";

const PARTS: &str = "
CREATE TABLE visit_line (
    id {id},
    claim_id {int} NOT NULL REFERENCES visit_claim (id),
    seq {int} NOT NULL CHECK (seq > 0),
    expense TEXT NOT NULL CHECK (expense IN ('fare', 'visa', 'ground')),
    class TEXT NOT NULL,
    route TEXT NOT NULL CHECK ((expense = 'fare') = (route <> '')),
    amount_fen {int} NOT NULL CHECK (amount_fen > 0),
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    paid_on {date} NOT NULL,
    bank_rate_millionths {int} CHECK (bank_rate_millionths IS NULL OR bank_rate_millionths > 0),
    documented_economy_fen {int}
        CHECK (documented_economy_fen IS NULL OR documented_economy_fen >= 0),
    document_no TEXT NOT NULL CHECK (document_no <> ''),
    ticket_key TEXT,
    released_at {at},
    CHECK ((expense = 'fare') = (ticket_key IS NOT NULL)),
    UNIQUE (claim_id, seq)
) {strict};
CREATE UNIQUE INDEX visit_line_one_ticket ON visit_line (ticket_key) WHERE released_at IS NULL;

CREATE TABLE visit_cut (
    id {id},
    line_id {int} NOT NULL REFERENCES visit_line (id),
    accepted_fen {int} NOT NULL CHECK (accepted_fen >= 0),
    reason TEXT NOT NULL,
    recorded_by {int} NOT NULL REFERENCES account (id),
    recorded_at {at} NOT NULL
) {strict};
CREATE INDEX visit_cut_line ON visit_cut (line_id, id);

CREATE TABLE visit_day (
    id {id},
    visit_id {int} NOT NULL REFERENCES visit (id),
    person_id {int} NOT NULL REFERENCES person (id),
    day {date} NOT NULL,
    released_at {at}
) {strict};
CREATE UNIQUE INDEX visit_day_once ON visit_day (person_id, day) WHERE released_at IS NULL;
CREATE INDEX visit_day_visit ON visit_day (visit_id);
";

const FACTS: &[Fact] = &[
    Fact {
        table: "visit_plan",
        anchor: ("visit", "visit_id"),
        own: &[
            ("origin", "TEXT NOT NULL CHECK (length(origin) = 2)"),
            ("purpose", TEXT),
            ("overseas_basis", "TEXT NOT NULL CHECK (overseas_basis IN ('post', 'doctorate'))"),
            ("overseas_detail", TEXT),
            ("budget_fen", "{int} NOT NULL CHECK (budget_fen > 0)"),
        ],
        clashes: Some("1 = 1"),
    },
    Fact {
        table: "visit_claim",
        anchor: ("visit", "visit_id"),
        own: &[
            ("origin", "TEXT NOT NULL CHECK (length(origin) = 2)"),
            ("work_days", TEXT),
            ("other_payer_fen", "{int} NOT NULL CHECK (other_payer_fen >= 0)"),
            ("costs_by", "TEXT NOT NULL CHECK (costs_by IN ('employer', 'visitor'))"),
        ],
        clashes: Some("1 = 1"),
    },
];

const COLUMNS: &[(&str, &[&str], &[&str], &str)] = &[
    (
        "visit",
        &[
            "case_id",
            "person_id",
            "enterprise_id",
            "division",
            "birth",
            "policy_document_id",
            "recorded_by",
            "recorded_at",
            "arrived_on",
        ],
        &["arrived_on"],
        "OLD.arrived_on IS NULL",
    ),
    (
        "visit_line",
        &[
            "claim_id",
            "seq",
            "expense",
            "class",
            "route",
            "amount_fen",
            "currency",
            "paid_on",
            "bank_rate_millionths",
            "documented_economy_fen",
            "document_no",
            "ticket_key",
            "released_at",
        ],
        &["released_at"],
        "OLD.released_at IS NULL",
    ),
    ("visit_cut", &["line_id", "accepted_fen", "reason", "recorded_by", "recorded_at"], &[], ""),
    (
        "visit_day",
        &["visit_id", "person_id", "day", "released_at"],
        &["released_at"],
        "OLD.released_at IS NULL",
    ),
];

const KINDS: &[&str] = &[
    "key_enterprise",
    "recognition",
    "roster_entry",
    "entitlement",
    "objection",
    "recovery",
    "agreement_tranche",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        widen_check(manager, ("case_file", "kind"), KINDS, &["overseas_visit"]).await?;
        run(manager, VISIT).await?;
        for fact in FACTS {
            fact.create(manager).await?;
        }
        run(manager, PARTS).await?;
        for (table, columns, may_change, open) in COLUMNS {
            append_only(manager, table, columns, may_change, open).await?;
        }
        Ok(())
    }
}
