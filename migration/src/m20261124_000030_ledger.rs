//! The books: double entry, append-only. What budget lines and batches hold already is booked as
//! the opening state.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, guard_insert, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// A row moves an amount from one account to another, so that the accounts always add up to zero.
const TABLE: &str = "
CREATE TABLE ledger_entry (
    id {id},
    event TEXT NOT NULL,
    from_account TEXT NOT NULL,
    to_account TEXT NOT NULL,
    programme TEXT NOT NULL,
    source TEXT NOT NULL,
    payer_division TEXT NOT NULL,
    budget_year {int} NOT NULL,
    award_year {int},
    paid_on {date},
    amount_fen {int} NOT NULL CHECK (amount_fen > 0),
    object_kind TEXT NOT NULL,
    object_no TEXT NOT NULL,
    recorded_by {int} REFERENCES account (id),
    recorded_at {at} NOT NULL,
    CHECK (from_account <> to_account)
) {strict};
CREATE INDEX ledger_entry_line ON ledger_entry
    (budget_year, payer_division, source, programme, event, from_account, to_account, amount_fen);
CREATE INDEX ledger_entry_object ON ledger_entry (object_kind, object_no);
ALTER TABLE budget_allocation ADD COLUMN programme TEXT NOT NULL DEFAULT 'core-engineer';
DROP INDEX budget_allocation_line;
CREATE INDEX budget_allocation_line
    ON budget_allocation (programme, source, payer_division, budget_year);
";

/// Documents first: what batches hold comes out of them.
const OPENING: &str = "
INSERT INTO ledger_entry
    (event, from_account, to_account, programme, source, payer_division, budget_year,
     amount_fen, object_kind, object_no, recorded_by, recorded_at)
SELECT 'allotted', CASE WHEN amount_fen > 0 THEN 'allotted' ELSE 'budget' END,
    CASE WHEN amount_fen > 0 THEN 'budget' ELSE 'allotted' END,
    programme, source, payer_division, budget_year, ABS(amount_fen), 'budget', document_no,
    recorded_by, recorded_at
FROM budget_allocation ORDER BY id;
INSERT INTO ledger_entry
    (event, from_account, to_account, programme, source, payer_division, budget_year, award_year,
     amount_fen, object_kind, object_no, recorded_at)
SELECT 'opened', 'budget',
    CASE WHEN l.outcome = 'settled' THEN 'paid'
        WHEN b.state IN ('sent', 'part_returned', 'settled', 'closed') THEN 'in_transit'
        ELSE 'committed' END,
    b.programme, b.source, b.payer_division, b.budget_year, b.award_year,
    SUM(l.amount_fen), 'batch', b.batch_no, MAX(b.created_at)
FROM batch_line l JOIN batch b ON b.id = l.batch_id
WHERE l.live
GROUP BY b.id, b.batch_no, b.programme, b.source, b.payer_division, b.budget_year, b.award_year,
    CASE WHEN l.outcome = 'settled' THEN 'paid'
        WHEN b.state IN ('sent', 'part_returned', 'settled', 'closed') THEN 'in_transit'
        ELSE 'committed' END;
";

/// An account of a budget line never gives more than it has. Those that stand for the outside are
/// without end.
const OVERDRAWN: &str = "
    SELECT 1 WHERE NEW.amount_fen > COALESCE((
        SELECT SUM(CASE WHEN e.to_account = NEW.from_account THEN e.amount_fen
                        ELSE -e.amount_fen END)
        FROM ledger_entry e
        WHERE e.budget_year = NEW.budget_year AND e.payer_division = NEW.payer_division
          AND e.source = NEW.source AND e.programme = NEW.programme
          AND (e.to_account = NEW.from_account OR e.from_account = NEW.from_account)), 0)";

const COLUMNS: &[&str] = &[
    "event",
    "from_account",
    "to_account",
    "programme",
    "source",
    "payer_division",
    "budget_year",
    "award_year",
    "paid_on",
    "amount_fen",
    "object_kind",
    "object_no",
    "recorded_by",
    "recorded_at",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLE).await?;
        run(manager, OPENING).await?;
        // Whoever spends from a budget line waits here for whoever else does.
        let lock = "PERFORM pg_advisory_xact_lock(hashtext(NEW.programme || '/' || NEW.source \
                    || '/' || NEW.payer_division || '/' || NEW.budget_year));";
        let bounded = "NEW.from_account NOT IN ('allotted', 'carried', 'claims', 'unexplained')";
        guard_insert(manager, "ledger_entry", "ledger_overdrawn", bounded, lock, OVERDRAWN).await?;
        append_only(manager, "ledger_entry", COLUMNS, &[], "").await
    }
}
