//! The schema is the same on both databases, and every entity fits it.

use juncai::app::App;
use juncai::clock::Clock;
use juncai::domain::privacy::{Holding, INVENTORY};
use juncai::vault::Vault;
use sea_orm::{ConnectionTrait, EntityTrait, Statement};

use crate::on_both;
use crate::world::World;

on_both! {
    every_entity_reads_its_table => entities;
    opening_an_installation_again_changes_nothing => reopening;
    each_table_is_in_the_inventory_of_personal_information_or_tells_of_nobody => personal;
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
        check_item check_sample compute_run cosign_answer cosign_request cosign_signer counter data_key declared_relation delegation
        dispute_answer duplicate_dismissal earlier_password employment enterprise enterprise_account enterprise_application
        enterprise_division enterprise_hold enterprise_name enterprise_profile
        entitlement entitlement_share evidence_month exchange_rate exchange_rate_upload exclusion expert_appointment expert_end
        expert_review expert_service export_job export_template form_draft
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

/// Tables that tell of nobody: rules, places, papers of offices, the program itself.
const OF_NOBODY: &str = "agreement_tranche application_ban application_call audit_head audit_seal \
    bank_return batch budget_allocation budget_request catalogue_entry check_sample compute_run counter data_key \
    enterprise enterprise_account enterprise_application enterprise_division enterprise_hold enterprise_name \
    entitlement_share exchange_rate exchange_rate_upload expert_review freeze_window hr_institution installation \
    institution_licence key_check ledger_entry listing nomination_ruling organisation pilot_authorisation \
    pilot_suspension policy_case policy_document policy_draft public_notice public_notice_period \
    public_notice_text public_notice_withdrawal recognition_place recognition_standard recognition_transfer \
    recovery_entry recovery_instalment roster_file scenario seaql_migrations source_document talent_programme \
    tax_ruling tip_end training training_plan visit_cut webhook_delivery work_calendar year_drift";

/// Names that only columns with personal information have.
fn tells_of_somebody(column: &str) -> bool {
    const NAMES: [&str; 9] = [
        "person_id",
        "user_agent",
        "address",
        "staff_no",
        "last_four",
        "payee_name",
        "contact_name",
        "contact_phone",
        "code_hash",
    ];
    let ends = ["_cipher", "_masked", "_index"];
    NAMES.contains(&column) || ends.iter().any(|end| column.ends_with(end))
}

async fn personal(world: World) {
    let sql = if world.app.db.is_postgres() {
        "SELECT table_name::text AS t, column_name::text AS c FROM information_schema.columns \
         WHERE table_schema = 'public'"
    } else {
        "SELECT m.name AS t, c.name AS c FROM sqlite_master m, pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '%_fts%'"
    };
    let backend = world.app.db.read().get_database_backend();
    let rows =
        world.app.db.read().query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    let mut columns = std::collections::BTreeMap::<String, Vec<String>>::new();
    for row in rows {
        let (table, column): (String, String) =
            (row.try_get("", "t").unwrap(), row.try_get("", "c").unwrap());
        columns.entry(table).or_default().push(column);
    }
    let of_nobody: Vec<&str> = OF_NOBODY.split_whitespace().collect();
    let mut wrong = Vec::new();
    for (table, columns) in &columns {
        let held: Vec<&Holding> = INVENTORY.iter().filter(|held| held.table == *table).collect();
        if held.is_empty() != of_nobody.contains(&table.as_str()) {
            wrong.push(format!(
                "{table}: in the inventory or among those of nobody, and not in both"
            ));
        }
        let listed: Vec<&str> = held.iter().flat_map(|held| held.columns).copied().collect();
        for column in &listed {
            if !columns.iter().any(|known| known == column) {
                wrong.push(format!("{table}.{column}: there is none"));
            }
        }
        for column in columns.iter().filter(|column| tells_of_somebody(column)) {
            let whole = column == "person_id" && !held.is_empty();
            if !whole && !listed.contains(&column.as_str()) {
                wrong.push(format!("{table}.{column} tells of somebody"));
            }
        }
    }
    for held in INVENTORY.iter().filter(|held| !columns.contains_key(held.table)) {
        wrong.push(format!("{}: there is no such table", held.table));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
