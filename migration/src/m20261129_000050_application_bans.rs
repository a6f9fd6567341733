//! Enterprises that got money by deceit file nothing for a time.

use sea_orm_migration::prelude::*;

use crate::fact::{ENTERPRISE, Fact, TEXT};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Two recoveries may ban one enterprise over the same days.
const BAN: Fact = Fact {
    table: "application_ban",
    anchor: ENTERPRISE,
    own: &[("case_no", TEXT)],
    clashes: Some("NEW.case_no = o.case_no"),
};

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        BAN.create(manager).await
    }
}
