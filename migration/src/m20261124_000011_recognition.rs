//! Autonomous recognition: who may recognise, by which standard, what a committee decided, whose
//! place of the quota it takes; public notices and objections.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};
use crate::fact::{ENTERPRISE, Fact, TEXT};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const QUOTA: &str = "{int} NOT NULL CHECK (quota_a >= 0 AND quota_b >= 0 AND quota_c >= 0)";

const FACTS: &[Fact] = &[
    Fact {
        table: "pilot_authorisation",
        anchor: ENTERPRISE,
        own: &[
            ("legal_form", "TEXT NOT NULL CHECK (legal_form IN ('filing', 'recommendation'))"),
            ("quota_a", "{int} NOT NULL"),
            ("quota_b", "{int} NOT NULL"),
            ("quota_c", QUOTA),
        ],
        clashes: Some("1 = 1"),
    },
    Fact {
        table: "recognition_standard",
        anchor: ENTERPRISE,
        own: &[("title", TEXT), ("standard_no", TEXT), ("content", TEXT)],
        clashes: Some("1 = 1"),
    },
];

const TABLES: &str = "
CREATE TABLE recognition_file (
    id {id},
    case_id {int} NOT NULL UNIQUE REFERENCES case_file (id),
    class TEXT NOT NULL CHECK (class IN ('A', 'B', 'C')),
    grounds TEXT NOT NULL
) {strict};

CREATE TABLE recognition_decision (
    id {id},
    case_id {int} NOT NULL UNIQUE REFERENCES case_file (id),
    members {int} NOT NULL,
    present {int} NOT NULL,
    in_favour {int} NOT NULL,
    recused TEXT NOT NULL,
    major_shareholder {bool} NOT NULL,
    notice_from {date} NOT NULL,
    notice_through {date} NOT NULL,
    CHECK (0 <= in_favour AND in_favour <= present AND present <= members),
    CHECK (notice_from <= notice_through)
) {strict};

CREATE TABLE recognition_place (
    id {id},
    case_id {int} NOT NULL REFERENCES case_file (id),
    enterprise_id {int} NOT NULL REFERENCES enterprise (id),
    quota_year {int} NOT NULL,
    class TEXT NOT NULL,
    place_no {int} NOT NULL CHECK (place_no > 0),
    taken_at {at} NOT NULL,
    released_at {at}
) {strict};
CREATE UNIQUE INDEX recognition_place_once
    ON recognition_place (enterprise_id, quota_year, class, place_no) WHERE released_at IS NULL;
CREATE UNIQUE INDEX recognition_place_case
    ON recognition_place (case_id) WHERE released_at IS NULL;

CREATE TABLE public_notice (
    id {id},
    notice_no TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN
        ('key_enterprise', 'recognition', 'roster_entry', 'entitlement')),
    title TEXT NOT NULL,
    basis TEXT NOT NULL,
    contact TEXT NOT NULL,
    published_by {int} NOT NULL REFERENCES account (id),
    published_at {at} NOT NULL
) {strict};

CREATE TABLE public_notice_period (
    id {id},
    notice_id {int} NOT NULL REFERENCES public_notice (id),
    seq {int} NOT NULL CHECK (seq > 0),
    starts_on {date} NOT NULL,
    ends_on {date} NOT NULL,
    working_days {int} NOT NULL CHECK (working_days > 0),
    count_first_day {bool} NOT NULL,
    reason TEXT NOT NULL,
    recorded_by {int} NOT NULL REFERENCES account (id),
    recorded_at {at} NOT NULL,
    CHECK (starts_on <= ends_on)
) {strict};
CREATE UNIQUE INDEX public_notice_period_seq ON public_notice_period (notice_id, seq);

CREATE TABLE public_notice_entry (
    id {id},
    notice_id {int} NOT NULL REFERENCES public_notice (id),
    seq {int} NOT NULL,
    case_id {int} NOT NULL REFERENCES case_file (id),
    name_masked TEXT NOT NULL,
    enterprise TEXT NOT NULL,
    detail TEXT NOT NULL
) {strict};
CREATE UNIQUE INDEX public_notice_entry_seq ON public_notice_entry (notice_id, seq);
CREATE INDEX public_notice_entry_case ON public_notice_entry (case_id);

CREATE TABLE objection_file (
    id {id},
    case_id {int} NOT NULL UNIQUE REFERENCES case_file (id),
    entry_id {int} NOT NULL REFERENCES public_notice_entry (id),
    named {bool} NOT NULL,
    objector_cipher {bytes} NOT NULL,
    contact_cipher {bytes} NOT NULL,
    content TEXT NOT NULL,
    received_at {at} NOT NULL
) {strict};
CREATE INDEX objection_file_entry ON objection_file (entry_id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for fact in FACTS {
            fact.create(manager).await?;
        }
        run(manager, TABLES).await?;
        for (table, columns) in [
            ("recognition_file", &["case_id", "class", "grounds"] as &[_]),
            ("recognition_decision", &["case_id", "members", "present", "in_favour"]),
            ("public_notice", &["notice_no", "kind", "title", "basis", "contact"]),
            ("public_notice_period", &["notice_id", "seq", "starts_on", "ends_on"]),
            ("public_notice_entry", &["notice_id", "seq", "case_id", "name_masked", "detail"]),
            ("objection_file", &["case_id", "entry_id", "named", "content", "received_at"]),
        ] {
            append_only(manager, table, columns, &[], "").await?;
        }
        append_only(
            manager,
            "recognition_place",
            &["case_id", "enterprise_id", "quota_year", "class", "place_no", "taken_at"],
            &["released_at"],
            "OLD.released_at IS NULL",
        )
        .await
    }
}
