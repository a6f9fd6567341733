//! Computing a year on the database: versions, money, corrections, interruption.

use juncai::domain::registry::{RosterEntry, RosterStatus};
use juncai::service::Error;
use juncai::service::directory;
use juncai::service::stipend::{self, Execution, RunState};
use juncai::store::fact;
use juncai::store::stipend as store;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::on_both;
use crate::town::{Town, actor};
use crate::world::{Backend, World};

on_both! {
    a_year_is_computed_once_and_again_without_any_new_row => once_and_again;
    nothing_due_is_stored_with_its_reasons => ineligible;
    a_declared_roster_entry_counts_only_after_confirmation => declared;
    a_changed_fact_makes_a_second_version_and_replaces_the_payable_line => second_version;
    late_evidence_after_payment_is_supplemented => supplement;
    a_departure_after_payment_is_recovered_from_each_source => recovery;
    money_moves_to_another_payer_when_the_facts_do => other_payer;
    a_line_that_the_bank_returned_is_cut_to_the_result => returned_line;
    another_award_is_taken_off => offset;
    an_interrupted_run_ends_with_the_same_tables => interrupted;
    two_runs_of_a_year_cannot_be_live => one_live_run;
    a_person_whose_facts_contradict_each_other_stops_nobody_else => failed_person;
    what_changed_since_a_year_was_computed_is_counted_and_told => drift;
    only_the_province_computes_and_only_years_of_the_policy => refusals;
}

/// Person, source, payer, component, fen.
type LineSeen = (i64, String, String, i64, i64);
/// Person, source, payer, fen.
type RecoverySeen = (i64, String, String, i64);

/// Live lines and proposed recoveries of all persons: (person, source, payer, component, fen).
async fn money(town: &Town) -> (Vec<LineSeen>, Vec<RecoverySeen>) {
    let conn = town.world.app.db.read();
    let lines = entity::payment_line::Entity::find()
        .filter(entity::payment_line::Column::State.ne("void"))
        .order_by_asc(entity::payment_line::Column::PersonId)
        .order_by_asc(entity::payment_line::Column::PayerDivision)
        .order_by_asc(entity::payment_line::Column::ComponentNo)
        .all(conn)
        .await
        .unwrap()
        .into_iter()
        .map(|l| (l.person_id, l.source, l.payer_division, l.component_no, l.amount_fen))
        .collect();
    let recoveries = entity::recovery::Entity::find()
        .filter(entity::recovery::Column::State.eq("proposed"))
        .order_by_asc(entity::recovery::Column::PersonId)
        .order_by_asc(entity::recovery::Column::PayerDivision)
        .all(conn)
        .await
        .unwrap()
        .into_iter()
        .map(|r| (r.person_id, r.source, r.payer_division, r.amount_fen))
        .collect();
    (lines, recoveries)
}

async fn versions(town: &Town, person: i64) -> Vec<store::result::Entitlement> {
    entity::entitlement::Entity::find()
        .filter(entity::entitlement::Column::PersonId.eq(person))
        .order_by_asc(entity::entitlement::Column::VersionNo)
        .all(town.world.app.db.read())
        .await
        .unwrap()
}

/// All rows that a run writes, without its own row.
async fn tables(town: &Town) -> String {
    let conn = town.world.app.db.read();
    let entitlements = entity::entitlement::Entity::find()
        .order_by_asc(entity::entitlement::Column::Id)
        .all(conn)
        .await
        .unwrap();
    let shares = entity::entitlement_share::Entity::find()
        .order_by_asc(entity::entitlement_share::Column::Id)
        .all(conn)
        .await
        .unwrap();
    let lines = entity::payment_line::Entity::find()
        .order_by_asc(entity::payment_line::Column::Id)
        .all(conn)
        .await
        .unwrap();
    let recoveries = entity::recovery::Entity::find()
        .order_by_asc(entity::recovery::Column::Id)
        .all(conn)
        .await
        .unwrap();
    let files = entity::case_file::Entity::find()
        .order_by_asc(entity::case_file::Column::Id)
        .all(conn)
        .await
        .unwrap();
    format!("{entitlements:#?}\n{shares:#?}\n{lines:#?}\n{recoveries:#?}\n{files:#?}")
}

fn line(person: i64, source: &str, payer: &str, no: i64, fen: i64) -> LineSeen {
    (person, source.to_owned(), payer.to_owned(), no, fen)
}

async fn once_and_again(world: World) {
    let mut town = Town::new(world).await;
    town.full_year(1, 1).await;
    town.full_year(2, 2).await;
    town.full_year(3, 3).await;
    town.person(4).await;
    town.at("2027-01-15T09:20:00+08:00");
    let first = town.compute(2026).await;
    assert_eq!((first.state, first.total, first.done), (RunState::Completed, 4, 4));
    assert_eq!((first.eligible, first.ineligible, first.changed, first.adjusted), (3, 0, 0, 0));
    let all = 20_000_000;
    let expected = vec![
        line(1, "province", "350000", 0, all),
        line(2, "city", "350200", 0, all),
        line(3, "province", "350000", 0, all),
    ];
    assert_eq!(money(&town).await, (expected, vec![]));
    let stored = versions(&town, 1).await.remove(0);
    assert_eq!((stored.version_no, stored.counted_months, stored.net_fen), (1, 12, all));
    assert_eq!(stored.fingerprint.len(), 64);
    assert!(versions(&town, 4).await.is_empty(), "nothing is known of the fourth person");

    let before = tables(&town).await;
    town.at("2027-02-01T09:00:00+08:00");
    let second = town.compute(2026).await;
    assert_eq!((second.eligible, second.changed, second.adjusted), (3, 0, 0));
    assert_eq!(tables(&town).await, before);
    assert_eq!((first.run_no.as_str(), second.run_no.as_str()), ("HD2026-001", "HD2026-002"));
}

async fn ineligible(world: World) {
    let mut town = Town::new(world).await;
    town.person(1).await;
    town.engineer(1, 1, "2025-12-01", None).await;
    town.full_year(2, 1).await;
    town.exclude(2, "2025-01-01").await;
    town.person(3).await;
    town.engineer(3, 1, "2026-08-01", None).await;
    town.insured(3, 2026, 8..=12).await;
    town.at("2027-01-15T09:20:00+08:00");
    let run = town.compute(2026).await;
    assert_eq!((run.eligible, run.ineligible), (0, 3));
    assert_eq!(money(&town).await, (vec![], vec![]));
    for (person, reasons, months) in
        [(1, r#"["no_evidence"]"#, 0), (2, r#"["excluded"]"#, 0), (3, r#"["below_min_months"]"#, 5)]
    {
        let stored = versions(&town, person).await.remove(0);
        assert_eq!((stored.status.as_str(), stored.net_fen), ("ineligible", 0));
        assert_eq!((stored.reasons.as_str(), stored.counted_months), (reasons, months));
    }
}

async fn declared(world: World) {
    let mut town = Town::new(world).await;
    town.person(1).await;
    town.insured(1, 2026, 1..=12).await;
    town.state(1, "2025-12-01", None, crate::town::employment(1)).await;
    let entry = |status| RosterEntry { enterprise_id: 1, status };
    town.state(1, "2025-12-01", None, entry(RosterStatus::Declared)).await;
    town.at("2027-01-15T09:20:00+08:00");
    assert_eq!(town.compute(2026).await.ineligible, 1);
    assert_eq!(versions(&town, 1).await[0].reasons, r#"["not_on_roster"]"#);

    town.at("2027-01-16T09:20:00+08:00");
    let app = &town.world.app;
    let tx = app.db.begin().await.unwrap();
    let old = fact::facts_of::<RosterEntry>(&tx, 1, fact::Versions::Live).await.unwrap()[0].id;
    let confirmed = town.stated(1, "2025-12-01", None, entry(RosterStatus::Confirmed));
    fact::correct(&tx, old, confirmed).await.unwrap();
    tx.commit().await.unwrap();
    let run = town.compute(2026).await;
    assert_eq!((run.eligible, run.ineligible, run.changed), (1, 0, 1));
}

async fn second_version(world: World) {
    let mut town = Town::new(world).await;
    town.full_year(1, 1).await;
    town.full_year(2, 1).await;
    town.at("2027-01-15T09:20:00+08:00");
    town.compute(2026).await;
    town.at("2027-01-20T09:20:00+08:00");
    town.left(1, "2026-10-31").await;
    let run = town.compute(2026).await;
    assert_eq!((run.eligible, run.changed, run.adjusted), (2, 1, 0));
    let stored = versions(&town, 1).await;
    let nets: Vec<i64> = stored.iter().map(|version| version.net_fen).collect();
    assert_eq!(nets, [20_000_000, 16_666_667]);
    assert_eq!(stored[0].superseded_at, Some(stored[1].recorded_at));
    assert!(stored[1].determination.contains(r#""entitled_before":"200000.00""#));
    assert!(stored[1].determination.contains(r#""adjustment":"-33333.33""#));
    assert_eq!(versions(&town, 2).await.len(), 1);
    let expected = vec![
        line(1, "province", "350000", 0, 16_666_667),
        line(2, "province", "350000", 0, 20_000_000),
    ];
    assert_eq!(money(&town).await, (expected, vec![]));
}

async fn supplement(world: World) {
    let mut town = Town::new(world).await;
    town.person(1).await;
    town.engineer(1, 1, "2025-12-01", None).await;
    town.insured(1, 2026, [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12]).await;
    town.at("2027-01-15T09:20:00+08:00");
    town.compute(2026).await;
    town.freeze_all("in_batch").await;
    town.freeze_all("paid").await;
    town.at("2027-06-15T09:20:00+08:00");
    town.insured(1, 2026, [8]).await;
    let run = town.compute(2026).await;
    assert_eq!((run.changed, run.adjusted), (1, 1));
    let expected = vec![
        line(1, "province", "350000", 0, 18_333_333),
        line(1, "province", "350000", 1, 1_666_667),
    ];
    assert_eq!(money(&town).await, (expected, vec![]));
}

const THREE_SOURCES: &str = r#"
id = "core-engineer"
kind = "annual_stipend"
[[version]]
from = 2025-11-04
through = 2028-12-31
amount = "200000.00"
conditions = ["listed", "employed", "rostered", "evidenced"]
proration = "monthly"
min_months = 6
[[version.funding]]
division = "35"
shares = [{ source = "province", percent = "50" }, { source = "city", percent = "30" }, { source = "county", percent = "20" }]
"#;

async fn three_sources(town: &Town) {
    let app = &town.world.app;
    stipend::ensure_shipped_policy(app, &town.hr).await.unwrap();
    let tx = app.db.begin().await.unwrap();
    let new = store::NewPolicyDocument {
        programme: "core-engineer",
        title: "三级分担",
        sha256: "3",
        content: THREE_SOURCES,
        recorded_by: town.hr.account_id,
        recorded_at: app.clock.now(),
    };
    store::add_policy(&tx, &new).await.unwrap();
    tx.commit().await.unwrap();
}

async fn recovery(world: World) {
    let mut town = Town::new(world).await;
    three_sources(&town).await;
    town.full_year(1, 1).await;
    town.at("2027-01-15T09:20:00+08:00");
    town.compute(2026).await;
    town.freeze_all("paid").await;
    // Cases 28 and 29 of the design: found later that he left on 31 October.
    town.at("2027-06-15T09:20:00+08:00");
    town.left(1, "2026-10-31").await;
    assert_eq!(town.compute(2026).await.adjusted, 1);
    let back = |source: &str, payer: &str, fen| (1, source.to_owned(), payer.to_owned(), fen);
    let paid = vec![
        line(1, "province", "350000", 0, 10_000_000),
        line(1, "city", "350100", 0, 6_000_000),
        line(1, "county", "350102", 0, 4_000_000),
    ];
    let proposed = vec![
        back("province", "350000", 1_666_666),
        back("city", "350100", 1_000_000),
        back("county", "350102", 666_667),
    ];
    assert_eq!(money(&town).await, (paid.clone(), proposed));

    // Another correction replaces the proposals, it does not add to them.
    town.at("2027-07-01T09:20:00+08:00");
    town.left(1, "2026-11-30").await;
    assert_eq!(town.compute(2026).await.adjusted, 1);
    let proposed = vec![
        back("province", "350000", 833_334),
        back("city", "350100", 500_000),
        back("county", "350102", 333_333),
    ];
    assert_eq!(money(&town).await, (paid, proposed));
}

async fn other_payer(world: World) {
    let mut town = Town::new(world).await;
    town.full_year(1, 1).await;
    town.at("2027-01-15T09:20:00+08:00");
    town.compute(2026).await;
    town.freeze_all("in_batch").await;
    // Case 17 of the design, learnt late: Fuzhou to April, Xiamen from May.
    town.at("2027-03-01T09:20:00+08:00");
    town.left(1, "2026-04-30").await;
    town.engineer(1, 2, "2026-05-01", None).await;
    town.compute(2026).await;
    let lines = vec![
        line(1, "province", "350000", 0, 20_000_000),
        line(1, "city", "350200", 0, 13_333_333),
    ];
    let back = (1, "province".to_owned(), "350000".to_owned(), 13_333_333);
    assert_eq!(money(&town).await, (lines, vec![back]));
}

async fn returned_line(world: World) {
    let mut town = Town::new(world).await;
    town.full_year(1, 1).await;
    town.at("2027-01-15T09:20:00+08:00");
    town.compute(2026).await;
    town.freeze_all("in_batch").await;
    town.at("2027-03-01T09:20:00+08:00");
    town.left(1, "2026-10-31").await;
    town.compute(2026).await;
    assert_eq!(money(&town).await.1.len(), 1);
    // The bank could not pay: no new fact, but the line is payable again and too large.
    town.freeze_all("payable").await;
    town.at("2027-03-20T09:20:00+08:00");
    let run = town.compute(2026).await;
    assert_eq!((run.changed, run.adjusted), (0, 1));
    let expected = vec![line(1, "province", "350000", 0, 16_666_667)];
    assert_eq!(money(&town).await, (expected, vec![]));
}

async fn offset(world: World) {
    let mut town = Town::new(world).await;
    for (person, group, fen) in
        [(1, "provincial-talent", 8_000_000), (2, "provincial-talent", 30_000_000), (3, "city", 1)]
    {
        town.full_year(person, 1).await;
        town.award(person, group, fen).await;
    }
    town.at("2027-01-15T09:20:00+08:00");
    let run = town.compute(2026).await;
    assert_eq!((run.eligible, run.ineligible), (3, 0));
    let nets: Vec<_> = [
        versions(&town, 1).await.remove(0),
        versions(&town, 2).await.remove(0),
        versions(&town, 3).await.remove(0),
    ]
    .iter()
    .map(|version| (version.offset_fen, version.net_fen))
    .collect();
    assert_eq!(nets, [(8_000_000, 12_000_000), (20_000_000, 0), (0, 20_000_000)]);
    assert_eq!(money(&town).await.0.len(), 2, "a zero makes no line");
}

/// Seven persons of different fortune.
async fn seven(world: World) -> Town {
    let mut town = Town::new(world).await;
    for person in 1..=7 {
        town.full_year(person, person % 3 + 1).await;
    }
    town.suspend(3, "2026-01-01", Some("2026-02-28")).await;
    town.exclude(5, "2026-01-01").await;
    town.at("2027-01-15T09:20:00+08:00");
    town
}

async fn interrupted(world: World) {
    let backend = if world.app.db.is_postgres() { Backend::Postgres } else { Backend::Sqlite };
    let whole = seven(World::new(backend).await).await;
    whole.compute(2026).await;

    let mut town = seven(world).await;
    let run_no = stipend::start_run(&town.world.app, &town.hr, 2026).await.unwrap();
    let mut execution = Execution::claim(&town.world.app, &run_no, 3).await.unwrap();
    assert!(execution.next_chunk().await.unwrap());
    let halfway = stipend::progress(&town.world.app, &town.hr, &run_no).await.unwrap();
    assert_eq!((halfway.state, halfway.done, halfway.total), (RunState::Running, 3, 7));

    // While somebody holds the run, nobody else can take it up.
    let busy = stipend::execute_run(&town.world.app, &run_no).await;
    assert!(matches!(busy, Err(Error::Refused(_))), "{busy:?}");
    assert_eq!(stipend::resume_all(&town.world.app).await.unwrap(), 0);

    // The holder falls asleep; after its lease another one ends the run.
    town.world.set_time("2027-01-15T09:23:00+08:00");
    let mut other = Execution::claim(&town.world.app, &run_no, 3).await.unwrap();
    let awoken = execution.next_chunk().await;
    assert!(matches!(awoken, Err(Error::Refused(_))), "{awoken:?}");
    assert!(other.next_chunk().await.unwrap());
    drop(other);
    town.world.set_time("2027-01-15T09:30:00+08:00");
    assert_eq!(stipend::resume_all(&town.world.app).await.unwrap(), 1);
    let ended = stipend::progress(&town.world.app, &town.hr, &run_no).await.unwrap();
    assert_eq!((ended.state, ended.done), (RunState::Completed, 7));
    assert_eq!((ended.eligible, ended.ineligible), (6, 1));

    let timeless = |text: String| {
        let timed = |line: &&str| line.contains("recorded_at") || line.contains("opened_at");
        let lines = text.lines().filter(|line| !timed(line));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(timeless(tables(&town).await), timeless(tables(&whole).await));
}

async fn one_live_run(world: World) {
    let mut town = Town::new(world).await;
    town.full_year(1, 1).await;
    town.at("2027-01-15T09:20:00+08:00");
    let app = &town.world.app;
    let starts = tokio::join!(
        stipend::start_run(app, &town.hr, 2026),
        stipend::start_run(app, &town.hr, 2026),
        stipend::start_run(app, &town.hr, 2025),
    );
    let won = [&starts.0, &starts.1].into_iter().filter(|start| start.is_ok()).count();
    assert_eq!(won, 1, "{starts:?}");
    assert!(starts.2.is_ok(), "another year is another matter");
    let again = stipend::start_run(app, &town.hr, 2026).await;
    assert!(matches!(&again, Err(Error::Refused(text)) if text.contains("HD2026-")), "{again:?}");
    assert_eq!(stipend::resume_all(app).await.unwrap(), 2);
    assert!(stipend::start_run(app, &town.hr, 2026).await.is_ok());
}

async fn failed_person(world: World) {
    let mut town = Town::new(world).await;
    town.enterprise(9, "913501000000000009", None).await;
    town.full_year(1, 9).await;
    town.full_year(2, 1).await;
    town.at("2027-01-15T09:20:00+08:00");
    let run = town.compute(2026).await;
    assert_eq!((run.state, run.done, run.eligible), (RunState::Completed, 2, 1));
    assert_eq!(run.failed_persons, 1);
    assert!(run.message.contains("E000001：企业 913501000000000009 没有登记行政区划"));
    assert!(versions(&town, 1).await.is_empty());
}

async fn refusals(world: World) {
    let mut town = Town::new(world).await;
    town.at("2027-01-15T09:20:00+08:00");
    let app = &town.world.app;
    for (login, role, division) in [
        ("city", "hr_city", "350100"),
        ("fin", "finance_maker", "350000"),
        ("aud", "auditor", "350000"),
    ] {
        let other = actor(&town.world, login, role, division, None).await;
        let refused = stipend::start_run(app, &other, 2026).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{role}: {refused:?}");
    }
    for year in [2024, 2028, 2029] {
        let refused = stipend::start_run(app, &town.hr, year).await;
        assert!(matches!(&refused, Err(Error::Invalid(f)) if f[0].0 == "year"), "{refused:?}");
    }
    let nobody = stipend::execute_run(app, "HD2026-009").await;
    assert!(matches!(nobody, Err(Error::NotFound(_))));
    assert_eq!(money(&town).await, (vec![], vec![]));
}

async fn drift(world: World) {
    let mut town = Town::new(world).await;
    for person in [1, 2, 3] {
        town.full_year(person, 1).await;
    }
    town.at("2027-01-15T09:00:00+08:00");
    town.compute(2026).await;
    assert_eq!(changed(&town).await, []);
    // Somebody left in the year, another has an award of the year: two persons.
    town.at("2027-03-01T09:00:00+08:00");
    town.left(1, "2026-10-31").await;
    town.award(2, "provincial-talent", 1_000_000).await;
    // What is about another year is no news of this one.
    town.insured(3, 2027, 1..=2).await;
    assert_eq!(changed(&town).await, [(2026, 2)]);
    let desk = directory::home(&town.world.app, &town.hr, 2026).await.unwrap();
    let task = desk.tasks.iter().find(|task| task.label == "核定后有变更的人员").unwrap();
    assert_eq!((task.count, task.href), (2, "/runs"));
    town.at("2027-03-02T09:00:00+08:00");
    town.compute(2026).await;
    let read = stipend::changed_years(&town.world.app, &town.hr).await.unwrap();
    assert_eq!(read, [], "what was counted before the last computation is no news");
    assert_eq!(changed(&town).await, []);
}

async fn changed(town: &Town) -> Vec<(i64, i64)> {
    stipend::look_for_changes(&town.world.app).await.unwrap();
    let years = stipend::changed_years(&town.world.app, &town.hr).await.unwrap();
    years.into_iter().map(|year| (year.year, year.persons)).collect()
}
