//! Keys of the database, wrapped by the master key, so that each can be changed while others work.
//! What is sealed may be put into its place again when a newer key sealed it, and in no other way.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, resealable, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "
CREATE TABLE data_key (
    id {int} NOT NULL PRIMARY KEY CHECK (id > 0 AND id < 4294967296),
    purpose TEXT NOT NULL CHECK (purpose IN ('seal', 'index', 'sign')),
    suite TEXT NOT NULL CHECK (suite IN ('intl', 'gm')),
    is_first {bool} NOT NULL,
    wrapped {bytes} NOT NULL,
    made_at {at} NOT NULL,
    starts_at {at} NOT NULL,
    resealed_at {at}
) {strict};
CREATE UNIQUE INDEX data_key_one_for_good ON data_key (purpose) WHERE purpose <> 'seal';
CREATE UNIQUE INDEX data_key_one_first ON data_key (purpose) WHERE is_first;
";

const COLUMNS: &[&str] =
    &["id", "purpose", "suite", "is_first", "wrapped", "made_at", "starts_at", "resealed_at"];

/// Append-only tables with sealed columns.
const SEALED: [(&str, &[&str]); 8] = [
    ("person_document", &["number_cipher"]),
    ("person_contact", &["mobile_cipher"]),
    ("bank_account", &["account_cipher"]),
    ("account_filing", &["account_cipher"]),
    ("objection_file", &["objector_cipher", "contact_cipher"]),
    ("tip", &["informant_cipher", "contact_cipher"]),
    ("second_factor", &["secret_cipher"]),
    ("mail_outbox", &["address_cipher"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLE).await?;
        // Its wrapping changes with the master key.
        append_only(manager, "data_key", COLUMNS, &["wrapped", "resealed_at"], "").await?;
        for (table, columns) in SEALED {
            resealable(manager, table, columns).await?;
        }
        Ok(())
    }
}
