//! Money that a finance office keeps back, until somebody else lets it go.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, guard_insert, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "
CREATE TABLE payment_hold (
    id {id},
    person_id {int} NOT NULL REFERENCES person (id),
    programme TEXT NOT NULL,
    award_year {int} NOT NULL,
    payer_division TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason <> ''),
    held_by {int} NOT NULL REFERENCES account_holder (id),
    held_at {at} NOT NULL,
    released_by {int} REFERENCES account_holder (id),
    released_at {at},
    release_reason TEXT NOT NULL,
    CONSTRAINT payment_hold_two_people CHECK (released_by IS NULL OR released_by <> held_by),
    CHECK ((released_by IS NULL) = (released_at IS NULL)),
    CHECK ((released_by IS NULL) = (release_reason = ''))
) {strict};
CREATE UNIQUE INDEX payment_hold_one_open
    ON payment_hold (person_id, programme, award_year, payer_division) WHERE released_at IS NULL;
CREATE INDEX payment_hold_payer ON payment_hold (payer_division, id);
";

/// No batch takes what is held, whatever the code does.
const HELD: &str = "
    SELECT 1 FROM payment_line l JOIN payment_hold h
        ON h.person_id = l.person_id AND h.programme = l.programme
        AND h.award_year = l.award_year AND h.payer_division = l.payer_division
    WHERE l.id = NEW.payment_line_id AND h.released_at IS NULL";

const COLUMNS: &[&str] = &[
    "person_id",
    "programme",
    "award_year",
    "payer_division",
    "reason",
    "held_by",
    "held_at",
    "released_by",
    "released_at",
    "release_reason",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLE).await?;
        let end = &["released_by", "released_at", "release_reason"];
        append_only(manager, "payment_hold", COLUMNS, end, "OLD.released_at IS NULL").await?;
        guard_insert(manager, "batch_line", "payment_held", "NEW.live", "", HELD).await
    }
}
