//! What another policy text would change: what was asked, how far it is, what came out, and whose
//! amount would be another one.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run, widen_check};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE scenario (
    id {id},
    scenario_no TEXT NOT NULL UNIQUE,
    programme TEXT NOT NULL,
    award_year {int} NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    conditions TEXT NOT NULL,
    draft_id {int} REFERENCES policy_draft (id),
    base_document_id {int} NOT NULL REFERENCES policy_document (id),
    content TEXT NOT NULL CHECK (content <> ''),
    facts_known_at {at} NOT NULL,
    asked_by {int} NOT NULL REFERENCES account (id),
    asked_at {at} NOT NULL,
    total {int} NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'completed', 'failed')),
    done {int} NOT NULL,
    last_person_id {int} NOT NULL,
    outcome TEXT NOT NULL,
    message TEXT NOT NULL,
    finished_at {at},
    lease_until {at} NOT NULL
) {strict};
CREATE INDEX scenario_open ON scenario (id) WHERE state IN ('queued', 'running');

CREATE TABLE scenario_change (
    id {id},
    scenario_id {int} NOT NULL REFERENCES scenario (id),
    person_id {int} NOT NULL REFERENCES person (id),
    before_fen {int} NOT NULL CHECK (before_fen >= 0),
    after_fen {int} NOT NULL CHECK (after_fen >= 0 AND after_fen <> before_fen),
    reason TEXT NOT NULL,
    UNIQUE (scenario_id, person_id)
) {strict};
";

const ASKED: &[&str] = &[
    "scenario_no",
    "programme",
    "award_year",
    "name",
    "conditions",
    "draft_id",
    "base_document_id",
    "content",
    "facts_known_at",
    "asked_by",
    "asked_at",
    "total",
];

const STANDING: &[&str] =
    &["state", "done", "last_person_id", "outcome", "message", "finished_at", "lease_until"];

const CHANGE: &[&str] = &["scenario_id", "person_id", "before_fen", "after_fen", "reason"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let columns = [ASKED, STANDING].concat();
        let open = "OLD.state IN ('queued', 'running')";
        append_only(manager, "scenario", &columns, STANDING, open).await?;
        append_only(manager, "scenario_change", CHANGE, &[], "").await?;
        let lists = ["engineers", "entitlements", "cases"];
        widen_check(manager, ("export_job", "list"), &lists, &["scenario_changes"]).await
    }
}
