//! Lists of very many: counted so far and no further, paged by their rows, and the same rows whichever
//! way the database is asked.

use juncai::domain::authority::Role;
use juncai::service::directory::{EngineerQuery, Start, engineers};
use juncai::service::stipend::{self, LedgerQuery, LedgerStart, entitlements};
use juncai::service::{Actor, Extent};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::town::{Town, actor};
use crate::world::World;

on_both! {
    engineers_of_a_large_city_are_paged_to_the_last => engineers_walked;
    a_long_ledger_is_paged_to_the_last_and_summed_when_asked => ledger_walked;
}

/// Engineers of Fuzhou; Xiamen has ten.
const FUZHOU: i64 = 2_110;

/// Everybody's entry, and what 2026 came to.
fn crowd() -> [(&'static str, String, String); 5] {
    let enterprise = format!("CASE WHEN i <= {FUZHOU} THEN 1 ELSE 2 END");
    let fact = "'2025-12-01', (SELECT MIN(created_at) FROM account), (SELECT MIN(id) FROM account), \
                (SELECT MIN(id) FROM source_document), ''";
    let common = "valid_from, recorded_at, recorded_by, source_id, reason";
    let at = "(SELECT MIN(created_at) FROM account)";
    [
        ("person", "id, person_no, created_at".into(), format!("i, 'E' || (100000 + i), {at}")),
        ("person_name", format!("person_id, name, {common}"), format!("i, '工程师' || i, {fact}")),
        (
            "roster_entry",
            format!("person_id, enterprise_id, status, {common}"),
            format!("i, {enterprise}, 'confirmed', {fact}"),
        ),
        (
            "entitlement",
            "id, person_id, programme, award_year, version_no, status, eligible_days, counted_months, \
             gross_fen, offset_fen, net_fen, reasons, determination, trace, fingerprint, \
             policy_document_id, facts_known_at, run_id, recorded_at"
                .into(),
            format!(
                "i, i, 'core-engineer', 2026, 1, 'eligible', 365, 12, 20000000, 0, 20000000, '[]', \
                 '{{}}', '{{}}', '', 1, {at}, 1, {at}"
            ),
        ),
        (
            "entitlement_share",
            "entitlement_id, enterprise_id, division, city_unit, source, payer_division, amount_fen"
                .into(),
            format!("i, {enterprise}, '350102', '350100', 'province', '350000', 20000000"),
        ),
    ]
}

async fn scene(world: World) -> (Town, Actor) {
    let town = Town::new(world).await;
    stipend::start_run(&town.world.app, &town.hr, 2026).await.unwrap();
    let all = FUZHOU + 10;
    for (table, columns, values) in crowd() {
        let values = match town.world.app.db.is_postgres() {
            true => values.replace("'2025-12-01'", "'2025-12-01'::DATE"),
            false => values,
        };
        town.sql(&format!(
            "INSERT INTO {table} ({columns}) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL \
             SELECT i + 1 FROM n WHERE i < {all}) SELECT {values} FROM n"
        ))
        .await;
    }
    let city = actor(&town.world, "fz", "hr_city", "350100", None).await;
    (town, city)
}

async fn engineers_walked(world: World) {
    let (town, city) = scene(world).await;
    let app = &town.world.app;
    let query = EngineerQuery::default();
    let (mut from, mut seen) = (Start::Offset(0), Vec::new());
    loop {
        let page = engineers(app, &city, &query, 2026, &from).await.unwrap();
        assert_eq!(page.extent, Extent::beyond(), "never counted whole");
        let Some(last) = page.rows.last() else { break };
        from = Start::After(last.no.clone());
        seen.extend(page.rows.into_iter().map(|row| row.no));
    }
    let expected: Vec<String> = (1..=FUZHOU).map(|i| format!("E{}", 100_000 + i)).collect();
    assert_eq!(seen, expected, "each once, in order, and nobody of Xiamen");
    let before = engineers(app, &city, &query, 2026, &Start::Before(expected[60].clone())).await;
    let before: Vec<String> = before.unwrap().rows.into_iter().map(|row| row.no).collect();
    assert_eq!(before, expected[10..60]);
    // A search is counted whole, and stays in scope.
    for (text, rows) in [("E100021", 1), ("E102115", 0)] {
        let named = EngineerQuery { text: text.to_owned(), ..EngineerQuery::default() };
        let found = engineers(app, &city, &named, 2026, &Start::Offset(0)).await.unwrap();
        assert_eq!(found.extent, Extent::whole(rows), "{text}");
    }
    let xiamen = actor(&town.world, "xm", "hr_city", "350200", None).await;
    let few = engineers(app, &xiamen, &query, 2026, &Start::Offset(0)).await.unwrap();
    assert_eq!((few.extent, few.rows.len()), (Extent::whole(10), 10));

    let mut page = Visitor::with_role(app, "fz2", Role::HrCity, "350100").await;
    let first = page.get("/engineers").await;
    assert!(first.text().contains("超过 2,000 人"), "{}", first.text());
    let next = first.links().into_iter().find(|link| link.contains("after=E100050")).unwrap();
    assert!(page.get(&next).await.text().contains("E100051"));
}

async fn ledger_walked(world: World) {
    let (town, city) = scene(world).await;
    let app = &town.world.app;
    let query = LedgerQuery { year: Some(2026), ..LedgerQuery::default() };
    for (who, last) in [(&city, FUZHOU), (&town.hr, FUZHOU + 10)] {
        let (mut from, mut seen) = (LedgerStart::Offset(0), Vec::new());
        loop {
            let page = entitlements(app, who, &query, from, false).await.unwrap();
            assert_eq!((page.extent, page.sums.is_none()), (Extent::beyond(), true));
            let Some((version, _)) = page.rows.last() else { break };
            from = LedgerStart::After(*version);
            seen.extend(page.rows.iter().map(|(version, _)| *version));
        }
        assert_eq!(seen, (1..=last).collect::<Vec<i64>>());
        let before = entitlements(app, who, &query, LedgerStart::Before(61), false).await.unwrap();
        let before: Vec<i64> = before.rows.iter().map(|(version, _)| *version).collect();
        assert_eq!(before, (11..=60).collect::<Vec<i64>>());
        let summed = entitlements(app, who, &query, LedgerStart::Offset(0), true).await.unwrap();
        assert_eq!(summed.extent, Extent::whole(u64::try_from(last).unwrap()));
        assert_eq!(summed.sums.unwrap().net.get(), last * 20_000_000);
    }
    let mut page = Visitor::with_role(app, "fz2", Role::HrCity, "350100").await;
    let first = page.get("/entitlements?year=2026").await;
    assert!(first.text().contains("人数较多，未统计合计"), "{}", first.text());
    let whole = page.get("/entitlements?year=2026&summary=1").await;
    assert!(whole.text().contains("全部 2,110 人合计"), "{}", whole.text());
}
