//! Money: lines that can be paid once, batches that three people release, what the bank said.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, guard_insert, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE payment_line (
    id {id},
    line_no TEXT NOT NULL UNIQUE,
    person_id {int} NOT NULL REFERENCES person (id),
    programme TEXT NOT NULL,
    award_year {int} NOT NULL,
    source TEXT NOT NULL,
    payer_division TEXT NOT NULL,
    component_no {int} NOT NULL CHECK (component_no >= 0),
    kind TEXT NOT NULL CHECK (kind IN ('stipend', 'supplement')),
    amount_fen {int} NOT NULL CHECK (amount_fen > 0),
    entitlement_id {int} NOT NULL REFERENCES entitlement (id),
    state TEXT NOT NULL CHECK (state IN ('payable', 'in_batch', 'paid', 'void')),
    recorded_at {at} NOT NULL,
    voided_at {at},
    CHECK ((kind = 'stipend') = (component_no = 0)),
    CHECK ((state = 'void') = (voided_at IS NOT NULL))
) {strict};
CREATE UNIQUE INDEX payment_line_one_live
    ON payment_line (person_id, programme, award_year, source, payer_division, component_no)
    WHERE state <> 'void';
CREATE INDEX payment_line_payable
    ON payment_line (programme, award_year, source, payer_division, state);

CREATE TABLE recovery (
    id {id},
    recovery_no TEXT NOT NULL UNIQUE,
    person_id {int} NOT NULL REFERENCES person (id),
    programme TEXT NOT NULL,
    award_year {int} NOT NULL,
    source TEXT NOT NULL,
    payer_division TEXT NOT NULL,
    amount_fen {int} NOT NULL CHECK (amount_fen > 0),
    entitlement_id {int} NOT NULL REFERENCES entitlement (id),
    state TEXT NOT NULL CHECK (state IN ('proposed', 'cancelled')),
    recorded_at {at} NOT NULL,
    cancelled_at {at}
) {strict};
CREATE UNIQUE INDEX recovery_one_proposed
    ON recovery (person_id, programme, award_year, source, payer_division)
    WHERE state = 'proposed';

CREATE TABLE budget_allocation (
    id {id},
    source TEXT NOT NULL,
    payer_division TEXT NOT NULL,
    budget_year {int} NOT NULL,
    amount_fen {int} NOT NULL CHECK (amount_fen <> 0),
    document_no TEXT NOT NULL,
    recorded_by {int} NOT NULL REFERENCES account (id),
    recorded_at {at} NOT NULL
) {strict};
CREATE INDEX budget_allocation_line ON budget_allocation (source, payer_division, budget_year);

CREATE TABLE batch (
    id {id},
    batch_no TEXT NOT NULL UNIQUE,
    programme TEXT NOT NULL,
    award_year {int} NOT NULL,
    budget_year {int} NOT NULL,
    source TEXT NOT NULL,
    payer_division TEXT NOT NULL,
    payer_account TEXT NOT NULL,
    purpose TEXT NOT NULL,
    max_lines {int} NOT NULL CHECK (max_lines > 0),
    state TEXT NOT NULL CHECK (state IN
        ('draft', 'frozen', 'checked', 'approved', 'file_issued', 'sent', 'part_returned',
         'settled', 'closed', 'cancelled')),
    revision {int} NOT NULL,
    line_count {int} NOT NULL,
    total_fen {int} NOT NULL,
    content_hash TEXT NOT NULL,
    made_by {int} NOT NULL REFERENCES account_holder (id),
    checked_by {int} REFERENCES account_holder (id),
    approved_by {int} REFERENCES account_holder (id),
    frozen_at {at},
    file_created_at {at},
    file_sha256 TEXT NOT NULL,
    voucher_no TEXT NOT NULL,
    created_at {at} NOT NULL,
    version {int} NOT NULL,
    CONSTRAINT batch_three_people CHECK (
        (checked_by IS NULL OR checked_by <> made_by)
        AND (approved_by IS NULL OR
             (checked_by IS NOT NULL AND approved_by <> made_by AND approved_by <> checked_by))),
    CONSTRAINT batch_released_by_three CHECK (
        state IN ('draft', 'frozen', 'checked', 'cancelled') OR approved_by IS NOT NULL),
    CONSTRAINT batch_checked_by_two CHECK (state <> 'checked' OR checked_by IS NOT NULL)
) {strict};

CREATE TABLE batch_step (
    id {id},
    batch_id {int} NOT NULL REFERENCES batch (id),
    revision {int} NOT NULL,
    action TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    account_id {int} NOT NULL REFERENCES account (id),
    holder_id {int} NOT NULL REFERENCES account_holder (id),
    at {at} NOT NULL,
    reason TEXT NOT NULL,
    content_hash TEXT NOT NULL
) {strict};
CREATE INDEX batch_step_batch ON batch_step (batch_id, id);

CREATE TABLE batch_line (
    id {id},
    line_ref TEXT NOT NULL UNIQUE,
    batch_id {int} NOT NULL REFERENCES batch (id),
    revision {int} NOT NULL,
    seq {int} NOT NULL CHECK (seq > 0),
    payment_line_id {int} NOT NULL REFERENCES payment_line (id),
    payee_name TEXT NOT NULL,
    bank_account_id {int} NOT NULL REFERENCES bank_account (id),
    last_four TEXT NOT NULL,
    amount_fen {int} NOT NULL CHECK (amount_fen > 0),
    live {bool} NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('pending', 'released', 'settled', 'failed')),
    reason_code TEXT NOT NULL,
    reason_text TEXT NOT NULL,
    bank_serial TEXT NOT NULL,
    paid_at {at},
    CHECK (live = (outcome IN ('pending', 'settled'))),
    UNIQUE (batch_id, revision, seq)
) {strict};
CREATE UNIQUE INDEX batch_line_one_live ON batch_line (payment_line_id) WHERE live;

CREATE TABLE bank_return (
    id {id},
    return_no TEXT NOT NULL UNIQUE,
    batch_id {int} NOT NULL REFERENCES batch (id),
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE,
    loaded_by {int} NOT NULL REFERENCES account_holder (id),
    loaded_at {at} NOT NULL,
    confirmed_by {int} REFERENCES account_holder (id),
    confirmed_at {at},
    CONSTRAINT bank_return_two_people CHECK (confirmed_by IS NULL OR confirmed_by <> loaded_by)
) {strict};

CREATE TABLE bank_return_row (
    id {id},
    return_id {int} NOT NULL REFERENCES bank_return (id),
    row_no {int} NOT NULL,
    line_ref TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('S', 'F', 'R')),
    paid_fen {int} NOT NULL,
    bank_serial TEXT NOT NULL,
    paid_at {at},
    reason_code TEXT NOT NULL,
    reason_text TEXT NOT NULL,
    disposition TEXT NOT NULL CHECK (disposition IN ('matched', 'repeated', 'suspense')),
    query TEXT NOT NULL,
    batch_line_id {int} REFERENCES batch_line (id),
    resolution TEXT NOT NULL,
    resolved_by {int} REFERENCES account_holder (id),
    resolved_at {at},
    UNIQUE (return_id, row_no)
) {strict};
";

/// The sum of a person's live lines from one payer can never pass what the live entitlement
/// grants from that payer: a second payment has no row to stand on.
const OVERPAID: &str = "
    SELECT 1 WHERE NEW.amount_fen + COALESCE((
        SELECT SUM(l.amount_fen) FROM payment_line l
        WHERE l.person_id = NEW.person_id AND l.programme = NEW.programme
          AND l.award_year = NEW.award_year AND l.source = NEW.source
          AND l.payer_division = NEW.payer_division AND l.state <> 'void'), 0)
    > COALESCE((
        SELECT SUM(s.amount_fen) FROM entitlement_share s
        JOIN entitlement e ON e.id = s.entitlement_id
        WHERE e.person_id = NEW.person_id AND e.programme = NEW.programme
          AND e.award_year = NEW.award_year AND e.superseded_at IS NULL
          AND s.source = NEW.source AND s.payer_division = NEW.payer_division), 0)";

// Columns that never change, or only once.
const LINE: &[&str] = &[
    "line_no",
    "person_id",
    "programme",
    "award_year",
    "source",
    "payer_division",
    "component_no",
    "kind",
    "amount_fen",
    "entitlement_id",
    "recorded_at",
    "state",
    "voided_at",
];
const BATCH_LINE: &[&str] = &[
    "line_ref",
    "batch_id",
    "revision",
    "seq",
    "payment_line_id",
    "payee_name",
    "bank_account_id",
    "last_four",
    "amount_fen",
    "live",
    "outcome",
    "reason_code",
    "reason_text",
    "bank_serial",
    "paid_at",
];
const OUTCOME: &[&str] =
    &["live", "outcome", "reason_code", "reason_text", "bank_serial", "paid_at"];
const STEP: &[&str] = &[
    "batch_id",
    "revision",
    "action",
    "from_state",
    "to_state",
    "account_id",
    "holder_id",
    "at",
    "reason",
    "content_hash",
];
const ALLOCATION: &[&str] = &[
    "source",
    "payer_division",
    "budget_year",
    "amount_fen",
    "document_no",
    "recorded_by",
    "recorded_at",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let lock = "PERFORM 1 FROM person WHERE id = NEW.person_id FOR UPDATE;";
        guard_insert(
            manager,
            "payment_line",
            "payment_line_overpaid",
            "NEW.state <> 'void'",
            lock,
            OVERPAID,
        )
        .await?;
        append_only(manager, "payment_line", LINE, &["state", "voided_at"], "OLD.state <> 'void'")
            .await?;
        append_only(manager, "batch_line", BATCH_LINE, OUTCOME, "OLD.live").await?;
        append_only(manager, "batch_step", STEP, &[], "").await?;
        append_only(manager, "budget_allocation", ALLOCATION, &[], "").await
    }
}
