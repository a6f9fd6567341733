//! A notice that says something wrong starts again with another text; a line is taken out of it.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE public_notice_text (
    id {id},
    notice_id {int} NOT NULL REFERENCES public_notice (id),
    period_seq {int} NOT NULL CHECK (period_seq > 1),
    title TEXT NOT NULL CHECK (title <> ''),
    basis TEXT NOT NULL CHECK (basis <> ''),
    contact TEXT NOT NULL CHECK (contact <> '')
) {strict};
CREATE UNIQUE INDEX public_notice_text_period ON public_notice_text (notice_id, period_seq);

CREATE TABLE public_notice_withdrawal (
    id {id},
    entry_id {int} NOT NULL UNIQUE REFERENCES public_notice_entry (id),
    reason TEXT NOT NULL CHECK (reason <> ''),
    recorded_by {int} NOT NULL REFERENCES account (id),
    recorded_at {at} NOT NULL
) {strict};
";

const TEXT: &[&str] = &["notice_id", "period_seq", "title", "basis", "contact"];
const WITHDRAWAL: &[&str] = &["entry_id", "reason", "recorded_by", "recorded_at"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        append_only(manager, "public_notice_text", TEXT, &[], "").await?;
        append_only(manager, "public_notice_withdrawal", WITHDRAWAL, &[], "").await
    }
}
