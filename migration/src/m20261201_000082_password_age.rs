//! How old passwords are, which ones came before, and since when an account is in use.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// A password without a day of its own was set with the account.
const TABLES: &str = "
ALTER TABLE account ADD COLUMN password_set_at {at};
ALTER TABLE account ADD COLUMN in_use_since {at};
CREATE TABLE earlier_password (
    id {id},
    account_id {int} NOT NULL REFERENCES account (id),
    password_hash TEXT NOT NULL,
    replaced_at {at} NOT NULL
) {strict};
CREATE INDEX earlier_password_of ON earlier_password (account_id, id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let columns = &["account_id", "password_hash", "replaced_at"];
        append_only(manager, "earlier_password", columns, &[], "").await
    }
}
