//! The lines of a person and a source, from an index by itself: with the number of the file in its
//! middle the unique index of lines stood behind one of all lines of a source, as long as a database
//! had no statistics, and each new line was compared with all before it.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEX: &str = "
DROP INDEX payment_line_one_live;
CREATE UNIQUE INDEX payment_line_one_live
    ON payment_line
        (person_id, programme, award_year, source, payer_division, component_no, subject_no)
    WHERE state <> 'void';
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, INDEX).await
    }
}
