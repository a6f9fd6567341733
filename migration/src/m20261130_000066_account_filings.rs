//! An account of a person that takes the place of another number waits for a second person as an
//! account of an enterprise does; both are put down in one table.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "
CREATE TABLE account_filing (
    id {id},
    filing_no TEXT NOT NULL UNIQUE,
    person_id {int} REFERENCES person (id),
    enterprise_id {int} REFERENCES enterprise (id),
    account_name TEXT NOT NULL CHECK (account_name <> ''),
    account_index TEXT NOT NULL CHECK (account_index <> ''),
    account_cipher {bytes} NOT NULL,
    last_four TEXT NOT NULL CHECK (length(last_four) <= 4),
    bank_name TEXT NOT NULL CHECK (bank_name <> ''),
    cnaps TEXT NOT NULL CHECK (length(cnaps) = 12),
    from_day {date} NOT NULL,
    document_no TEXT NOT NULL,
    reason TEXT NOT NULL,
    brought_by {int} REFERENCES source_document (id),
    filed_by {int} NOT NULL REFERENCES account (id),
    filed_holder {int} NOT NULL REFERENCES account_holder (id),
    filed_at {at} NOT NULL,
    decided_by {int} REFERENCES account (id),
    decided_holder {int} REFERENCES account_holder (id),
    decided_at {at},
    accepted {bool},
    note TEXT NOT NULL,
    source_id {int} REFERENCES source_document (id),
    CHECK ((person_id IS NULL) <> (enterprise_id IS NULL)),
    CHECK (person_id IS NOT NULL OR document_no <> ''),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_holder IS NULL)),
    CHECK ((decided_at IS NULL) = (accepted IS NULL)),
    CHECK (source_id IS NULL OR accepted),
    CONSTRAINT account_filing_two_people
        CHECK (accepted IS NULL OR NOT accepted OR filed_holder <> decided_holder)
) {strict};
INSERT INTO account_filing
    (filing_no, enterprise_id, account_name, account_index, account_cipher, last_four, bank_name,
     cnaps, from_day, document_no, reason, filed_by, filed_holder, filed_at, decided_by,
     decided_holder, decided_at, accepted, note, source_id)
SELECT filing_no, enterprise_id, account_name, account_index, account_cipher, last_four, bank_name,
    cnaps, from_day, document_no, reason, filed_by, filed_holder, filed_at, decided_by,
    decided_holder, decided_at, accepted, note, source_id
FROM enterprise_account_filing ORDER BY id;
UPDATE counter SET name = 'account_filing' WHERE name = 'enterprise_account_filing';
DROP TABLE enterprise_account_filing;
CREATE UNIQUE INDEX account_filing_one_open_of_person ON account_filing (person_id)
    WHERE decided_at IS NULL AND person_id IS NOT NULL;
CREATE UNIQUE INDEX account_filing_one_open_of_enterprise ON account_filing (enterprise_id)
    WHERE decided_at IS NULL AND enterprise_id IS NOT NULL;
CREATE INDEX account_filing_of_person ON account_filing (person_id, id);
CREATE INDEX account_filing_of_enterprise ON account_filing (enterprise_id, id);
CREATE INDEX account_filing_source ON account_filing (source_id) WHERE source_id IS NOT NULL;
CREATE INDEX account_filing_brought ON account_filing (brought_by) WHERE brought_by IS NOT NULL;
";

const COLUMNS: &[&str] = &[
    "filing_no",
    "person_id",
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
    "brought_by",
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
        append_only(manager, "account_filing", COLUMNS, decision, open).await
    }
}
