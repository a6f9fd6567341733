//! How income tax is handled for a programme's money of a year, and what batch lines withhold.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, fixed_columns, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE tax_ruling (
    id {id},
    ruling_no TEXT NOT NULL UNIQUE,
    programme TEXT NOT NULL,
    award_year {int} NOT NULL,
    treatment TEXT NOT NULL CHECK (treatment IN
        ('exempt_art4_1', 'incidental_20', 'wage_by_employer', 'labour_service')),
    basis TEXT NOT NULL CHECK (basis <> ''),
    document_no TEXT NOT NULL CHECK (document_no <> ''),
    proposed_by {int} NOT NULL REFERENCES account_holder (id),
    proposed_at {at} NOT NULL,
    decided_by {int} REFERENCES account_holder (id),
    decided_at {at},
    accepted {bool},
    note TEXT NOT NULL,
    CONSTRAINT tax_ruling_two_people CHECK (decided_by IS NULL OR decided_by <> proposed_by),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK ((decided_by IS NULL) = (accepted IS NULL))
) {strict};
CREATE UNIQUE INDEX tax_ruling_one_open
    ON tax_ruling (programme, award_year) WHERE decided_at IS NULL;
CREATE INDEX tax_ruling_in_force ON tax_ruling (programme, award_year, id) WHERE accepted;
ALTER TABLE batch ADD COLUMN tax_treatment TEXT NOT NULL DEFAULT '';
ALTER TABLE batch_line ADD COLUMN tax_fen {int} NOT NULL DEFAULT 0
    CHECK (tax_fen >= 0 AND tax_fen < amount_fen);
";

const COLUMNS: &[&str] = &[
    "ruling_no",
    "programme",
    "award_year",
    "treatment",
    "basis",
    "document_no",
    "proposed_by",
    "proposed_at",
    "decided_by",
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
        run(manager, TABLES).await?;
        let decision = &["decided_by", "decided_at", "accepted", "note"];
        append_only(manager, "tax_ruling", COLUMNS, decision, "OLD.decided_at IS NULL").await?;
        fixed_columns(manager, "batch_line", "batch_line_tax_fixed", &["tax_fen"]).await
    }
}
