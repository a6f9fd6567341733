//! What the public says of a line after its notice is over: kept for the office, and how it ended.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE tip (
    id {id},
    tip_no TEXT NOT NULL UNIQUE,
    entry_id {int} NOT NULL REFERENCES public_notice_entry (id),
    named {bool} NOT NULL,
    informant_cipher {bytes} NOT NULL,
    contact_cipher {bytes} NOT NULL,
    content TEXT NOT NULL CHECK (content <> ''),
    received_at {at} NOT NULL
) {strict};
CREATE INDEX tip_entry ON tip (entry_id);

CREATE TABLE tip_end (
    id {id},
    tip_id {int} NOT NULL UNIQUE REFERENCES tip (id),
    note TEXT NOT NULL CHECK (note <> ''),
    closed_by {int} NOT NULL REFERENCES account (id),
    closed_at {at} NOT NULL
) {strict};
";

const TIP: &[&str] = &[
    "tip_no",
    "entry_id",
    "named",
    "informant_cipher",
    "contact_cipher",
    "content",
    "received_at",
];
const END: &[&str] = &["tip_id", "note", "closed_by", "closed_at"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        append_only(manager, "tip", TIP, &[], "").await?;
        append_only(manager, "tip_end", END, &[], "").await
    }
}
