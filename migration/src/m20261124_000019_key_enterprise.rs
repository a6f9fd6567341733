//! The key-enterprise list as work: calls for applications, applications, what experts said,
//! reports of the year, and the suspension of a place on the list.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};
use crate::fact::{ENTERPRISE, Fact, TEXT};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const HOLD: Fact = Fact {
    table: "enterprise_hold",
    anchor: ENTERPRISE,
    own: &[("case_no", TEXT)],
    clashes: Some("1 = 1"),
};

const TABLES: &str = "
CREATE TABLE application_call (
    id {id},
    call_no TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    document_no TEXT NOT NULL,
    opens_on {date} NOT NULL,
    closes_on {date} NOT NULL,
    published_by {int} NOT NULL REFERENCES account (id),
    published_at {at} NOT NULL,
    revoked_by {int} REFERENCES account (id),
    revoked_at {at},
    CHECK (opens_on <= closes_on),
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
) {strict};

CREATE TABLE enterprise_application (
    id {id},
    case_id {int} NOT NULL UNIQUE REFERENCES case_file (id),
    industry TEXT NOT NULL,
    main_business TEXT NOT NULL,
    staff {int} NOT NULL CHECK (staff >= 0),
    research_staff {int} NOT NULL CHECK (research_staff >= 0 AND research_staff <= staff)
) {strict};

CREATE TABLE expert_review (
    id {id},
    case_id {int} NOT NULL UNIQUE REFERENCES case_file (id),
    experts {int} NOT NULL,
    score_sheets {int} NOT NULL,
    in_favour {int} NOT NULL,
    withdrew TEXT NOT NULL,
    CHECK (0 <= in_favour AND in_favour <= experts AND score_sheets = experts)
) {strict};

CREATE TABLE year_report (
    id {id},
    report_no TEXT NOT NULL UNIQUE,
    enterprise_id {int} NOT NULL REFERENCES enterprise (id),
    report_year {int} NOT NULL,
    revision {int} NOT NULL CHECK (revision > 0),
    staff {int} NOT NULL CHECK (staff >= 0),
    research_staff {int} NOT NULL CHECK (research_staff >= 0 AND research_staff <= staff),
    insured {int} NOT NULL CHECK (insured >= 0),
    research_fen {int} NOT NULL CHECK (research_fen >= 0),
    still_ai {bool} NOT NULL,
    statement TEXT NOT NULL,
    filed_by {int} NOT NULL REFERENCES account (id),
    filed_at {at} NOT NULL
) {strict};
CREATE UNIQUE INDEX year_report_revision ON year_report (enterprise_id, report_year, revision);

CREATE UNIQUE INDEX case_file_one_place ON case_file (enterprise_id)
    WHERE kind = 'key_enterprise'
      AND state NOT IN ('removed', 'expired', 'rejected', 'withdrawn');
";

const CALL: &[&str] = &[
    "call_no",
    "title",
    "document_no",
    "opens_on",
    "closes_on",
    "published_by",
    "published_at",
    "revoked_by",
    "revoked_at",
];
const APPLICATION: &[&str] = &["case_id", "industry", "main_business", "staff", "research_staff"];
const REVIEW: &[&str] = &["case_id", "experts", "score_sheets", "in_favour", "withdrew"];
const REPORT: &[&str] = &[
    "report_no",
    "enterprise_id",
    "report_year",
    "revision",
    "staff",
    "research_staff",
    "insured",
    "research_fen",
    "still_ai",
    "statement",
    "filed_by",
    "filed_at",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        HOLD.create(manager).await?;
        run(manager, TABLES).await?;
        append_only(manager, "enterprise_application", APPLICATION, &[], "").await?;
        append_only(manager, "expert_review", REVIEW, &[], "").await?;
        append_only(manager, "year_report", REPORT, &[], "").await?;
        let revoking = &["revoked_by", "revoked_at"];
        append_only(manager, "application_call", CALL, revoking, "OLD.revoked_at IS NULL").await
    }
}
