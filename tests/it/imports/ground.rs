//! Offices, enterprises and files that the tests of imports start from.

use std::path::PathBuf;

use juncai::domain::authority::Role;
use juncai::domain::registry::{RosterEntry, Stated};
use juncai::file::form::ImportKind;
use juncai::service::import::{Confirmed, ImportPreview, confirm, preview};
use juncai::service::{Actor, Error};
use juncai::store::account::{self, NewOrganisation};
use juncai::store::fact::{self, FactTable, Versions};
use juncai::store::registry;
use sea_orm::{EntityTrait, PaginatorTrait};

use crate::browser_like::make_account;
use crate::world::World;

pub const E1: &str = "91350100MAFAKE000K";
pub const E2: &str = "91350200MAFAKE019M";

pub fn sample(name: &str) -> Vec<u8> {
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "..", "shared", "samples", name].iter().collect();
    std::fs::read(path).expect("a sample")
}

/// A CSV file of a form with all its columns.
pub fn csv(kind: ImportKind, rows: &[&[&str]]) -> Vec<u8> {
    let header: Vec<&str> = kind.columns().iter().map(|column| column.name).collect();
    let lines = std::iter::once(header.join(","))
        .chain(rows.iter().map(|row| row.join(",")))
        .collect::<Vec<_>>();
    format!("{}\r\n", lines.join("\r\n")).into_bytes()
}

/// A line of the list: two enterprises of it have valid codes of their own.
pub fn listed<'a>(
    name: &'a str,
    uscc: &'a str,
    division: &'a str,
    rest: [&'a str; 3],
) -> Vec<&'a str> {
    let [batch, from, through] = rest;
    vec![name, uscc, division, "", "智能体", batch, from, through, "3", "20", "张健", "13166201164"]
}

/// A declared engineer with his own account at 中国银行.
pub fn engineer<'a>(name: &'a str, id: &'a str, hired: &'a str, rostered: &'a str) -> Vec<&'a str> {
    let account = match id {
        "350102199003079981" => "6217000000000000129",
        "350203198512319979" => "6222021402000000346",
        "350582199311079821" => "6231660000000000568",
        _ => "6214830000000785",
    };
    vec![
        name,
        "居民身份证",
        id,
        "13800000000",
        "算法工程师",
        "高级工程师",
        "硕士研究生",
        hired,
        "是",
        rostered,
        "中国银行",
        "105391000010",
        account,
    ]
}

pub async fn actor(world: &World, login: &str) -> Actor {
    let found = account::by_login(world.app.db.read(), login).await.unwrap();
    Actor::new(&found.expect("an account"), "127.0.0.1").unwrap()
}

/// An officer of the province's HR office.
pub async fn hr(world: &World) -> Actor {
    let office = NewOrganisation {
        code: "HR-350000",
        kind: "hr_office",
        name: "福建省人力资源和社会保障厅",
        division: "350000",
        enterprise_id: None,
    };
    make_account(&world.app, "hr", Role::HrProvince, &office).await;
    actor(world, "hr").await
}

/// A clerk of an enterprise of the registry; the sign-in name is its code.
pub async fn clerk(world: &World, uscc: &str) -> Actor {
    let found = registry::enterprises_by_uscc(world.app.db.read(), &[uscc]).await.unwrap();
    let office = NewOrganisation {
        code: uscc,
        kind: "enterprise",
        name: uscc,
        division: "350102",
        enterprise_id: found.get(uscc).copied(),
    };
    make_account(&world.app, uscc, Role::EnterpriseClerk, &office).await;
    actor(world, uscc).await
}

/// The province's officer, with E1 and E2 on the list from 2026-01-01, and their clerks.
pub async fn two_enterprises(world: &World) -> (Actor, Actor, Actor) {
    let hr = hr(world).await;
    let rest = ["2026年第一批", "2026-01-01", "2028-12-31"];
    let rows = [listed("甲公司", E1, "350102", rest), listed("乙公司", E2, "350203", rest)];
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let done = import(world, &hr, ImportKind::KeyEnterprises, &rows).await.unwrap();
    assert_eq!(done.rows_good, 2);
    let (first, second) = (clerk(world, E1).await, clerk(world, E2).await);
    (hr, first, second)
}

pub async fn look(
    world: &World,
    actor: &Actor,
    kind: ImportKind,
    rows: &[&[&str]],
) -> Result<ImportPreview, Error> {
    preview(&world.app, actor, kind, None, "表.csv", csv(kind, rows)).await
}

/// Preview and confirmation in one.
pub async fn import(
    world: &World,
    actor: &Actor,
    kind: ImportKind,
    rows: &[&[&str]],
) -> Result<Confirmed, Error> {
    let found = look(world, actor, kind, rows).await?;
    confirm(&world.app, actor, &found.import_no).await
}

pub async fn import_file(
    world: &World,
    actor: &Actor,
    kind: ImportKind,
    name: &str,
    bytes: Vec<u8>,
) -> (ImportPreview, Confirmed) {
    let found = preview(&world.app, actor, kind, None, name, bytes).await.unwrap();
    let done = confirm(&world.app, actor, &found.import_no).await.unwrap();
    (found, done)
}

/// 行号,列,原因 of what a file is refused for.
pub fn errors(found: &ImportPreview) -> Vec<String> {
    found.errors().map(|i| format!("{},{},{}", i.row, i.column, i.reason)).collect()
}

pub fn warnings(found: &ImportPreview) -> Vec<String> {
    let all = found.issues.iter().filter(|issue| !issue.is_error);
    all.map(|i| format!("{},{},{}", i.row, i.column, i.reason)).collect()
}

/// Live facts of one kind, by whom they are about and first day.
pub async fn live<T: FactTable>(world: &World) -> Vec<Stated<T>> {
    fact::facts_in::<T>(world.app.db.read(), 0..=i64::MAX, Versions::Live).await.unwrap()
}

/// Every version of facts of one kind.
pub async fn versions<T: FactTable>(world: &World) -> usize {
    fact::facts_in::<T>(world.app.db.read(), 0..=i64::MAX, Versions::All).await.unwrap().len()
}

pub async fn persons(world: &World) -> u64 {
    entity::person::Entity::find().count(world.app.db.read()).await.unwrap()
}

pub async fn sources(world: &World) -> u64 {
    entity::source_document::Entity::find().count(world.app.db.read()).await.unwrap()
}

/// `from..through` of facts.
pub fn periods<T>(facts: &[Stated<T>]) -> Vec<String> {
    facts
        .iter()
        .map(|stated| {
            let through = stated.period.through.map(|day| day.to_string()).unwrap_or_default();
            format!("{}..{through}", stated.period.from)
        })
        .collect()
}

/// As the HR office confirms: the declared entries end, confirmed ones take their place.
pub async fn confirm_roster(world: &World, by: &Actor) {
    let at = world.app.clock.now();
    let tx = world.app.db.begin().await.unwrap();
    let source_id = decision(&tx, by, at).await;
    for entry in live::<RosterEntry>(world).await {
        let fact = RosterEntry {
            status: juncai::domain::registry::RosterStatus::Confirmed,
            ..entry.fact.clone()
        };
        let confirmed = Stated { fact, recorded_at: at, source_id, ..entry.clone() };
        fact::correct(&tx, entry.id, confirmed).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// As a departure is registered: employments and roster entries end with that day.
pub async fn depart(world: &World, by: &Actor, last_day: &str) {
    async fn end<T: FactTable>(
        world: &World,
        tx: &juncai::store::db::Tx,
        source_id: i64,
        day: &str,
    ) {
        let at = world.app.clock.now();
        for old in live::<T>(world).await {
            let mut ended = Stated { recorded_at: at, source_id, ..old.clone() };
            ended.period.through = Some(day.parse().unwrap());
            fact::correct(tx, old.id, ended).await.unwrap();
        }
    }
    let tx = world.app.db.begin().await.unwrap();
    let source_id = decision(&tx, by, world.app.clock.now()).await;
    end::<juncai::domain::registry::Employment>(world, &tx, source_id, last_day).await;
    end::<RosterEntry>(world, &tx, source_id, last_day).await;
    tx.commit().await.unwrap();
}

pub async fn decision(
    tx: &juncai::store::db::Tx,
    by: &Actor,
    at: chrono::DateTime<chrono::Utc>,
) -> i64 {
    let document = juncai::store::source::NewSource {
        kind: "decision",
        title: "决定",
        document_no: "",
        import_id: None,
        recorded_by: by.account_id,
        recorded_at: at,
    };
    juncai::store::source::record(tx, &document).await.unwrap()
}
