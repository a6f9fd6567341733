//! The schema is the same on both databases, and every entity fits it.

use juncai::app::App;
use juncai::clock::Clock;
use juncai::vault::Vault;
use sea_orm::EntityTrait;

use crate::on_both;
use crate::world::World;

on_both! {
    every_entity_reads_its_table => entities;
    opening_an_installation_again_changes_nothing => reopening;
}

macro_rules! read_all {
    ($world:ident, $($table:ident)+) => { $(
        let rows = entity::$table::Entity::find().all($world.app.db.read()).await;
        assert!(rows.is_ok(), "{}: {rows:?}", stringify!($table));
    )+ };
}

async fn entities(world: World) {
    read_all!(world,
        account account_filing account_holder account_request agreement_member agreement_tranche api_token application_ban application_call attachment
        audit_event audit_head audit_seal bank_account bank_return bank_return_row batch
        batch_line batch_sample batch_signature batch_step budget_allocation budget_request case_agreement case_defect case_file case_message case_step catalogue_entry
        change_request
        check_item check_sample compute_run cosign_answer cosign_request cosign_signer counter declared_relation delegation
        dispute_answer duplicate_dismissal earlier_password employment enterprise enterprise_account enterprise_application
        enterprise_division enterprise_hold enterprise_name enterprise_profile
        entitlement entitlement_share evidence_month exchange_rate exchange_rate_upload exclusion expert_appointment expert_end
        expert_review expert_service export_job form_draft
        freeze_window
        hr_institution idempotency_key import import_issue installation institution_licence key_check ledger_entry listing mail_outbox
        mail_preference merge_request nomination nomination_member nomination_result nomination_ruling notification objection_file organisation
        other_award payment_hold payment_line person person_access person_activation person_clue
        person_confirmation person_contact person_document person_merge person_name
        person_session pilot_authorisation pilot_suspension placement policy_case policy_document programme_places policy_draft
        public_notice public_notice_entry public_notice_period public_notice_text public_notice_withdrawal recognition
        recognition_decision recognition_file recognition_place recognition_standard recognition_transfer
        record_view recovery recovery_code recovery_entry recovery_instalment reveal roster_entry roster_file saved_filter scenario scenario_change search_gram second_factor session setup_link
        sign_in_attempt source_document suspension talent_programme tax_ruling tip tip_end training training_attendance training_plan
        visit visit_claim visit_cut visit_day visit_line visit_number visit_plan webhook_delivery webhook_endpoint work_calendar year_dispute year_drift year_report
        yearly_file);
}

async fn reopening(world: World) {
    let again = App::open(&world.url, Vault::new(&[42; 32]), Clock::system()).await.unwrap();
    assert_eq!(again.db.pending_migrations().await.unwrap(), 0);
}
