//! The lists of engineers, roster, entitlements and files, a page of each as its page asks for it.

use std::time::Instant;

use chrono::NaiveDate;
use juncai::app::App;
use juncai::domain::authority::Role;
use juncai::domain::roster::Standing;
use juncai::service::Actor;
use juncai::service::case::{CaseQuery, cases};
use juncai::service::directory::{
    EngineerQuery, ListKind, Point, Start, VersionQuery, compare_versions, engineers,
};
use juncai::service::overview::{Behind, Conditions, behind};
use juncai::service::stipend::{self, LedgerQuery, LedgerStart, entitlements};
use juncai::store::import::set_bulk;
use sea_orm::{ConnectionTrait, Statement};

use crate::evaluate;
use crate::figure::{Figure, say};
use crate::place::{Place, actor, block_on, source};

const ENTERPRISES: u64 = 400;
const ROUNDS: usize = 15;
/// What a page may take.
const LIMIT_MS: f64 = 100.0;
const UNITS: [(&str, &str); 5] = [
    ("350102", "350100"),
    ("350203", "350200"),
    ("350302", "350300"),
    ("350502", "350500"),
    ("350128", "350128"),
];

pub fn run(_: &str, place: &Place) {
    block_on(measure(place));
}

/// The median of some rounds, in milliseconds.
async fn median<F: Future>(mut work: impl FnMut() -> F) -> f64 {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        work().await;
        times.push(start.elapsed().as_secs_f64() * 1_000.0);
    }
    evaluate::median(times)
}

async fn measure(place: &Place) {
    let persons = place.size;
    let app = place.app("2027-01-05T09:00:00+08:00").await;
    let now = app.clock.now();
    let province = actor(&app, "hr", Role::HrProvince, "350000", None).await;
    fill(&app, &province, persons).await;
    let city = actor(&app, "qz", Role::HrCity, "350500", None).await;
    let clerk = actor(&app, "clerk", Role::EnterpriseClerk, "350102", Some(1)).await;
    let middle = persons / 2;
    let sql = format!("SELECT id, person_no FROM person WHERE id > {middle} ORDER BY id LIMIT 50");
    let first = Statement::from_string(app.db.read().get_database_backend(), sql.clone());
    let row = app.db.read().query_one_raw(first).await.expect("a row").expect("a row");
    let no: String = row.try_get("", "person_no").expect("a number");
    let bare = median(|| async {
        let query = Statement::from_string(app.db.read().get_database_backend(), sql.clone());
        app.db.read().query_all_raw(query).await.expect("rows").len()
    })
    .await;
    println!("a bare keyset page {bare:.2} ms");
    let told = |what: &str, ms: f64| {
        say(&Figure::cost(&format!("list: {what}"), ms, "ms", (LIMIT_MS, "wanted")));
    };
    for (who, actor) in [("province", &province), ("city", &city), ("enterprise", &clerk)] {
        for (what, query) in engineer_queries() {
            // As a reader gets there: by the link from the page before.
            let from = match what {
                "middle page" => Start::After(no.clone()),
                _ => Start::Offset(0),
            };
            let read =
                || async { engineers(&app, actor, &query, 2026, &from).await.expect("rows") };
            told(&format!("engineers, {who}, {what}"), median(read).await);
        }
        for (what, query) in ledger_queries() {
            // The version of the person in the middle has the person's number here.
            let from = match what {
                "middle page" => LedgerStart::After(i64::try_from(middle).expect("a number")),
                _ => LedgerStart::Offset(0),
            };
            let read =
                || async { entitlements(&app, actor, &query, from, false).await.expect("rows") };
            told(&format!("entitlements, {who}, {what}"), median(read).await);
        }
        for (what, all) in [("waiting", false), ("all", true)] {
            let query = CaseQuery { all, ..CaseQuery::default() };
            let read = || async { cases(&app, actor, &query, 1).await.expect("rows") };
            told(&format!("files, {who}, {what}"), median(read).await);
        }
    }
    for (who, actor) in [("province", &province), ("city", &city)] {
        let wanted = Conditions::default();
        let read =
            || async { behind(&app, actor, Behind::Roster, &wanted, (0, 50)).await.expect("rows") };
        told(&format!("roster, {who}"), median(read).await);
        let day = |month| Point { on: date(2026, month, 1), known_at: now };
        let query = VersionQuery {
            list: ListKind::Roster,
            before: day(6),
            after: day(12),
            change: String::new(),
            city: String::new(),
        };
        let read = || async { compare_versions(&app, actor, &query, 0, 50).await.expect("rows") };
        told(&format!("roster, two days compared, {who}"), median(read).await);
    }
    app.db.close().await.expect("closed");
}

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a date")
}

fn engineer_queries() -> Vec<(&'static str, EngineerQuery)> {
    let all = EngineerQuery::default;
    vec![
        ("first page", all()),
        ("middle page", all()),
        ("of a city", EngineerQuery { city: "350500".to_owned(), ..all() }),
        ("on the roster", EngineerQuery { standing: Some(Standing::Active), ..all() }),
        ("by name", EngineerQuery { text: "建国".to_owned(), ..all() }),
    ]
}

fn ledger_queries() -> Vec<(&'static str, LedgerQuery)> {
    let all = LedgerQuery::default;
    vec![
        ("first page", LedgerQuery { year: Some(2026), ..all() }),
        ("middle page", LedgerQuery { year: Some(2026), ..all() }),
        ("of a city", LedgerQuery { city: Some("350500".to_owned()), ..all() }),
    ]
}

/// Table, columns and values of a row by its number `i`: everything follows from the number, so that
/// every run has the same rows. `{..}` is filled in by [`statement`].
const ROWS: &[(&str, &str, &str)] = &[
    ("enterprise", "id, uscc, created_at", "i, '91350100M' || SUBSTR('000000000' || i, -9), {at}"),
    (
        "enterprise_name",
        "enterprise_id, name, {common}",
        "i, '福建第' || i || '智能科技有限公司', '2020-01-01', {fact}",
    ),
    (
        "enterprise_division",
        "enterprise_id, division, city_unit, {common}",
        "i, {division:i}, {unit:i}, '2020-01-01', {fact}",
    ),
    (
        "listing",
        "enterprise_id, list_batch, recognition_quota, engineer_quota, {common}",
        "i, '首批', 3, 500, '2025-12-01', {fact}",
    ),
    ("person", "id, person_no, created_at", "i, 'E' || (1000000 + i), {at}"),
    (
        "person_name",
        "person_id, name, {common}",
        "i, CASE i % 4 WHEN 0 THEN '陈' WHEN 1 THEN '林' WHEN 2 THEN '黄' ELSE '张' END || \
         CASE (i * 31) % 97 WHEN 0 THEN '建国' ELSE '工程师' || (i % 997) END, '2020-01-01', {fact}",
    ),
    (
        "employment",
        "person_id, enterprise_id, full_time, post, professional_title, education, {common}",
        "i, {employer}, TRUE, '算法研发', '高级工程师', '硕士', '2025-12-01', {fact}",
    ),
    (
        "roster_entry",
        "person_id, enterprise_id, status, {common}",
        "i, {employer}, CASE i % 20 WHEN 0 THEN 'declared' ELSE 'confirmed' END, \
         CASE i % 10 WHEN 3 THEN '2026-09-01' ELSE '2025-12-01' END, {fact}",
    ),
    (
        "entitlement",
        "id, person_id, programme, award_year, version_no, status, eligible_days, counted_months, \
         gross_fen, offset_fen, net_fen, reasons, determination, trace, fingerprint, \
         policy_document_id, facts_known_at, run_id, recorded_at",
        "i, i, 'core-engineer', 2026, 1, 'eligible', 365, 12, 20000000, 0, 20000000, '[]', '{}', \
         '{}', '', 1, {at}, 1, {at}",
    ),
    (
        "entitlement_share",
        "entitlement_id, enterprise_id, division, city_unit, source, payer_division, amount_fen",
        "i, {employer}, {division:({employer})}, {unit:({employer})}, 'province', '350000', 20000000",
    ),
    (
        "case_file",
        "id, case_no, kind, enterprise_id, person_id, about, state, steps, since, due_on, \
         opened_by, opened_at",
        "i, 'MC2026-' || i, 'roster_entry', {employer}, i, '工程师' || i, CASE i % 20 WHEN 0 THEN \
         'prov_confirm' WHEN 1 THEN 'city_check' WHEN 2 THEN 'draft' ELSE 'active' END, 0, \
         '2026-12-01', CASE i % 20 WHEN 0 THEN '2027-01-20' ELSE NULL END, {account}, {at}",
    ),
];

/// The rows of one table in one statement.
fn statement(row: &(&str, &str, &str), persons: u64, (account, source): (i64, i64)) -> String {
    let (table, columns, values) = row;
    let at = "'2026-11-05T01:00:00+00:00'";
    let employer = format!("(i * 7919) % {ENTERPRISES} + 1");
    let spread = |which: usize, of: &str| {
        let place = |(at, unit): (usize, &(&str, &str))| {
            format!("WHEN {at} THEN '{}'", if which == 0 { unit.0 } else { unit.1 })
        };
        let places: Vec<String> = UNITS.iter().enumerate().map(place).collect();
        format!("CASE {of} % 5 {} END", places.join(" "))
    };
    let of_employer = format!("({employer})");
    let values = values
        .replace("{division:i}", &spread(0, "i"))
        .replace("{unit:i}", &spread(1, "i"))
        .replace("{division:({employer})}", &spread(0, &of_employer))
        .replace("{unit:({employer})}", &spread(1, &of_employer))
        .replace("{employer}", &employer)
        .replace("{fact}", &format!("{at}, {account}, {source}, ''"))
        .replace("{account}", &account.to_string())
        .replace("{at}", at);
    let common = "valid_from, recorded_at, recorded_by, source_id, reason";
    let columns = columns.replace("{common}", common);
    let of_enterprises = ["enterprise", "enterprise_name", "enterprise_division", "listing"];
    let many = if of_enterprises.contains(table) { ENTERPRISES } else { persons };
    format!(
        "INSERT INTO {table} ({columns}) WITH RECURSIVE n (i) AS \
         (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many}) SELECT {values} FROM n"
    )
}

/// Rows in plain statements: what is measured is the reading.
async fn fill(app: &App, who: &Actor, persons: u64) {
    stipend::start_run(app, who, 2026).await.expect("a run");
    let tx = app.db.begin().await.expect("a transaction");
    let source = source(app, &tx, who).await;
    set_bulk(&tx, true).await.expect("room");
    for row in ROWS {
        let text = statement(row, persons, (who.account_id, source));
        let text = if app.db.is_postgres() { typed(&text) } else { text };
        let done = tx.execute_unprepared(&text).await;
        done.unwrap_or_else(|error| panic!("{}: {error}", row.0));
    }
    let places: Vec<String> = (1..=24).map(|n| format!("SELECT {n} AS n")).collect();
    for kind in ["enterprise", "person"] {
        let pairs = format!(
            "INSERT INTO search_gram (kind, gram, object_id)
             SELECT DISTINCT '{kind}', SUBSTR(name || '$', n, 2), {kind}_id
             FROM {kind}_name JOIN ({}) places ON n <= LENGTH(name) ORDER BY 1, 2, 3",
            places.join(" UNION ALL ")
        );
        tx.execute_unprepared(&pairs).await.expect("pairs");
    }
    set_bulk(&tx, false).await.expect("as before");
    tx.commit().await.expect("committed");
    // As a database is that has been in use for a while: with statistics, and clean.
    let tidy = if app.db.is_postgres() { "VACUUM ANALYZE" } else { "ANALYZE" };
    app.db.read().execute_unprepared(tidy).await.expect("statistics");
}

/// PostgreSQL does not take a text that a CASE gives for a day, nor count from the end of one.
fn typed(statement: &str) -> String {
    statement
        .replace("ELSE '2025-12-01' END", "ELSE '2025-12-01' END::DATE")
        .replace("ELSE NULL END,", "ELSE NULL END::DATE,")
        .replace("SUBSTR('000000000' || i, -9)", "RIGHT('000000000' || i, 9)")
}
