//! Money of other streams beside the stipend: what agreements, appointments and visits grant is read by
//! computations by itself, stands to the stipend as the conflict catalogue of its year says, and comes
//! out again in every replay.

use juncai::domain::catalogue::PAID_BACK;
use juncai::domain::money::Fen;
use juncai::service::catalogue::{self, EntryForm};
use juncai::service::{Actor, Error, stipend};
use juncai::store::benefit::{self, GrantShare, NewGrant};

use crate::agreements::{accepted, act, approved};
use crate::browser_like::Visitor;
use crate::on_both;
use crate::town::{Town, actor, person_no};
use crate::world::World;
use crate::yearly::Year;

on_both! {
    an_agreement_stands_to_the_stipend_as_the_catalogue_says => agreement;
    each_stream_counts_once_and_costs_that_are_paid_back_never => streams;
    a_grant_of_a_merged_number_is_one_persons => merged;
    what_was_computed_before_grants_were_read_comes_out_again => before;
    of_two_streams_that_exclude_each_other_the_second_is_refused => clash;
}

const FILE: &str = "YK2027-00001";

fn entry<'a>(year: &'a str, pair: (&'a str, &'a str), relation: &'a str) -> EntryForm<'a> {
    EntryForm {
        year,
        group: pair.0,
        new_name: "",
        new_code: "",
        counterpart: pair.1,
        relation,
        basis: "省级人才专项资金管理办法第十二条（虚构）",
        document_no: "闽人社〔2028〕0号",
    }
}

/// Proposed by one person of the province and accepted by another.
async fn related(town: &Town, second: &Actor, form: &EntryForm<'_>) -> String {
    let app = &town.world.app;
    let no = catalogue::propose(app, &town.hr, form).await.unwrap();
    catalogue::decide(app, second, &no, (true, "")).await.unwrap();
    no
}

async fn nets(town: &Town, person: i64, year: i32) -> Vec<String> {
    let sql = format!(
        "SELECT CAST(net_fen AS TEXT) FROM entitlement WHERE person_id = {person} AND award_year = {year} \
         AND subject_no = '' ORDER BY version_no"
    );
    town.texts(&sql).await
}

async fn replays(town: &Town, person: i64, year: i32, version: i64) -> bool {
    let app = &town.world.app;
    stipend::replay(app, &town.hr, &person_no(person), year, version).await.unwrap()
}

async fn drift(town: &Town) -> Vec<(i64, i64)> {
    stipend::look_for_changes(&town.world.app).await.unwrap();
    let years = stipend::changed_years(&town.world.app, &town.hr).await.unwrap();
    years.into_iter().map(|year| (year.year, year.persons)).collect()
}

/// What a file would have granted now.
async fn granted(town: &Town, person: i64, (stream, no): (&str, &str), fen: i64) {
    let app = &town.world.app;
    stipend::ensure_shipped_policy(app, &town.hr).await.unwrap();
    let policy = "SELECT CAST(MIN(id) AS TEXT) FROM policy_document";
    let policy = town.texts(policy).await[0].parse().unwrap();
    let tx = app.db.begin().await.unwrap();
    let new = NewGrant {
        person_id: person,
        programme: stream,
        award_year: 2026,
        subject_no: no,
        amount: Fen::new(fen),
        determination: "{}",
        trace: "[]",
        fingerprint: no,
        policy_document_id: policy,
        at: app.clock.now(),
    };
    let share = GrantShare {
        enterprise_id: 1,
        division: "350102".to_owned(),
        city_unit: "350100".to_owned(),
        source: "province".to_owned(),
        payer_division: "350000".to_owned(),
        to_enterprise: false,
        amount: Fen::new(fen),
    };
    benefit::insert(&tx, &new, &[share]).await.unwrap();
    tx.commit().await.unwrap();
}

/// The first tranche of the agreement is approved in 2027; both engineers have the whole year 2027.
async fn decided(world: World) -> Year {
    let mut year = accepted(world).await;
    approved(&year, FILE).await;
    for person in [1, 2] {
        year.offices.town.insured(person, 2027, 1..=12).await;
    }
    year.offices.town.at("2028-01-20T09:00:00+08:00");
    year.offices.town.compute(2027).await;
    year
}

async fn agreement(world: World) {
    let mut year = decided(world).await;
    let second = year.offices.approver.clone();
    let town = &mut year.offices.town;
    // The catalogue is silent: both are had, and the explanation says that the agreement was looked at.
    assert_eq!(nets(town, 1, 2027).await, ["20000000"]);
    let app = town.world.app.clone();
    let told = stipend::explanation(&app, &town.hr, "E000001", 2027, None).await.unwrap();
    let read = told.inputs.iter().find(|input| input.source.contains(FILE)).unwrap();
    assert!(read.content.contains("领军人才和团队一事一议支持 1,000,000.00 元"), "{read:?}");
    let step = told.steps.iter().find(|step| step.rule == "同类奖补扣减").unwrap();
    assert!(step.lines.concat().contains("一事一议支持 1,000,000.00 元（非同类"), "{step:?}");
    assert_eq!(drift(town).await, []);

    // When an entry says that they exclude each other, then one person's facts have changed, the year
    // is told of, and the next computation leaves nothing of that one stipend.
    town.at("2028-02-01T09:00:00+08:00");
    let form = entry("2027", ("case-agreement", "core-engineer"), "exclude");
    let no = related(town, &second, &form).await;
    assert_eq!(drift(town).await, [(2027, 1)]);
    town.at("2028-02-02T09:00:00+08:00");
    let run = town.compute(2027).await;
    assert_eq!(run.changed, 1);
    assert_eq!(nets(town, 1, 2027).await, ["20000000", "0"]);
    assert_eq!(nets(town, 2, 2027).await, ["20000000"]);
    assert_eq!(drift(town).await, []);

    // The page of all money says what was offset and why; the employer is told no award.
    let app = town.world.app.clone();
    let page = Visitor::signed_in(&app, "hr").await.get("/engineers/E000001/money").await.text();
    for said in ["与核心工程师奖补：不重复享受", &no, "扣减 200,000.00 元", "1,000,000.00"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    let seen = Visitor::signed_in(&app, "clerk").await.get("/engineers/E000001/years/2027").await;
    assert!(!seen.text().contains("1,000,000.00"), "{}", seen.text());
    assert!(seen.text().contains("扣减 200,000.00 元"), "{}", seen.text());

    // When the tranche is taken back, then the stipend is due again; every version comes out again.
    town.at("2028-03-01T09:00:00+08:00");
    let ended = act(&year, &second, FILE, "end").await;
    assert_eq!(ended.unwrap(), "已终止");
    let town = &mut year.offices.town;
    assert_eq!(drift(town).await, [(2027, 1)]);
    town.at("2028-03-02T09:00:00+08:00");
    town.compute(2027).await;
    assert_eq!(nets(town, 1, 2027).await, ["20000000", "0", "20000000"]);
    for version in 1..=3 {
        assert!(replays(town, 1, 2027, version).await, "version {version}");
    }
    assert!(replays(town, 2, 2027, 1).await);
}

/// Persons 1 to 4 with the whole year 2026, and a second officer.
async fn place(world: World) -> (Town, Actor) {
    let town = Town::new(world).await;
    let second = actor(&town.world, "hr2", "hr_province_approver", "350000", None).await;
    for person in 1..=4 {
        town.full_year(person, 1).await;
    }
    (town, second)
}

async fn streams(world: World) {
    let (mut town, second) = place(world).await;
    town.at("2027-01-10T09:00:00+08:00");
    for (stream, relation) in
        [("expert-funding", "top_up"), ("overseas-visit", "top_up"), ("case-agreement", "stack")]
    {
        let form = entry("2026", (stream, "core-engineer"), relation);
        related(&town, &second, &form).await;
    }
    granted(&town, 1, ("expert-funding", "ZF1"), 12_000_000).await;
    granted(&town, 2, ("overseas-visit", "LF1"), 960_000).await;
    granted(&town, 2, ("overseas-visit", "LF2"), 40_001).await;
    granted(&town, 2, (PAID_BACK, "LF1"), 1_314_425).await;
    granted(&town, 3, ("case-agreement", "YK1"), 90_000_000).await;
    granted(&town, 4, ("expert-funding", "ZF2"), 30_000_000).await;
    // Somebody who was on no roster has grants alone, and no year to be decided.
    town.person(5).await;
    granted(&town, 5, ("overseas-visit", "LF3"), 480_000).await;
    town.at("2027-01-15T09:00:00+08:00");
    town.compute(2026).await;
    for (person, net) in [(1, "8000000"), (2, "18999999"), (3, "20000000"), (4, "0")] {
        assert_eq!(nets(&town, person, 2026).await, [net], "person {person}");
    }
    assert_eq!(nets(&town, 5, 2026).await, [""; 0]);

    // A visitor's grant is no news of the year; an engineer's is, and nothing else changes.
    town.at("2027-02-01T09:00:00+08:00");
    granted(&town, 5, ("overseas-visit", "LF4"), 80_000).await;
    granted(&town, 2, (PAID_BACK, "LF5"), 80_000).await;
    assert_eq!(drift(&town).await, []);
    granted(&town, 2, ("overseas-visit", "LF5"), 80_000).await;
    assert_eq!(drift(&town).await, [(2026, 1)]);
    town.at("2027-02-02T09:00:00+08:00");
    assert_eq!(town.compute(2026).await.changed, 1);
    assert_eq!(nets(&town, 2, 2026).await, ["18999999", "18919999"]);
    assert!(replays(&town, 2, 2026, 1).await && replays(&town, 2, 2026, 2).await);

    // The costs that came back are no group of the catalogue; each other stream is one, and none of
    // them can be filed a second time by a table.
    let app = &town.world.app;
    let groups = catalogue::groups(app.db.read()).await.unwrap();
    let codes: Vec<&str> = groups.iter().map(|group| group.code.as_str()).collect();
    for stream in ["case-agreement", "expert-funding", "overseas-visit"] {
        assert!(codes.contains(&stream), "{codes:?}");
    }
    assert!(!codes.contains(&PAID_BACK) && !codes.contains(&"core-engineer"), "{codes:?}");
    let filed = catalogue::filed_groups(app.db.read()).await.unwrap();
    let filed: Vec<&str> = filed.iter().map(|group| group.code.as_str()).collect();
    assert_eq!(filed, ["provincial-talent", "city-talent", "other"]);
}

async fn merged(world: World) {
    let (mut town, second) = place(world).await;
    town.person(6).await;
    town.at("2027-01-10T09:00:00+08:00");
    let form = entry("2026", ("overseas-visit", "core-engineer"), "top_up");
    related(&town, &second, &form).await;
    granted(&town, 6, ("overseas-visit", "LF1"), 960_000).await;
    town.at("2027-01-15T09:00:00+08:00");
    town.compute(2026).await;
    assert_eq!(nets(&town, 1, 2026).await, ["20000000"]);
    town.at("2027-02-01T09:00:00+08:00");
    let merge = "INSERT INTO person_merge (merge_no, leading_id, merged_id, recorded_at, recorded_by, \
                 source_id, reason) SELECT 'M1', 1, 6, MAX(recorded_at), 1, MIN(id), 'one person' \
                 FROM source_document";
    town.sql(merge).await;
    town.at("2027-02-02T09:00:00+08:00");
    town.compute(2026).await;
    assert_eq!(nets(&town, 1, 2026).await, ["20000000", "19040000"]);
    assert!(replays(&town, 1, 2026, 2).await);
}

async fn before(world: World) {
    let (mut town, second) = place(world).await;
    town.at("2027-01-10T09:00:00+08:00");
    let form = entry("2026", ("case-agreement", "core-engineer"), "exclude");
    related(&town, &second, &form).await;
    town.at("2027-01-15T09:00:00+08:00");
    town.compute(2026).await;
    // As in an installation where the agreement was granted first and computations did not look at it.
    town.world.set_time("2027-01-12T09:00:00+08:00");
    granted(&town, 1, ("case-agreement", "YK1"), 100_000_000).await;
    town.at("2027-02-02T09:00:00+08:00");
    assert!(replays(&town, 1, 2026, 1).await, "by the facts that it read");
    assert_eq!(town.compute(2026).await.changed, 1);
    assert_eq!(nets(&town, 1, 2026).await, ["20000000", "0"]);
    assert!(replays(&town, 1, 2026, 1).await && replays(&town, 1, 2026, 2).await);
}

async fn clash(world: World) {
    let year = accepted(world).await;
    let town = &year.offices.town;
    let no = related(
        town,
        &year.offices.approver,
        &entry("2027", ("provincial-talent", "case-agreement"), "exclude"),
    )
    .await;
    let award = juncai::domain::registry::OtherAward {
        programme: "百人计划".to_owned(),
        exclusive_group: "provincial-talent".to_owned(),
        award_year: 2027,
        amount_fen: Fen::new(8_000_000),
        granted_by: "省委组织部".to_owned(),
        document_no: "闽组〔2027〕1号".to_owned(),
    };
    town.state(1, "2027-01-01", Some("2027-12-31"), award).await;
    let offices = &year.offices;
    act(&year, &offices.clerk, FILE, "report").await.unwrap();
    act(&year, &offices.town.hr, FILE, "confirm").await.unwrap();
    let refused = act(&year, &offices.approver, FILE, "approve").await;
    let Err(Error::Refused(why)) = refused else { panic!("{refused:?}") };
    for said in [no.as_str(), "不重复享受", "省级人才奖补", "80,000.00 元"] {
        assert!(why.contains(said), "{said}: {why}");
    }
    let lines = "SELECT line_no FROM payment_line WHERE kind = 'grant'";
    assert_eq!(town.texts(lines).await, [""; 0]);
    // Another word of the catalogue lets it through; how much is agreed is for those who agree.
    let form = entry("2027", ("provincial-talent", "case-agreement"), "top_up");
    related(town, &offices.approver, &form).await;
    assert_eq!(act(&year, &offices.approver, FILE, "approve").await.unwrap(), "待发放");
}
