//! Money that comes back: recoveries that are decided, what was repaid, set off or given up.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, drop_guard, guard_insert, run, widen_check};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
ALTER TABLE recovery ADD COLUMN claim_year {int};
CREATE TABLE recovery_entry (
    id {id},
    recovery_id {int} NOT NULL REFERENCES recovery (id),
    kind TEXT NOT NULL CHECK (kind IN ('repaid', 'set_off', 'written_off', 'dropped')),
    amount_fen {int} NOT NULL CHECK (amount_fen > 0),
    on_day {date} NOT NULL,
    document_no TEXT NOT NULL,
    budget_year {int} NOT NULL,
    payment_line_id {int} REFERENCES payment_line (id),
    recorded_by {int} REFERENCES account_holder (id),
    recorded_at {at} NOT NULL,
    decided_by {int} REFERENCES account_holder (id),
    decided_at {at},
    accepted {bool},
    CONSTRAINT recovery_entry_two_people CHECK (decided_by IS NULL OR decided_by <> recorded_by),
    CHECK ((accepted IS NULL) = (decided_at IS NULL)),
    CHECK (kind = 'repaid' OR accepted IS NOT NULL),
    CHECK ((kind = 'set_off') = (payment_line_id IS NOT NULL))
) {strict};
CREATE UNIQUE INDEX recovery_entry_one_waits ON recovery_entry (recovery_id) WHERE accepted IS NULL;
CREATE UNIQUE INDEX recovery_entry_line ON recovery_entry (payment_line_id);
CREATE INDEX recovery_entry_recovery ON recovery_entry (recovery_id, id);
CREATE INDEX recovery_payer ON recovery (payer_division, state, id);
";

const RECOVERY: &[&str] = &[
    "recovery_no",
    "person_id",
    "programme",
    "award_year",
    "source",
    "payer_division",
    "amount_fen",
    "entitlement_id",
    "recorded_at",
    "state",
    "cancelled_at",
    "claim_year",
];

const ENTRY: &[&str] = &[
    "recovery_id",
    "kind",
    "amount_fen",
    "on_day",
    "document_no",
    "budget_year",
    "payment_line_id",
    "recorded_by",
    "recorded_at",
    "decided_by",
    "decided_at",
    "accepted",
];

/// What came back may be paid again when it turns out to be due: the sum of a payer's live lines
/// less what came back never passes what the live entitlement grants.
const OVERPAID: &str = "
    SELECT 1 WHERE NEW.amount_fen + COALESCE((
        SELECT SUM(l.amount_fen) FROM payment_line l
        WHERE l.person_id = NEW.person_id AND l.programme = NEW.programme
          AND l.award_year = NEW.award_year AND l.source = NEW.source
          AND l.payer_division = NEW.payer_division AND l.state <> 'void'), 0)
    - COALESCE((
        SELECT SUM(b.amount_fen) FROM recovery_entry b JOIN recovery r ON r.id = b.recovery_id
        WHERE r.person_id = NEW.person_id AND r.programme = NEW.programme
          AND r.award_year = NEW.award_year AND r.source = NEW.source
          AND r.payer_division = NEW.payer_division
          AND b.accepted AND b.kind IN ('repaid', 'set_off')), 0)
    > COALESCE((
        SELECT SUM(s.amount_fen) FROM entitlement_share s
        JOIN entitlement e ON e.id = s.entitlement_id
        WHERE e.person_id = NEW.person_id AND e.programme = NEW.programme
          AND e.award_year = NEW.award_year AND e.superseded_at IS NULL
          AND s.source = NEW.source AND s.payer_division = NEW.payer_division), 0)";

/// No more comes back than was decided.
const OVERDRAWN: &str = "
    SELECT 1 FROM recovery r WHERE r.id = NEW.recovery_id AND (r.state <> 'claimed'
        OR NEW.amount_fen + COALESCE((
            SELECT SUM(b.amount_fen) FROM recovery_entry b
            WHERE b.recovery_id = r.id AND COALESCE(b.accepted, TRUE)), 0) > r.amount_fen)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let kinds = &["key_enterprise", "recognition", "roster_entry", "entitlement", "objection"];
        widen_check(manager, ("case_file", "kind"), kinds, &["recovery"]).await?;
        let states = &["proposed", "cancelled"];
        widen_check(manager, ("recovery", "state"), states, &["claimed", "closed"]).await?;
        widen_check(manager, ("payment_line", "kind"), &["stipend", "supplement"], &["offset"])
            .await?;
        run(manager, TABLES).await?;
        let decision = &["decided_by", "decided_at", "accepted"];
        append_only(manager, "recovery_entry", ENTRY, decision, "OLD.accepted IS NULL").await?;
        let steps = &["state", "cancelled_at", "claim_year"];
        let open = "OLD.state IN ('proposed', 'claimed')";
        append_only(manager, "recovery", RECOVERY, steps, open).await?;
        let lock = "PERFORM 1 FROM recovery WHERE id = NEW.recovery_id FOR UPDATE;";
        guard_insert(manager, "recovery_entry", "recovery_overdrawn", "TRUE", lock, OVERDRAWN)
            .await?;
        replace_overpaid(manager).await
    }
}

/// The guard of double payment, told of what came back.
async fn replace_overpaid(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    drop_guard(manager, "payment_line", "payment_line_overpaid").await?;
    let lock = "PERFORM 1 FROM person WHERE id = NEW.person_id FOR UPDATE;";
    let live = "NEW.state <> 'void'";
    guard_insert(manager, "payment_line", "payment_line_overpaid", live, lock, OVERPAID).await
}
