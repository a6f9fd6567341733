//! Many document numbers looked up at once: what each role learns, and what is never told.

use std::collections::BTreeMap;
use std::io::Cursor;

use axum::http::StatusCode;
use calamine::{Data, Reader, Xlsx};
use juncai::domain::authority::Role;
use juncai::domain::period::Period;
use juncai::domain::registry::{PersonDocument, Stated};
use juncai::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, write_xlsx};
use juncai::store::fact;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::browser_like::{Seen, Visitor};
use crate::directory::{RESIDENT, document};
use crate::fixture_payment::{Office, RETURN_HEADER, paid};
use crate::on_both;
use crate::town::{Town, day};
use crate::world::World;

on_both! {
    every_line_is_answered_and_wrong_ones_are_named => answered;
    people_outside_the_scope_look_like_unknown_ones => scopes;
    every_payment_of_a_person_is_listed => payments;
    a_mistyped_form_keeps_the_purpose_and_never_the_numbers => mistyped;
    the_table_can_be_taken_away_for_an_hour_by_who_asked => export;
    five_thousand_numbers_are_answered_at_once => many;
}

const OTHER: &str = "440524188001010014";
const NOBODY: &str = "310101199003075135";

async fn scene(world: World) -> Town {
    let mut town = Town::new(world).await;
    town.full_year(1, 1).await;
    town.person(2).await;
    town.engineer(2, 2, "2025-12-01", Some("2026-03-31")).await;
    document(&town, 1, "resident_id", "CHN", RESIDENT).await;
    document(&town, 2, "resident_id", "CHN", OTHER).await;
    town.at("2027-01-15T09:00:00+08:00");
    town.compute(2026).await;
    town
}

/// Pastes numbers into the page.
async fn look_up(who: &mut Visitor, numbers: &str) -> Seen {
    who.get("/lookups").await;
    let fields = [("purpose", "审计抽查名单"), ("numbers", numbers)];
    who.post_file("/lookups", &fields, ("file", "", b"")).await
}

/// State and official number by line.
fn states(seen: &Seen) -> Vec<(String, String)> {
    let (states, numbers) = (seen.texts("tbody td:nth-child(2) .tag"), seen.texts("tbody td.code"));
    states.into_iter().zip(numbers).collect()
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

async fn answered(world: World) {
    let town = scene(world).await;
    let mut hr = Visitor::signed_in(&town.world.app, "hr").await;
    let numbers = format!(
        "证件号码\n110105 19491231 002x\n{OTHER}\n{NOBODY}\n{RESIDENT}\n11010519491231002{}",
        1
    );
    let seen = look_up(&mut hr, &numbers).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.text());
    let expected = [
        ("在册", "E000001"),
        ("出册", "E000002"),
        ("未登记", "—"),
        ("重复", "—"),
        ("格式错误", "—"),
    ];
    assert_eq!(states(&seen), pairs(&expected));
    let text = seen.text();
    for said in [
        "2026 年度：计入 12 个月，应发 200,000.00 元，核验中",
        "第 5 行：与第 2 行相同",
        "第 6 行：",
        "用途：审计抽查名单",
        "工**1",
        "11*************02X",
    ] {
        assert!(text.contains(said), "{said} is missing in {text}");
    }
    for number in [RESIDENT, OTHER, NOBODY, "110105194912310021"] {
        assert!(!seen.body().contains(number), "masked only");
    }
    let events = events(&town.world, "engineers.looked_up").await;
    assert_eq!(events, [r#"{"purpose":"审计抽查名单","rows":5,"matched":2}"#]);
}

async fn events(world: &World, action: &str) -> Vec<String> {
    entity::audit_event::Entity::find()
        .filter(entity::audit_event::Column::Action.eq(action))
        .all(world.app.db.read())
        .await
        .unwrap()
        .into_iter()
        .map(|event| event.detail)
        .collect()
}

async fn scopes(world: World) {
    let town = scene(world).await;
    let app = &town.world.app;
    let numbers = format!("{RESIDENT}\n{OTHER}\n{NOBODY}");
    let mut clerk = Visitor::of_enterprise(app, "clerk1", Role::EnterpriseClerk, 1).await;
    let mut xiamen = Visitor::with_role(app, "xm", Role::HrCity, "350200").await;
    let mut audit = Visitor::with_role(app, "audit", Role::Auditor, "350000").await;
    let unknown = ("未登记", "—");
    for (who, expected) in [
        (&mut clerk, [("在册", "E000001"), unknown, unknown]),
        (&mut xiamen, [unknown, ("出册", "E000002"), unknown]),
        (&mut audit, [("在册", "E000001"), ("出册", "E000002"), unknown]),
    ] {
        let seen = look_up(who, &numbers).await;
        assert_eq!(states(&seen), pairs(&expected));
        let row = |number: usize| seen.texts(&format!("tbody tr:nth-child({number}) td"));
        for (index, one) in expected.iter().enumerate().filter(|(_, one)| **one == unknown) {
            let (theirs, nobodys) = (row(index + 1), row(3));
            let without_number = |row: Vec<String>| [row[..3].to_vec(), row[4..].to_vec()];
            assert_eq!(without_number(theirs), without_number(nobodys), "{one:?}");
        }
    }
    let mut admin = Visitor::with_role(app, "admin", Role::Administrator, "350000").await;
    assert_eq!(admin.get("/lookups").await.status, StatusCode::FORBIDDEN);
    assert!(
        !audit.get("/").await.links().is_empty()
            && audit.page.clone().unwrap().links().contains(&"/lookups".to_owned())
    );
}

async fn payments(world: World) {
    let office = Office::new(world).await;
    office.allot(50_000_000).await;
    office.payees(1, &[20_000_000, 10_000_000]).await;
    let vault = &office.world.app.vault;
    let now = office.world.app.clock.now();
    let fact = PersonDocument {
        document_type: "resident_id".to_owned(),
        country: "CHN".to_owned(),
        number_index: vault.index("document", &format!("resident_id:CHN:{RESIDENT}")),
        number_cipher: vec![0],
        number_masked: "11****2X".to_owned(),
    };
    let stated = Stated {
        id: 0,
        about: 1,
        period: Period::new(day("2020-01-01"), None).unwrap(),
        fact,
        recorded_at: now,
        recorded_by: office.hr.account_id,
        source_id: 1,
        reason: String::new(),
        supersedes: None,
        superseded_at: None,
    };
    let tx = office.world.app.db.begin().await.unwrap();
    fact::state(&tx, vec![stated]).await.unwrap();
    tx.commit().await.unwrap();
    let batch_no = office.sent_batch().await;
    let mut checker = Visitor::signed_in(&office.world.app, "checker").await;
    let waiting = look_up(&mut checker, RESIDENT).await;
    let line = format!("2026 年度 200,000.00 元，银行未回，在途（{batch_no}）");
    assert!(waiting.text().contains(&line), "{}", waiting.text());
    let row = paid(&format!("{batch_no}-1-00001"), "200000.00", "S1");
    office.answer(&batch_no, &format!("{RETURN_HEADER}{row}")).await;
    let seen = look_up(&mut checker, RESIDENT).await;
    let line = format!("2026 年度 200,000.00 元，2027-03-02，已付（{batch_no}）");
    assert!(seen.text().contains(&line), "{}", seen.text());
    assert!(!seen.text().contains("100,000.00"), "nobody else's money");
}

async fn mistyped(world: World) {
    let town = scene(world).await;
    let mut hr = Visitor::signed_in(&town.world.app, "hr").await;
    hr.get("/lookups").await;
    let cases: [(&str, &str, &str); 4] = [
        ("查", RESIDENT, "请写明核查用途"),
        ("核查 110105194912310", RESIDENT, "不要写证件号码"),
        ("审计抽查", "", "没有找到证件号码"),
        ("审计抽查", &"1\n".repeat(5_001), "一次最多核查 5000 个"),
    ];
    for (purpose, numbers, said) in cases {
        let fields = [("purpose", purpose), ("numbers", numbers)];
        let seen = hr.post_file("/lookups", &fields, ("file", "", b"")).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        assert!(seen.text().contains(said), "{said}: {}", seen.text());
        assert!(!seen.body().contains(RESIDENT), "the numbers are not sent back");
        let form = seen.form("/lookups").unwrap();
        assert!(form.contains(&("purpose".to_owned(), purpose.to_owned())), "{form:?}");
    }
    let wrong =
        hr.post_file("/lookups", &[("purpose", "审计抽查")], ("file", "a.xlsx", b"%PDF-1.7")).await;
    assert!(wrong.text().contains("这不是表格文件"), "{}", wrong.text());
    assert!(events(&town.world, "engineers.looked_up").await.is_empty());
}

/// The cells of a workbook, by header, row by row.
fn cells(bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let mut rows = sheet.rows();
    let head: Vec<String> = rows.next().unwrap().iter().map(Data::to_string).collect();
    rows.map(|row| head.iter().cloned().zip(row.iter().map(Data::to_string)).collect()).collect()
}

async fn export(world: World) {
    let mut town = scene(world).await;
    let mut hr = Visitor::signed_in(&town.world.app, "hr").await;
    let column =
        |name: &str| ColumnSpec { name: name.to_owned(), width: 20.0, kind: ColumnKind::Text };
    let list = Table {
        title: "名单".to_owned(),
        columns: vec![column("姓名"), column("证件号码")],
        total_row: false,
        comment: String::new(),
        created_at: day("2026-01-01").and_hms_opt(0, 0, 0).unwrap(),
    };
    let row = |number: &str| vec![CellOut::Text("某".to_owned()), CellOut::Text(number.to_owned())];
    let file = write_xlsx(&list, [row(RESIDENT), row(NOBODY)]).unwrap();
    hr.get("/lookups").await;
    let fields = [("purpose", "审计抽查名单")];
    let seen = hr.post_file("/lookups", &fields, ("file", "名单.xlsx", &file)).await;
    assert_eq!(states(&seen), pairs(&[("在册", "E000001"), ("未登记", "—")]));

    let table = hr.post("/lookups.xlsx", &[]).await;
    let rows = cells(&table.bytes);
    assert_eq!(rows.len(), 2);
    for (column, value) in [
        ("行号", "2"),
        ("核查结果", "在册"),
        ("编号", "E000001"),
        ("证件号码", "11****2X"),
        ("年度", "2026"),
        ("计入月数", "12"),
        ("应发（元）", "200000"),
        ("年度状态", "核验中"),
    ] {
        assert_eq!(rows[0][column], value, "{column}");
    }
    assert_eq!((&*rows[1]["核查结果"], &*rows[1]["编号"]), ("未登记", ""));
    assert_eq!(events(&town.world, "engineers.lookup_exported").await.len(), 1);

    let sealed = seen.form("/lookups.xlsx").unwrap();
    let sealed = sealed.iter().find(|(name, _)| name == "sealed").unwrap().1.clone();
    let mut audit = Visitor::with_role(&town.world.app, "audit", Role::Auditor, "350000").await;
    audit.get("/lookups").await;
    let stolen = audit.post("/lookups.xlsx", &[("sealed", &sealed)]).await;
    assert_eq!(stolen.status, StatusCode::CONFLICT, "another account's page");
    town.at("2027-01-15T10:00:01+08:00");
    let mut hr = Visitor::signed_in(&town.world.app, "hr").await;
    hr.get("/lookups").await;
    let late = hr.post("/lookups.xlsx", &[("sealed", &sealed)]).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text());
}

async fn many(world: World) {
    let town = scene(world).await;
    let mut hr = Visitor::signed_in(&town.world.app, "hr").await;
    let mut numbers: Vec<String> = (0..4_999).map(|n| format!("H{:08}", 10_000_000 + n)).collect();
    numbers.push(RESIDENT.to_owned());
    let seen = look_up(&mut hr, &numbers.join("\n")).await;
    assert_eq!(seen.status, StatusCode::OK);
    assert!(seen.text().contains("未登记 4,999 行") && seen.text().contains("在册 1 行"));
    assert!(seen.text().contains("另有 4,500 行没有显示"));
    hr.page = Some(seen);
    let rows = cells(&hr.post("/lookups.xlsx", &[]).await.bytes);
    assert_eq!((rows.len(), &*rows[4_999]["编号"]), (5_000, "E000001"));
}
