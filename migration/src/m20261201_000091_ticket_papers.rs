//! What a ticket says beside its fare (domain.md 3.4): the passenger, what the carrier gave back, the
//! ticket that it took the place of; and every number of a paper, which one living claim uses up.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, fixed_columns, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
ALTER TABLE visit_line ADD COLUMN passenger TEXT NOT NULL DEFAULT '';
ALTER TABLE visit_line ADD COLUMN refund_fen {int} NOT NULL DEFAULT 0
    CHECK (refund_fen >= 0 AND refund_fen <= amount_fen);
ALTER TABLE visit_line ADD COLUMN refund_no TEXT NOT NULL DEFAULT '';
ALTER TABLE visit_line ADD COLUMN original_no TEXT NOT NULL DEFAULT '';
CREATE TABLE visit_number (
    id {id},
    line_id {int} NOT NULL REFERENCES visit_line (id),
    number_key TEXT NOT NULL CHECK (number_key <> ''),
    released_at {at}
) {strict};
INSERT INTO visit_number (line_id, number_key, released_at)
    SELECT id, ticket_key, released_at FROM visit_line WHERE ticket_key IS NOT NULL ORDER BY id;
CREATE UNIQUE INDEX visit_number_once ON visit_number (number_key) WHERE released_at IS NULL;
CREATE INDEX visit_number_line ON visit_number (line_id);
";

const ADDED: &[&str] = &["passenger", "refund_fen", "refund_no", "original_no"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        fixed_columns(manager, "visit_line", "visit_line_papers_fixed", ADDED).await?;
        let columns = &["line_id", "number_key", "released_at"];
        let open = "OLD.released_at IS NULL";
        append_only(manager, "visit_number", columns, &["released_at"], open).await
    }
}
