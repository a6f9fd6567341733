//! Money of every stream, not of the yearly stipend alone: a result may belong to a file that
//! granted it instead of to a run, a year may hold several, and an enterprise may be paid back what
//! it advanced.

use sea_orm_migration::prelude::*;

use crate::dialect::{fixed_columns, guard_insert, may_be_null, no_overlap, run, widen_check};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: &str = "
ALTER TABLE entitlement ADD COLUMN subject_no TEXT NOT NULL DEFAULT '';
DROP INDEX entitlement_one_live;
CREATE UNIQUE INDEX entitlement_one_live
    ON entitlement (person_id, programme, award_year, subject_no) WHERE superseded_at IS NULL;
ALTER TABLE entitlement_share ADD COLUMN payee_enterprise_id {int} REFERENCES enterprise (id);
ALTER TABLE payment_line ADD COLUMN subject_no TEXT NOT NULL DEFAULT '';
ALTER TABLE payment_line ADD COLUMN payee_enterprise_id {int} REFERENCES enterprise (id);
DROP INDEX payment_line_one_live;
CREATE UNIQUE INDEX payment_line_one_live
    ON payment_line
        (person_id, programme, award_year, subject_no, source, payer_division, component_no)
    WHERE state <> 'void';
DROP INDEX entitlement_live;
CREATE INDEX entitlement_live ON entitlement
    (award_year, person_id, programme, status, gross_fen, offset_fen, net_fen, subject_no)
    WHERE superseded_at IS NULL;
DROP INDEX payment_line_person;
CREATE INDEX payment_line_person ON payment_line
    (person_id, programme, award_year, state, amount_fen, subject_no);
ALTER TABLE bank_account ADD COLUMN enterprise_id {int} REFERENCES enterprise (id);
CREATE INDEX bank_account_enterprise ON bank_account (enterprise_id, valid_from)
    WHERE enterprise_id IS NOT NULL;
";

const KINDS: &[&str] = &["stipend", "supplement", "offset"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, COLUMNS).await?;
        may_be_null(manager, ("entitlement", "run_id"), "{int}", "compute_run").await?;
        may_be_null(manager, ("bank_account", "person_id"), "{int}", "person").await?;
        widen_check(manager, ("payment_line", "kind"), KINDS, &["grant"]).await?;
        for (table, columns) in [
            ("entitlement", &["subject_no"][..]),
            ("entitlement_share", &["payee_enterprise_id"]),
            ("payment_line", &["subject_no", "payee_enterprise_id"]),
            ("bank_account", &["enterprise_id"]),
        ] {
            fixed_columns(manager, table, &format!("{table}_grant_fixed"), columns).await?;
        }
        let anchor = ("enterprise", "enterprise_id");
        no_overlap(manager, "bank_account", anchor, "bank_account_enterprise_overlap", "1 = 1")
            .await?;
        // Whoever is neither a person nor an enterprise, or both, is paid nothing.
        let nobody = "(NEW.person_id IS NULL) = (NEW.enterprise_id IS NULL)";
        guard_insert(manager, "bank_account", "bank_account_owner", nobody, "", "SELECT 1").await
    }
}
