//! The only source of the schema. Migrations are additive, transactional and the same text on
//! SQLite and PostgreSQL; `dialect` holds the few words that differ.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod dialect;
mod fact;
mod m20261124_000001_organisations;
mod m20261124_000002_registry;
mod m20261124_000003_stipend;
mod m20261124_000004_payment;
mod m20261124_000005_upkeep;
mod m20261124_000006_person_merge;
mod m20261124_000007_search;
mod m20261124_000008_own_page;
mod m20261124_000009_attachments;
mod m20261124_000010_lifecycles;
mod m20261124_000011_recognition;
mod m20261124_000012_work_calendar;
mod m20261124_000014_inbox;
mod m20261124_000015_messages;
mod m20261124_000016_machines;
mod m20261124_000017_spot_checks;
mod m20261124_000019_key_enterprise;
mod m20261124_000020_roster_and_year_files;
mod m20261124_000021_released_lines;
mod m20261124_000022_case_messages;
mod m20261124_000023_form_drafts;
mod m20261124_000024_exports;
mod m20261124_000025_freeze_windows;
mod m20261124_000026_record_views;
mod m20261124_000027_cosign;
mod m20261124_000028_webhooks;
mod m20261124_000029_live_indexes;
mod m20261124_000030_ledger;
mod m20261124_000031_payment_holds;
mod m20261124_000032_batch_selection;
mod m20261124_000033_tax;
mod m20261124_000034_recovery;
mod m20261124_000035_batch_signature;
mod m20261124_000036_recovery_instalment;
mod m20261124_000037_paid_index;
mod m20261124_000040_bank_forms;
mod m20261124_000048_policy_drafts;
mod m20261124_000049_scenarios;
mod m20261129_000041_batch_samples;
mod m20261129_000042_roster_days;
mod m20261129_000043_failed_lines;
mod m20261129_000050_application_bans;
mod m20261130_000044_exchange_rates;
mod m20261130_000045_conflict_catalogue;
mod m20261130_000051_grants;
mod m20261130_000052_agreements;
mod m20261130_000053_programmes;
mod m20261130_000054_training_and_institutions;
mod m20261130_000055_visits;
mod m20261130_000056_experts;
mod m20261130_000057_enterprise_accounts;
mod m20261130_000058_probes;
mod m20261130_000059_lines_of_a_person;
mod m20261130_000060_merged_guards;
mod m20261130_000061_key_and_views;
mod m20261130_000062_three_administrators;
mod m20261130_000064_answers_checked;
mod m20261130_000065_budget_requests;
mod m20261130_000066_account_filings;
mod m20261130_000067_query_classes;
mod m20261130_000068_recovery_liability;
mod m20261130_000069_year_drift;
mod m20261130_000070_unproven_months;
mod m20261130_000071_clues_of_a_person;
mod m20261130_000072_recognition_transfers;
mod m20261130_000073_legal_form_of_files;
mod m20261130_000074_notices_corrected;
mod m20261130_000075_escalations;
mod m20261130_000076_change_requests;
mod m20261130_000077_year_disputes;
mod m20261130_000078_tips;
mod m20261130_000079_namesakes;
mod m20261130_000080_announced_amounts;
mod m20261201_000081_second_factor;
mod m20261201_000082_password_age;
mod m20261201_000083_reveals;
mod m20261201_000090_granted_awards;
mod m20261201_000091_ticket_papers;
mod m20261201_000092_nomination_rulings;
mod m20261201_000100_run_changes;
mod m20261201_000101_file_views;
mod m20261202_000102_export_templates;
mod m20261202_000103_data_keys;
mod m20261203_000104_list_order;
mod m20261203_000105_steady_guards;

/// Runs the migrations in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        first().into_iter().chain(later()).collect()
    }
}

/// Registry, files, money.
fn first() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20261124_000001_organisations::Migration),
        Box::new(m20261124_000002_registry::Migration),
        Box::new(m20261124_000003_stipend::Migration),
        Box::new(m20261124_000004_payment::Migration),
        Box::new(m20261124_000005_upkeep::Migration),
        Box::new(m20261124_000006_person_merge::Migration),
        Box::new(m20261124_000007_search::Migration),
        Box::new(m20261124_000008_own_page::Migration),
        Box::new(m20261124_000009_attachments::Migration),
        Box::new(m20261124_000010_lifecycles::Migration),
        Box::new(m20261124_000011_recognition::Migration),
        Box::new(m20261124_000020_roster_and_year_files::Migration),
        Box::new(m20261124_000012_work_calendar::Migration),
        Box::new(m20261124_000014_inbox::Migration),
        Box::new(m20261124_000015_messages::Migration),
        Box::new(m20261124_000019_key_enterprise::Migration),
        Box::new(m20261124_000016_machines::Migration),
        Box::new(m20261124_000017_spot_checks::Migration),
        Box::new(m20261124_000021_released_lines::Migration),
        Box::new(m20261124_000022_case_messages::Migration),
        Box::new(m20261124_000023_form_drafts::Migration),
        Box::new(m20261124_000024_exports::Migration),
        Box::new(m20261124_000025_freeze_windows::Migration),
        Box::new(m20261124_000026_record_views::Migration),
        Box::new(m20261124_000027_cosign::Migration),
        Box::new(m20261124_000028_webhooks::Migration),
        Box::new(m20261124_000029_live_indexes::Migration),
        Box::new(m20261124_000030_ledger::Migration),
        Box::new(m20261124_000031_payment_holds::Migration),
        Box::new(m20261124_000032_batch_selection::Migration),
        Box::new(m20261124_000033_tax::Migration),
        Box::new(m20261124_000034_recovery::Migration),
        Box::new(m20261124_000035_batch_signature::Migration),
        Box::new(m20261124_000036_recovery_instalment::Migration),
        Box::new(m20261124_000037_paid_index::Migration),
        Box::new(m20261124_000040_bank_forms::Migration),
        Box::new(m20261129_000041_batch_samples::Migration),
        Box::new(m20261129_000042_roster_days::Migration),
        Box::new(m20261129_000043_failed_lines::Migration),
        Box::new(m20261124_000048_policy_drafts::Migration),
        Box::new(m20261124_000049_scenarios::Migration),
        Box::new(m20261129_000050_application_bans::Migration),
    ]
}

/// Other streams, and what was learned since.
fn later() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20261130_000044_exchange_rates::Migration),
        Box::new(m20261130_000045_conflict_catalogue::Migration),
        Box::new(m20261130_000051_grants::Migration),
        Box::new(m20261130_000052_agreements::Migration),
        Box::new(m20261130_000053_programmes::Migration),
        Box::new(m20261130_000054_training_and_institutions::Migration),
        Box::new(m20261130_000055_visits::Migration),
        Box::new(m20261130_000056_experts::Migration),
        Box::new(m20261130_000057_enterprise_accounts::Migration),
        Box::new(m20261130_000058_probes::Migration),
        Box::new(m20261130_000059_lines_of_a_person::Migration),
        Box::new(m20261130_000060_merged_guards::Migration),
        Box::new(m20261130_000061_key_and_views::Migration),
        Box::new(m20261130_000062_three_administrators::Migration),
        Box::new(m20261130_000064_answers_checked::Migration),
        Box::new(m20261130_000065_budget_requests::Migration),
        Box::new(m20261130_000066_account_filings::Migration),
        Box::new(m20261130_000067_query_classes::Migration),
        Box::new(m20261130_000068_recovery_liability::Migration),
        Box::new(m20261130_000069_year_drift::Migration),
        Box::new(m20261130_000070_unproven_months::Migration),
        Box::new(m20261130_000071_clues_of_a_person::Migration),
        Box::new(m20261130_000072_recognition_transfers::Migration),
        Box::new(m20261130_000073_legal_form_of_files::Migration),
        Box::new(m20261130_000074_notices_corrected::Migration),
        Box::new(m20261130_000075_escalations::Migration),
        Box::new(m20261130_000076_change_requests::Migration),
        Box::new(m20261130_000077_year_disputes::Migration),
        Box::new(m20261130_000078_tips::Migration),
        Box::new(m20261130_000079_namesakes::Migration),
        Box::new(m20261130_000080_announced_amounts::Migration),
        Box::new(m20261201_000081_second_factor::Migration),
        Box::new(m20261201_000082_password_age::Migration),
        Box::new(m20261201_000083_reveals::Migration),
        Box::new(m20261201_000090_granted_awards::Migration),
        Box::new(m20261201_000091_ticket_papers::Migration),
        Box::new(m20261201_000092_nomination_rulings::Migration),
        Box::new(m20261201_000100_run_changes::Migration),
        Box::new(m20261201_000101_file_views::Migration),
        Box::new(m20261202_000102_export_templates::Migration),
        Box::new(m20261202_000103_data_keys::Migration),
        Box::new(m20261203_000104_list_order::Migration),
        Box::new(m20261203_000105_steady_guards::Migration),
    ]
}
