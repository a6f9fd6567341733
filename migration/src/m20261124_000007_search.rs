//! The index behind the search box: pairs of characters of names, and a way to certificates.
//!
//! Two-character Chinese names are the rule, so trigram indexes find nothing; pairs need no
//! extension on either database. `COLLATE "C"` keeps PostgreSQL's order that of the characters.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::dialect::run;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "
CREATE TABLE search_gram (
    kind TEXT {plain} NOT NULL CHECK (kind IN ('person', 'enterprise')),
    gram TEXT {plain} NOT NULL,
    object_id {int} NOT NULL,
    PRIMARY KEY (kind, gram, object_id)
) {table};
CREATE INDEX recognition_certificate ON recognition (certificate_no);
";

/// The pairs of all names there are, the last character paired with `$`: the same as
/// `juncai::domain::search::grams` makes of one name.
fn backfill(kind: &str, table: &str, about: &str, lower: &str) -> String {
    format!(
        "WITH RECURSIVE place (n) AS (
             SELECT 1 UNION ALL
             SELECT n + 1 FROM place WHERE n < (SELECT MAX(LENGTH(name)) FROM {table})
         )
         INSERT INTO search_gram (kind, gram, object_id)
         SELECT DISTINCT '{kind}', SUBSTR({lower} || '$', n, 2), {about}
         FROM {table} JOIN place ON n <= LENGTH(name)"
    )
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (plain, table, lower) = match manager.get_database_backend() {
            DatabaseBackend::Postgres => ("COLLATE \"C\"", "", "LOWER(name COLLATE \"C\")"),
            _ => ("COLLATE BINARY", "STRICT, WITHOUT ROWID", "LOWER(name)"),
        };
        run(manager, &TABLE.replace("{plain}", plain).replace("{table}", table)).await?;
        run(manager, &backfill("person", "person_name", "person_id", lower)).await?;
        run(manager, &backfill("enterprise", "enterprise_name", "enterprise_id", lower)).await
    }
}
