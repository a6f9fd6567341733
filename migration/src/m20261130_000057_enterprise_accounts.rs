//! Accounts of enterprises are put down by one person and confirmed by another; only then they
//! become facts that money is paid to. What was sent back stays readable.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "
CREATE TABLE enterprise_account_filing (
    id {id},
    filing_no TEXT NOT NULL UNIQUE,
    enterprise_id {int} NOT NULL REFERENCES enterprise (id),
    account_name TEXT NOT NULL CHECK (account_name <> ''),
    account_index TEXT NOT NULL CHECK (account_index <> ''),
    account_cipher {bytes} NOT NULL,
    last_four TEXT NOT NULL CHECK (length(last_four) <= 4),
    bank_name TEXT NOT NULL CHECK (bank_name <> ''),
    cnaps TEXT NOT NULL CHECK (length(cnaps) = 12),
    from_day {date} NOT NULL,
    document_no TEXT NOT NULL CHECK (document_no <> ''),
    reason TEXT NOT NULL,
    filed_by {int} NOT NULL REFERENCES account (id),
    filed_holder {int} NOT NULL REFERENCES account_holder (id),
    filed_at {at} NOT NULL,
    decided_by {int} REFERENCES account (id),
    decided_holder {int} REFERENCES account_holder (id),
    decided_at {at},
    accepted {bool},
    note TEXT NOT NULL,
    source_id {int} REFERENCES source_document (id),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_holder IS NULL)),
    CHECK ((decided_at IS NULL) = (accepted IS NULL)),
    CHECK (source_id IS NULL OR accepted),
    CONSTRAINT enterprise_account_two_people
        CHECK (accepted IS NULL OR NOT accepted OR filed_holder <> decided_holder)
) {strict};
CREATE UNIQUE INDEX enterprise_account_one_open
    ON enterprise_account_filing (enterprise_id) WHERE decided_at IS NULL;
CREATE INDEX enterprise_account_filing_of ON enterprise_account_filing (enterprise_id, id);
CREATE INDEX enterprise_account_filing_source ON enterprise_account_filing (source_id)
    WHERE source_id IS NOT NULL;
";

const COLUMNS: &[&str] = &[
    "filing_no",
    "enterprise_id",
    "account_name",
    "account_index",
    "account_cipher",
    "last_four",
    "bank_name",
    "cnaps",
    "from_day",
    "document_no",
    "reason",
    "filed_by",
    "filed_holder",
    "filed_at",
    "decided_by",
    "decided_holder",
    "decided_at",
    "accepted",
    "note",
    "source_id",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLE).await?;
        let decision =
            &["decided_by", "decided_holder", "decided_at", "accepted", "note", "source_id"];
        let open = "OLD.decided_at IS NULL";
        append_only(manager, "enterprise_account_filing", COLUMNS, decision, open).await
    }
}
