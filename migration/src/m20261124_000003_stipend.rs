//! What the rule engine decided: policy texts, runs, one entitlement version a person and year.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE policy_document (
    id {id},
    programme TEXT NOT NULL,
    title TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    content TEXT NOT NULL,
    recorded_by {int} NOT NULL REFERENCES account (id),
    recorded_at {at} NOT NULL,
    UNIQUE (programme, sha256)
) {strict};

CREATE TABLE compute_run (
    id {id},
    run_no TEXT NOT NULL UNIQUE,
    programme TEXT NOT NULL,
    award_year {int} NOT NULL,
    policy_document_id {int} NOT NULL REFERENCES policy_document (id),
    facts_known_at {at} NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'completed', 'failed')),
    total {int} NOT NULL,
    done {int} NOT NULL,
    last_person_id {int} NOT NULL,
    eligible {int} NOT NULL,
    ineligible {int} NOT NULL,
    changed {int} NOT NULL,
    adjusted {int} NOT NULL,
    failed_persons {int} NOT NULL,
    message TEXT NOT NULL,
    started_by {int} NOT NULL REFERENCES account (id),
    started_at {at} NOT NULL,
    finished_at {at},
    lease_until {at} NOT NULL
) {strict};
CREATE UNIQUE INDEX compute_run_one_live
    ON compute_run (programme, award_year) WHERE state IN ('queued', 'running');

CREATE TABLE entitlement (
    id {id},
    person_id {int} NOT NULL REFERENCES person (id),
    programme TEXT NOT NULL,
    award_year {int} NOT NULL,
    version_no {int} NOT NULL CHECK (version_no > 0),
    status TEXT NOT NULL CHECK (status IN ('eligible', 'ineligible')),
    eligible_days {int} NOT NULL,
    counted_months {int} NOT NULL,
    gross_fen {int} NOT NULL CHECK (gross_fen >= 0),
    offset_fen {int} NOT NULL CHECK (offset_fen >= 0),
    net_fen {int} NOT NULL CHECK (net_fen >= 0),
    reasons TEXT NOT NULL,
    determination TEXT NOT NULL,
    trace TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    policy_document_id {int} NOT NULL REFERENCES policy_document (id),
    facts_known_at {at} NOT NULL,
    run_id {int} NOT NULL REFERENCES compute_run (id),
    recorded_at {at} NOT NULL,
    superseded_at {at},
    CHECK (net_fen = gross_fen - offset_fen),
    UNIQUE (person_id, programme, award_year, version_no)
) {strict};
CREATE UNIQUE INDEX entitlement_one_live
    ON entitlement (person_id, programme, award_year) WHERE superseded_at IS NULL;
CREATE INDEX entitlement_year ON entitlement (programme, award_year, person_id);
CREATE INDEX entitlement_run ON entitlement (run_id);

CREATE TABLE entitlement_share (
    id {id},
    entitlement_id {int} NOT NULL REFERENCES entitlement (id),
    enterprise_id {int} NOT NULL REFERENCES enterprise (id),
    division TEXT NOT NULL,
    city_unit TEXT NOT NULL,
    source TEXT NOT NULL,
    payer_division TEXT NOT NULL,
    amount_fen {int} NOT NULL CHECK (amount_fen >= 0)
) {strict};
CREATE INDEX entitlement_share_entitlement ON entitlement_share (entitlement_id);
CREATE INDEX entitlement_share_enterprise ON entitlement_share (enterprise_id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let policy = ["programme", "title", "sha256", "content", "recorded_by", "recorded_at"];
        append_only(manager, "policy_document", &policy, &[], "").await?;
        let entitlement = [
            "person_id",
            "programme",
            "award_year",
            "version_no",
            "status",
            "eligible_days",
            "counted_months",
            "gross_fen",
            "offset_fen",
            "net_fen",
            "reasons",
            "determination",
            "trace",
            "fingerprint",
            "policy_document_id",
            "facts_known_at",
            "run_id",
            "recorded_at",
            "superseded_at",
        ];
        append_only(
            manager,
            "entitlement",
            &entitlement,
            &["superseded_at"],
            "OLD.superseded_at IS NULL",
        )
        .await?;
        let share = [
            "entitlement_id",
            "enterprise_id",
            "division",
            "city_unit",
            "source",
            "payer_division",
            "amount_fen",
        ];
        append_only(manager, "entitlement_share", &share, &[], "").await
    }
}
