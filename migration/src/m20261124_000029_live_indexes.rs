//! Indexes that answer a list from themselves, without a look at the rows: what holds now, by
//! person, by enterprise and by year.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEXES: &str = "
CREATE INDEX roster_entry_live ON roster_entry (enterprise_id, person_id)
    WHERE superseded_at IS NULL;
CREATE INDEX roster_entry_of ON roster_entry (person_id, enterprise_id, status, valid_to)
    WHERE superseded_at IS NULL;
CREATE INDEX employment_live ON employment (enterprise_id, person_id) WHERE superseded_at IS NULL;
CREATE INDEX employment_of ON employment (person_id, enterprise_id) WHERE superseded_at IS NULL;
CREATE INDEX entitlement_live ON entitlement
    (award_year, person_id, programme, status, gross_fen, offset_fen, net_fen)
    WHERE superseded_at IS NULL;
DROP INDEX entitlement_share_entitlement;
CREATE INDEX entitlement_share_entitlement ON entitlement_share
    (entitlement_id, enterprise_id, city_unit, source, payer_division, amount_fen);
CREATE INDEX payment_line_person ON payment_line
    (person_id, programme, award_year, state, amount_fen);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, INDEXES).await
    }
}
