//! Guards against overlaps that PostgreSQL carries out alike however many rows there are.
//!
//! Without statistics, as in a first import, an index of live rows by their first day looked as good to it as
//! the one of a person's rows, and each new row was compared with all before it: 100,000 months of evidence
//! took 140 s. Said so that no index of live rows or of days fits, the guard asks for the rows of one person.
//! SQLite takes that index anyway.

use sea_orm_migration::prelude::*;

use crate::dialect::steady_guards;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        steady_guards(manager).await
    }
}
