//! Windows in which the province lets files of some kinds rest: proposed by one person, confirmed
//! by another.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE freeze_window (
    id {id},
    window_no TEXT NOT NULL UNIQUE,
    from_day {date} NOT NULL,
    through_day {date} NOT NULL,
    reason TEXT NOT NULL CHECK (reason <> ''),
    kinds TEXT NOT NULL CHECK (kinds <> ''),
    reach TEXT NOT NULL CHECK (reach IN ('filing', 'all')),
    limits_rest {bool} NOT NULL,
    proposed_by {int} NOT NULL REFERENCES account (id),
    proposed_holder {int} NOT NULL REFERENCES account_holder (id),
    proposed_at {at} NOT NULL,
    decided_by {int} REFERENCES account (id),
    decided_holder {int} REFERENCES account_holder (id),
    decided_at {at},
    accepted {bool},
    note TEXT NOT NULL,
    lifted_by {int} REFERENCES account (id),
    lifted_at {at},
    lifted_from {date},
    CHECK (from_day <= through_day),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK ((decided_by IS NULL) = (accepted IS NULL)),
    CHECK ((decided_by IS NULL) = (decided_holder IS NULL)),
    CHECK (decided_holder IS NULL OR decided_holder <> proposed_holder),
    CHECK ((lifted_by IS NULL) = (lifted_at IS NULL)),
    CHECK ((lifted_by IS NULL) = (lifted_from IS NULL)),
    CHECK (lifted_by IS NULL OR accepted)
) {strict};
CREATE INDEX freeze_window_days ON freeze_window (through_day);
";

const COLUMNS: &[&str] = &[
    "window_no",
    "from_day",
    "through_day",
    "reason",
    "kinds",
    "reach",
    "limits_rest",
    "proposed_by",
    "proposed_holder",
    "proposed_at",
    "decided_by",
    "decided_holder",
    "decided_at",
    "accepted",
    "note",
    "lifted_by",
    "lifted_at",
    "lifted_from",
];
/// What a decision or the end before its time adds.
const MAY_CHANGE: &[&str] = &[
    "decided_by",
    "decided_holder",
    "decided_at",
    "accepted",
    "note",
    "lifted_by",
    "lifted_at",
    "lifted_from",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        append_only(manager, "freeze_window", COLUMNS, MAY_CHANGE, "OLD.lifted_at IS NULL").await
    }
}
