//! The search box: each kind of search by who looks.

use std::time::Instant;

use juncai::app::App;
use juncai::domain::authority::Role;
use juncai::domain::search::Typed;
use juncai::service::Actor;
use juncai::service::search::search;
use juncai::store::import::set_bulk;
use sea_orm::ConnectionTrait;

use crate::figure::{Figure, say};
use crate::place::{Place, actor, block_on, source};

const LIMIT_MS: f64 = 20.0;
const ENTERPRISES: u64 = 2_000;
const ROUNDS: usize = 60;
/// Rows of one statement.
const ROWS: u64 = 1_000;
const SURNAMES: &[(&str, u64)] = &[
    ("王", 72),
    ("李", 70),
    ("张", 68),
    ("刘", 54),
    ("陈", 90),
    ("杨", 31),
    ("黄", 40),
    ("林", 80),
    ("吴", 40),
    ("郑", 25),
    ("周", 20),
    ("徐", 17),
    ("孙", 15),
    ("马", 13),
    ("朱", 13),
    ("胡", 12),
    ("郭", 12),
    ("何", 11),
    ("高", 10),
    ("欧阳", 2),
    ("司徒", 1),
    ("敖", 1),
];
const GIVEN: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国志文海波\
                     鹏飞宇浩晨曦子轩梓涵思远嘉欣雨桐一诺佳琪俊豪天宇泽瑞雪梅春燕福生荣金水\
                     木火土山川江河湖岛云月星辰光辉煌耀祖德仁义礼智信忠孝廉耻勤俭恭良让";
const UNITS: &[(&str, &str)] = &[
    ("350102", "350100"),
    ("350203", "350200"),
    ("350302", "350300"),
    ("350402", "350400"),
    ("350502", "350500"),
    ("350602", "350600"),
    ("350702", "350700"),
    ("350802", "350800"),
    ("350902", "350900"),
    ("350128", "350128"),
];

/// A generator that gives the same names on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn name(&mut self) -> String {
        let given: Vec<char> = GIVEN.chars().collect();
        let whole: u64 = SURNAMES.iter().map(|(_, weight)| weight).sum();
        let mut left = self.below(whole);
        let surname = SURNAMES.iter().find(|(_, weight)| match left.checked_sub(*weight) {
            Some(rest) => {
                left = rest;
                false
            }
            None => true,
        });
        let mut name = surname.map_or("王", |(surname, _)| surname).to_owned();
        // Common letters stand first: the smaller of two draws.
        let letters = given.len() as u64;
        for _ in 0..=self.below(4).min(1) {
            let letter = self.below(letters).min(self.below(letters));
            name.push(given[usize::try_from(letter).unwrap_or(0)]);
        }
        name
    }
}

pub fn run(_: &str, place: &Place) {
    block_on(measure(place));
}

async fn measure(place: &Place) {
    let persons = place.size;
    let app = place.app("2026-11-05T09:00:00+08:00").await;
    let province = actor(&app, "hr", Role::HrProvince, "350000", None).await;
    fill(&app, &province, persons).await;
    let xiamen = actor(&app, "xm", Role::HrCity, "350200", None).await;
    let county = actor(&app, "pt", Role::HrCounty, "350128", None).await;
    let clerk = actor(&app, "clerk", Role::EnterpriseClerk, "350102", Some(1)).await;
    let number = format!("E{:06}", persons / 2);
    for (kind, who, text) in [
        ("common name, two characters", &province, "张伟"),
        ("name, three characters", &province, "陈建国"),
        ("given name", &province, "志文"),
        ("surname", &province, "王"),
        ("rare surname", &province, "敖"),
        ("nobody, common characters", &province, "耻让王"),
        ("official number", &province, &number),
        ("part of an enterprise", &province, "科技"),
        ("code of an enterprise", &province, "913500"),
        ("a city's common name", &xiamen, "张伟"),
        ("a city's surname", &xiamen, "林"),
        ("a county's rare name", &county, "耻让"),
        ("a county's surname", &county, "敖"),
        ("an enterprise's name", &clerk, "建国"),
        ("an enterprise's surname", &clerk, "陈"),
    ] {
        let typed = Typed::of(text);
        let mut times = Vec::with_capacity(ROUNDS);
        let mut hits = 0;
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let found = search(&app, who, &typed, 2026).await.expect("an answer");
            times.push(start.elapsed().as_secs_f64() * 1_000.0);
            hits = found.engineers.rows.len() + found.enterprises.rows.len();
        }
        times.sort_by(f64::total_cmp);
        let (p50, p95) = (times[ROUNDS / 2], times[ROUNDS * 95 / 100]);
        println!("{kind}: p50 {p50:.1} ms, {hits} shown");
        let what = format!("search, p95: {kind}");
        say(&Figure::cost(&what, p95, "ms", (LIMIT_MS, "wanted")));
    }
    app.db.close().await.expect("closed");
}

/// Rows in plain statements: what is measured is the reading.
async fn fill(app: &App, who: &Actor, persons: u64) {
    let tx = app.db.begin().await.expect("a transaction");
    let source = source(app, &tx, who).await;
    tx.commit().await.expect("committed");
    let fact = format!("'2026-11-05T01:00:00+00:00', {}, {source}, ''", who.account_id);
    let mut chance = Chance(20_261_105);
    let step = usize::try_from(ROWS).unwrap_or(1);
    let tx = app.db.begin().await.expect("a transaction");
    set_bulk(&tx, true).await.expect("room");
    for from in (1..=ENTERPRISES).step_by(step) {
        carried_out(&tx, enterprises(from..=(from + ROWS - 1).min(ENTERPRISES), &fact)).await;
    }
    for from in (1..=persons).step_by(step) {
        carried_out(&tx, people(from..=(from + ROWS - 1).min(persons), &fact, &mut chance)).await;
    }
    carried_out(&tx, ["enterprise", "person"].map(pairs).to_vec()).await;
    set_bulk(&tx, false).await.expect("as before");
    tx.commit().await.expect("committed");
    app.db.read().execute_unprepared("ANALYZE").await.expect("statistics");
}

async fn carried_out(tx: &impl ConnectionTrait, statements: Vec<String>) {
    for statement in statements {
        tx.execute_unprepared(&statement).await.expect("carried out");
    }
}

/// The index of all names at once, sorted; names here have neither Latin letters nor repetitions
/// that the program would enter otherwise.
fn pairs(kind: &str) -> String {
    let places: Vec<String> = (1..=24).map(|n| format!("SELECT {n} AS n")).collect();
    format!(
        "INSERT INTO search_gram (kind, gram, object_id)
         SELECT DISTINCT '{kind}', SUBSTR(name || '$', n, 2), {kind}_id
         FROM {kind}_name JOIN ({}) places ON n <= LENGTH(name) ORDER BY 1, 2, 3",
        places.join(" UNION ALL ")
    )
}

const COMMON: &str = "valid_from, recorded_at, recorded_by, source_id, reason";

fn insert(table: &str, columns: &str, rows: &[String]) -> String {
    format!("INSERT INTO {table} ({columns}) VALUES {}", rows.join(", "))
}

fn enterprises(ids: std::ops::RangeInclusive<u64>, fact: &str) -> Vec<String> {
    let (mut anchors, mut names, mut places) = (vec![], vec![], vec![]);
    for id in ids {
        let name = format!("福建第{id}智能科技有限公司");
        let at = usize::try_from(id * id).unwrap_or(0) % UNITS.len();
        let (division, unit) = UNITS[at];
        anchors.push(format!("({id}, '9135{id:014}', '2026-11-05T01:00:00+00:00')"));
        names.push(format!("({id}, '{name}', '2020-01-01', {fact})"));
        places.push(format!("({id}, '{division}', '{unit}', '2020-01-01', {fact})"));
    }
    vec![
        insert("enterprise", "id, uscc, created_at", &anchors),
        insert("enterprise_name", &format!("enterprise_id, name, {COMMON}"), &names),
        insert(
            "enterprise_division",
            &format!("enterprise_id, division, city_unit, {COMMON}"),
            &places,
        ),
    ]
}

fn people(ids: std::ops::RangeInclusive<u64>, fact: &str, chance: &mut Chance) -> Vec<String> {
    let (mut anchors, mut names, mut entries) = (vec![], vec![], vec![]);
    for id in ids {
        let name = chance.name();
        let employer = chance.below(ENTERPRISES) + 1;
        anchors.push(format!("({id}, 'E{id:06}', '2026-11-05T01:00:00+00:00')"));
        names.push(format!("({id}, '{name}', '2020-01-01', {fact})"));
        entries.push(format!("({id}, {employer}, 'confirmed', '2026-01-01', {fact})"));
    }
    vec![
        insert("person", "id, person_no, created_at", &anchors),
        insert("person_name", &format!("person_id, name, {COMMON}"), &names),
        insert("roster_entry", &format!("person_id, enterprise_id, status, {COMMON}"), &entries),
    ]
}
