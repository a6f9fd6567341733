//! Files that prove something: where they lie, what they are, and what they belong to. A row is
//! never changed but for its withdrawal.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE attachment (
    id {id},
    store_name TEXT NOT NULL UNIQUE,
    subject_kind TEXT NOT NULL,
    subject_id {int} NOT NULL,
    organisation_id {int} NOT NULL REFERENCES organisation (id),
    file_name TEXT NOT NULL,
    file_type TEXT NOT NULL CHECK (file_type IN ('pdf', 'jpg', 'png', 'xlsx', 'docx')),
    size_bytes {int} NOT NULL CHECK (size_bytes > 0),
    sha256 TEXT NOT NULL,
    sealed {bool} NOT NULL,
    note TEXT NOT NULL,
    uploaded_by {int} NOT NULL REFERENCES account (id),
    uploaded_at {at} NOT NULL,
    withdrawn_by {int} REFERENCES account (id),
    withdrawn_at {at},
    withdrawal_reason TEXT,
    CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL)),
    CHECK ((withdrawn_at IS NULL) = (withdrawal_reason IS NULL))
) {strict};
CREATE INDEX attachment_subject ON attachment (subject_kind, subject_id);
CREATE INDEX attachment_organisation ON attachment (organisation_id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let columns = [
            "store_name",
            "subject_kind",
            "subject_id",
            "organisation_id",
            "file_name",
            "file_type",
            "size_bytes",
            "sha256",
            "sealed",
            "note",
            "uploaded_by",
            "uploaded_at",
            "withdrawn_by",
            "withdrawn_at",
            "withdrawal_reason",
        ];
        let withdrawal = ["withdrawn_by", "withdrawn_at", "withdrawal_reason"];
        append_only(manager, "attachment", &columns, &withdrawal, "OLD.withdrawn_at IS NULL").await
    }
}
