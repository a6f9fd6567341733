//! Exchange rates as banks quoted them: read in from a file by one person and confirmed by another.
//! A later quotation of the same day supersedes the earlier one, which stays.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE exchange_rate_upload (
    id {id},
    upload_no TEXT NOT NULL UNIQUE,
    file_name TEXT NOT NULL,
    content_sha256 TEXT NOT NULL,
    rate_source TEXT NOT NULL,
    quotations TEXT NOT NULL,
    quotation_count {int} NOT NULL CHECK (quotation_count > 0),
    proposed_by {int} NOT NULL REFERENCES account (id),
    proposed_holder {int} NOT NULL REFERENCES account_holder (id),
    proposed_at {at} NOT NULL,
    decided_by {int} REFERENCES account (id),
    decided_holder {int} REFERENCES account_holder (id),
    decided_at {at},
    accepted {bool},
    note TEXT,
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_holder IS NULL)),
    CHECK ((decided_at IS NULL) = (accepted IS NULL)),
    CONSTRAINT exchange_rate_two_people
        CHECK (accepted IS NULL OR NOT accepted OR proposed_holder <> decided_holder)
) {strict};
CREATE TABLE exchange_rate (
    id {id},
    currency TEXT NOT NULL CHECK (length(currency) = 3 AND currency <> 'CNY'),
    quoted_on {date} NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('spot_sell')),
    rate_millionths {int} NOT NULL CHECK (rate_millionths > 0),
    rate_source TEXT NOT NULL,
    upload_id {int} NOT NULL REFERENCES exchange_rate_upload (id),
    recorded_at {at} NOT NULL,
    superseded_at {at},
    superseded_upload_id {int} REFERENCES exchange_rate_upload (id),
    CHECK ((superseded_at IS NULL) = (superseded_upload_id IS NULL))
) {strict};
CREATE UNIQUE INDEX exchange_rate_one_live
    ON exchange_rate (currency, direction, quoted_on) WHERE superseded_at IS NULL;
CREATE INDEX exchange_rate_day ON exchange_rate (quoted_on, currency);
";

const UPLOAD: &[&str] = &[
    "upload_no",
    "file_name",
    "content_sha256",
    "rate_source",
    "quotations",
    "quotation_count",
    "proposed_by",
    "proposed_holder",
    "proposed_at",
];

const DECISION: &[&str] = &["decided_by", "decided_holder", "decided_at", "accepted", "note"];

const RATE: &[&str] = &[
    "currency",
    "quoted_on",
    "direction",
    "rate_millionths",
    "rate_source",
    "upload_id",
    "recorded_at",
];

const CLOSING: &[&str] = &["superseded_at", "superseded_upload_id"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let upload = [UPLOAD, DECISION].concat();
        let undecided = "OLD.decided_at IS NULL";
        append_only(manager, "exchange_rate_upload", &upload, DECISION, undecided).await?;
        let rate = [RATE, CLOSING].concat();
        append_only(manager, "exchange_rate", &rate, CLOSING, "OLD.superseded_at IS NULL").await
    }
}
