//! Money of a budget line is set aside, taken back, carried over or given up by two people: one
//! proposes it with the document, another accepts it, and only then it is booked.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, fixed_columns, guard_insert, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE budget_request (
    id {id},
    request_no TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('allot', 'carry_over', 'lapse')),
    programme TEXT NOT NULL,
    source TEXT NOT NULL,
    payer_division TEXT NOT NULL,
    budget_year {int} NOT NULL,
    amount_fen {int} NOT NULL CHECK (amount_fen <> 0),
    document_no TEXT NOT NULL CHECK (document_no <> ''),
    agency_code TEXT NOT NULL,
    function_code TEXT NOT NULL,
    project_code TEXT NOT NULL,
    proposed_by {int} NOT NULL REFERENCES account_holder (id),
    proposed_at {at} NOT NULL,
    decided_by {int} REFERENCES account_holder (id),
    decided_at {at},
    accepted {bool},
    note TEXT NOT NULL,
    CONSTRAINT budget_request_two_people CHECK (decided_by IS NULL OR decided_by <> proposed_by),
    CHECK (kind = 'allot' OR amount_fen > 0),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK ((decided_by IS NULL) = (accepted IS NULL))
) {strict};
CREATE INDEX budget_request_line
    ON budget_request (payer_division, budget_year, source, programme, id);
ALTER TABLE budget_allocation ADD COLUMN request_no TEXT REFERENCES budget_request (request_no);
CREATE UNIQUE INDEX budget_allocation_once ON budget_allocation (request_no)
    WHERE request_no IS NOT NULL;
CREATE UNIQUE INDEX ledger_request_once ON ledger_entry (object_no, budget_year)
    WHERE object_kind = 'budget_request';
";

const COLUMNS: &[&str] = &[
    "request_no",
    "kind",
    "programme",
    "source",
    "payer_division",
    "budget_year",
    "amount_fen",
    "document_no",
    "agency_code",
    "function_code",
    "project_code",
    "proposed_by",
    "proposed_at",
    "decided_by",
    "decided_at",
    "accepted",
    "note",
];

/// Nothing accepted says that this line gets, or gives, this money. What is carried over comes out
/// of one year and goes into the next.
const UNREQUESTED: &str = "
    SELECT 1 WHERE NOT EXISTS (
        SELECT 1 FROM budget_request r
        WHERE r.request_no = NEW.object_no AND NEW.object_kind = 'budget_request' AND r.accepted
          AND r.programme = NEW.programme AND r.source = NEW.source
          AND r.payer_division = NEW.payer_division
          AND ((NEW.event = 'allotted' AND r.kind = 'allot' AND NEW.budget_year = r.budget_year
                AND NEW.from_account =
                    CASE WHEN r.amount_fen > 0 THEN 'allotted' ELSE 'budget' END)
            OR (NEW.event = 'lapsed' AND r.kind = 'lapse' AND NEW.budget_year = r.budget_year
                AND NEW.from_account = 'budget')
            OR (NEW.event = 'carried_over' AND r.kind = 'carry_over'
                AND ((NEW.budget_year = r.budget_year AND NEW.from_account = 'budget')
                  OR (NEW.budget_year = r.budget_year + 1 AND NEW.from_account = 'carried'))))
          AND ABS(r.amount_fen) = NEW.amount_fen)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let decision = &["decided_by", "decided_at", "accepted", "note"];
        append_only(manager, "budget_request", COLUMNS, decision, "OLD.decided_at IS NULL").await?;
        fixed_columns(
            manager,
            "budget_allocation",
            "budget_allocation_request_fixed",
            &["request_no"],
        )
        .await?;
        let guarded = "NEW.event IN ('allotted', 'carried_over', 'lapsed')";
        guard_insert(manager, "ledger_entry", "ledger_unrequested", guarded, "", UNREQUESTED).await
    }
}
