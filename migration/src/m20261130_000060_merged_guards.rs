//! The guards that look at merged numbers begin with the merges of the person, which are none or few:
//! PostgreSQL had read the whole table for each new row, a province's import with the square of its
//! rows.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_guard, guard_insert};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// The live rows of `table` about somebody whom a merge makes the same person as `NEW.person_id`,
/// with a day in common. `same` narrows which rows can clash.
fn of_the_same_person(table: &str, same: &str) -> String {
    format!(
        "SELECT 1 FROM person_merge p \
         JOIN person_merge s ON s.leading_id = p.leading_id AND s.undone_at IS NULL \
         WHERE p.undone_at IS NULL \
         AND (p.merged_id = NEW.person_id OR p.leading_id = NEW.person_id) \
         AND EXISTS (SELECT 1 FROM {table} o WHERE o.person_id IN (p.leading_id, s.merged_id) \
             AND o.person_id <> NEW.person_id AND o.superseded_at IS NULL AND ({same}) \
             AND (NEW.valid_to IS NULL OR o.valid_from < NEW.valid_to) \
             AND (o.valid_to IS NULL OR NEW.valid_from < o.valid_to))"
    )
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let lock = "PERFORM 1 FROM person WHERE id = NEW.person_id FOR UPDATE;";
        for (table, name, same) in [
            ("roster_entry", "merged_roster_overlap", "1 = 1"),
            (
                "employment",
                "merged_employment_overlap",
                "o.full_time = TRUE AND NEW.full_time = TRUE",
            ),
        ] {
            drop_guard(manager, table, name).await?;
            let found = of_the_same_person(table, same);
            guard_insert(manager, table, name, "NEW.superseded_at IS NULL", lock, &found).await?;
        }
        Ok(())
    }
}
