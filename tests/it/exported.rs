//! Whoever takes persons along in a table or reads them by program is on the persons' own page.

use juncai::domain::authority::Role;
use juncai::domain::registry::BankAccount;
use juncai::service::payment::{self, FileFormat};
use juncai::service::spot_check::{Asked, draw};
use juncai::vault::{kind, place};

use crate::api::{Office as Programs, first};
use crate::browser_like::Visitor;
use crate::certificates::recognised;
use crate::fixture_payment::Office;
use crate::me::{NUMBER, code, first_visit, identify};
use crate::on_both;
use crate::town::Town;
use crate::world::World;

on_both! {
    every_table_that_names_a_person_is_on_the_persons_page => tables;
    bank_files_are_on_the_pages_of_those_who_are_paid => bank;
    what_programs_read_is_on_the_page_as_well => machine;
}

/// Sign-in names of those who took a person along, in the order of their first times; not of those
/// who worked on a file before.
async fn takers(world: &World, person_no: &str) -> Vec<String> {
    use sea_orm::{ConnectionTrait, Statement};
    let text = format!(
        "SELECT a.login || ':' || v.kind AS who FROM record_view v JOIN account a \
         ON a.id = v.account_id JOIN person p ON p.id = v.person_id \
         WHERE p.person_no = '{person_no}' AND v.kind <> 'file' ORDER BY v.id"
    );
    let conn = world.app.db.read();
    let statement = Statement::from_string(conn.get_database_backend(), text);
    let rows = conn.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get("", "who").unwrap()).collect()
}

/// Persons 1 and 2 are paid to one account, which makes them a likely duplicate.
async fn one_account(town: &Town) {
    let vault = &town.world.app.vault;
    for person in [1, 2] {
        let account = BankAccount {
            account_name: format!("工程师{person}"),
            account_index: vault.index(kind::ACCOUNT, "6217000000000000001"),
            account_cipher: vault.seal(place::ACCOUNT, b"6217000000000000001").unwrap(),
            last_four: "0001".to_owned(),
            bank_name: "兴业银行".to_owned(),
            cnaps: "309391000011".to_owned(),
        };
        town.state(person, "2026-01-01", None, account).await;
    }
}

async fn tables(world: World) {
    let (mut offices, _, _) = recognised(world).await;
    identify(&offices.town, 1, NUMBER).await;
    one_account(&offices.town).await;
    offices.town.roster_file("MC2026-000009", (1, 1), 2).await;
    offices.town.at("2027-03-10T09:00:00+08:00");
    let app = offices.town.world.app.clone();
    let mut clerk = Visitor::signed_in(&app, "clerk").await;
    let valid = code(&mut clerk, "E000001").await;
    let mut person = Visitor::new(&app);
    first_visit(&mut person, NUMBER, &valid).await;
    let all = Asked {
        drawing: "random".to_owned(),
        percent: "100".to_owned(),
        uscc: String::new(),
        seed: "7".to_owned(),
    };
    let sample = draw(&app, &offices.town.hr, &all).await.unwrap();
    let mut took = vec!["clerk:record".to_owned()];
    for (login, path) in [
        ("unconfirmed", "/confirmations.xlsx?what=filing"),
        ("versions", "/lists/roster.xlsx?from=2025-11-30&to=2026-12-31"),
        ("pairs", "/duplicates.xlsx"),
        ("overview", "/overview/roster.xlsx"),
        ("waiting", "/overview/cases.xlsx"),
        ("campaign", "/campaigns.xlsx?year=2027"),
        ("sample", &format!("/checks/{sample}/table.xlsx")),
        ("files", "/cases.xlsx?show=all"),
    ] {
        let mut officer = Visitor::with_role(&app, login, Role::HrProvince, "350000").await;
        let sheet = officer.peek(path).await;
        assert!(sheet.bytes.starts_with(b"PK"), "{path}: {}", sheet.text());
        took.push(format!("{login}:exported"));
        assert_eq!(takers(&offices.town.world, "E000001").await, took, "{path}");
        let mut rows = person.get("/me").await.texts("#seen tbody tr");
        rows.retain(|row| !row.contains("查看办件"));
        assert!(rows.len() == took.len() && rows[0].contains("随名单导出"), "{rows:?}");
    }
    // A table of enterprises has no persons.
    let mut officer = Visitor::with_role(&app, "industry", Role::HrProvince, "350000").await;
    officer.peek("/lists/enterprises.xlsx?from=2025-11-01&to=2026-12-31").await;
    assert_eq!(takers(&offices.town.world, "E000001").await, took);
}

async fn bank(world: World) {
    let office = Office::new(world).await;
    office.payees(1, &[10_000_000, 15_000_000]).await;
    office.allot(25_000_000).await;
    let batch_no = office.sent_batch().await;
    let app = &office.world.app;
    assert_eq!(takers(&office.world, "E000001").await, Vec::<String>::new());
    payment::file(app, &office.maker, &batch_no, FileFormat::Bank).await.unwrap();
    payment::file(app, &office.maker, &batch_no, FileFormat::Xlsx).await.unwrap();
    for person in ["E000001", "E000002"] {
        let took = format!("{}:exported", office.maker.login);
        assert_eq!(takers(&office.world, person).await, [took]);
    }
}

async fn machine(world: World) {
    let office = Programs::new(world).await;
    let mut program = office.own_program().await;
    let body = serde_json::json!({ "engineers": [first()] });
    let told = program.post("/engineers", "k1", &body).await;
    let no = told.body["engineers"][0]["person_no"].as_str().unwrap().to_owned();
    assert_eq!(program.get("/engineers").await.status, 200);
    assert_eq!(takers(&office.world, &no).await, ["hr-system:exported"]);
    assert_eq!(program.get(&format!("/engineers/{no}")).await.status, 200);
    assert_eq!(takers(&office.world, &no).await, ["hr-system:exported", "hr-system:record"]);
}
