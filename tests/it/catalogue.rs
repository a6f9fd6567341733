//! The conflict catalogue: proposed by one person, decided by another, and what runs, replays,
//! scenarios and the command line make of it (domain.md A9, cases 19 to 22).

use std::process::Command;

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use juncai::service::catalogue::{self, EntryForm};
use juncai::service::scenario::{self, NewScenario, Which};
use juncai::service::{Actor, Error, stipend};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::town::{Town, actor, person_no};
use crate::world::World;

on_both! {
    an_entry_changes_what_later_runs_say_and_nothing_that_was_said => decided;
    the_higher_of_two_programmes_is_had_once => offsets;
    a_scenario_and_the_command_line_go_by_the_same_catalogue => alike;
    one_entry_a_pair_waits_at_a_time_and_none_is_overwritten => kept;
    the_page_is_read_by_money_and_changed_by_the_province => pages;
    all_money_of_a_person_stands_on_one_page => overview;
}

fn entry<'a>(group: &'a str, relation: &'a str) -> EntryForm<'a> {
    EntryForm {
        year: "2026",
        group,
        new_name: "",
        new_code: "",
        counterpart: "core-engineer",
        relation,
        basis: "省级人才专项资金管理办法第十二条（虚构）",
        document_no: "闽人社〔2027〕0号",
    }
}

/// Full years beside: a provincial award of 300,000, one of 80,000, and 50,000 of a city.
async fn town(world: World) -> (Town, Actor) {
    let mut town = Town::new(world).await;
    let second = actor(&town.world, "hr2", "hr_province_approver", "350000", None).await;
    for (person, group, fen) in [
        (1, "provincial-talent", 30_000_000),
        (2, "provincial-talent", 8_000_000),
        (3, "city-talent", 5_000_000),
    ] {
        town.full_year(person, 1).await;
        town.award(person, group, fen).await;
    }
    town.at("2027-01-15T09:20:00+08:00");
    (town, second)
}

async fn accepted(town: &Town, second: &Actor, form: &EntryForm<'_>) -> String {
    let app = &town.world.app;
    let no = catalogue::propose(app, &town.hr, form).await.unwrap();
    catalogue::decide(app, second, &no, (true, "")).await.unwrap();
    no
}

/// Net of a person's versions, the first first.
async fn nets(town: &Town, person: i64) -> Vec<String> {
    let sql = format!(
        "SELECT CAST(net_fen AS TEXT) FROM entitlement WHERE person_id = {person} ORDER BY version_no"
    );
    town.texts(&sql).await
}

async fn replays(town: &Town, person: i64, version: i64) -> bool {
    let app = &town.world.app;
    stipend::replay(app, &town.hr, &person_no(person), 2026, version).await.unwrap()
}

async fn decided(world: World) {
    let (mut town, second) = town(world).await;
    town.compute(2026).await;
    // Cases 19, 20 and 21: what a province gave is offset, what a city gave is not.
    for (person, net) in [(1, "0"), (2, "12000000"), (3, "20000000")] {
        assert_eq!(nets(&town, person).await, [net]);
    }
    town.freeze_all("paid").await;

    // Given an entry that nobody has decided, when the year is computed again, then nothing changes.
    town.at("2027-02-01T09:00:00+08:00");
    let app = town.world.app.clone();
    let no = catalogue::propose(&app, &town.hr, &entry("city-talent", "exclude")).await.unwrap();
    assert_eq!(town.compute(2026).await.changed, 0);
    let own = catalogue::decide(&app, &town.hr, &no, (true, "")).await;
    assert!(own.unwrap_err().to_string().contains("须由另一人"), "two people");

    // When another person accepts it, then the person with that award gets another result, nobody
    // else, and what was paid is to come back (case 22).
    catalogue::decide(&app, &second, &no, (true, "")).await.unwrap();
    town.at("2027-02-02T09:00:00+08:00");
    let run = town.compute(2026).await;
    assert_eq!((run.changed, run.adjusted), (1, 1));
    assert_eq!(nets(&town, 3).await, ["20000000", "0"]);
    let claimed = "SELECT CAST(amount_fen AS TEXT) FROM recovery WHERE state = 'proposed'";
    assert_eq!(town.texts(claimed).await, ["20000000"]);
    let app = town.world.app.clone();
    let told = stipend::explanation(&app, &town.hr, "E000003", 2026, None).await.unwrap();
    let step = told.steps.iter().find(|step| step.rule == "同类奖补扣减").unwrap();
    assert!(step.basis.contains(&no) && step.basis.contains("闽人社〔2027〕0号"), "{}", step.basis);
    assert!(step.lines.concat().contains("目录规定不重复享受"), "{:?}", step.lines);

    // When a later entry takes its place, then the result follows, and each version comes out again
    // by the catalogue of its time.
    town.at("2027-03-01T09:00:00+08:00");
    accepted(&town, &second, &entry("city-talent", "by_policy")).await;
    town.at("2027-03-02T09:00:00+08:00");
    town.compute(2026).await;
    assert_eq!(nets(&town, 3).await, ["20000000", "0", "20000000"]);
    for version in 1..=3 {
        assert!(replays(&town, 3, version).await, "version {version}");
    }
    assert!(replays(&town, 1, 1).await && replays(&town, 2, 1).await);
    let prints = "SELECT fingerprint FROM entitlement WHERE person_id = 3 ORDER BY version_no";
    let prints = town.texts(prints).await;
    assert!(prints[0] != prints[1] && prints[0] == prints[2], "{prints:?}");
}

async fn offsets(world: World) {
    let (mut town, second) = town(world).await;
    town.at("2027-01-16T09:00:00+08:00");
    accepted(&town, &second, &entry("provincial-talent", "exclude")).await;
    accepted(&town, &second, &entry("city-talent", "top_up")).await;
    // Both kinds for one person: what excludes leaves nothing, whatever the other would leave.
    town.full_year(4, 1).await;
    town.award(4, "city-talent", 100).await;
    town.award(4, "provincial-talent", 200).await;
    town.full_year(5, 1).await;
    town.award(5, "other", 30_000_000).await;
    town.at("2027-01-17T09:00:00+08:00");
    town.compute(2026).await;
    for (person, net) in [(1, "0"), (2, "0"), (3, "15000000"), (4, "0"), (5, "20000000")] {
        assert_eq!(nets(&town, person).await, [net], "person {person}");
    }
    // An entry about another year says nothing of this one.
    accepted(&town, &second, &EntryForm { year: "2027", ..entry("other", "exclude") }).await;
    town.at("2027-01-18T09:00:00+08:00");
    assert_eq!(town.compute(2026).await.changed, 0);
}

async fn alike(world: World) {
    let (mut town, second) = town(world).await;
    town.at("2027-01-16T09:00:00+08:00");
    let no = accepted(&town, &second, &entry("city-talent", "exclude")).await;
    town.at("2027-01-17T09:00:00+08:00");
    let app = town.world.app.clone();
    let new = NewScenario { name: "与现行相同", year: "2026", ..NewScenario::default() };
    let asked = scenario::ask(&app, &town.hr, "core-engineer", &new).await.unwrap();
    assert_eq!(scenario::work(&app).await.unwrap(), 1);
    let found = scenario::page(&app, &town.hr, &asked, (Which::All, 0)).await.unwrap();
    let run = town.compute(2026).await;
    let run = stipend::run_view(&app, &town.hr, &run.run_no, (Which::All, 0)).await.unwrap();
    assert_eq!(found.line.paid.before, found.line.paid.after);
    assert_eq!(found.line.paid.before.1, run.net);
    assert_eq!(run.net.get(), 12_000_000, "the second person's alone");

    // And the text that the page offers gives the same on the command line.
    let (name, text) = catalogue::applied_text(&app, &town.hr, "2026").await.unwrap();
    assert_eq!(name, "core-engineer-2026.toml");
    let folder = town.world.folder.path();
    let months: Vec<String> =
        (1..=12).map(|m| format!(r#"{{"month":"2026-{m:02}","enterprise":"E1"}}"#)).collect();
    let person = format!(
        r#"{{"person":"P","employments":[{{"enterprise":"E1","from":"2026-01-01"}}],"roster":[{{"enterprise":"E1","from":"2026-01-01"}}],"evidence":[{}],"other_awards":[{{"group":"city-talent","year":2026,"amount":"1.00"}}]}}"#,
        months.join(",")
    );
    let enterprise =
        r#"{"uscc":"E1","division":"350102","listings":[{"from":"2025-11-04","through":null}]}"#;
    for (file, content) in [(&*name, &*text), ("e.ndjson", enterprise), ("p.ndjson", &*person)] {
        std::fs::write(folder.join(file), content).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_juncai"));
    command.current_dir(folder).args(["evaluate", "--year", "2026", "--explain"]);
    command.args(["--policy", &name, "--enterprises", "e.ndjson", "--persons", "p.ndjson"]);
    let out = command.output().unwrap();
    let out = String::from_utf8(out.stdout).unwrap();
    assert!(out.contains(r#""offset":"200000.00","net":"0.00""#), "{out}");
    assert!(out.contains(&no), "the trace names the entry: {out}");
}

async fn kept(world: World) {
    let (town, second) = town(world).await;
    let app = &town.world.app;
    let form = entry("city-talent", "exclude");
    let no = catalogue::propose(app, &town.hr, &form).await.unwrap();
    let again = catalogue::propose(app, &second, &form).await.unwrap_err();
    assert!(again.to_string().contains("已有待确认的条目"), "{again}");
    let silent = catalogue::decide(app, &second, &no, (false, "")).await.unwrap_err();
    assert!(matches!(&silent, Error::Invalid(f) if f[0].0 == "note"), "{silent:?}");
    catalogue::decide(app, &second, &no, (false, "文号有误")).await.unwrap();
    let late = catalogue::decide(app, &second, &no, (true, "")).await;
    assert!(matches!(late, Err(Error::Stale(_))), "{late:?}");
    for sql in [
        "UPDATE catalogue_entry SET relation = 'stack'",
        "UPDATE catalogue_entry SET note = ''",
        "DELETE FROM catalogue_entry",
    ] {
        let refused = town.try_sql(sql).await.unwrap_err();
        assert!(refused.contains("catalogue_entry_is_append_only"), "{sql}: {refused}");
    }
    // A pair of other groups is on record in one order and changes no result.
    let pair = EntryForm { counterpart: "provincial-talent", ..form };
    catalogue::propose(app, &town.hr, &pair).await.unwrap();
    let turned = EntryForm {
        group: "provincial-talent",
        counterpart: "city-talent",
        ..entry("city-talent", "stack")
    };
    assert!(catalogue::propose(app, &second, &turned).await.is_err(), "the same pair waits");
    // Every fault of a form at once, beside its field.
    let wrong = EntryForm {
        year: "2024",
        group: catalogue::NEW_GROUP,
        new_name: "市级人才奖补",
        new_code: "City",
        counterpart: "nothing",
        relation: "",
        basis: "",
        document_no: "",
    };
    let Err(Error::Invalid(faults)) = catalogue::propose(app, &town.hr, &wrong).await else {
        panic!("a wrong form was taken");
    };
    let fields: Vec<&str> = faults.iter().map(|(field, _)| field.as_str()).collect();
    let expected =
        ["year", "new_code", "new_name", "counterpart", "relation", "basis", "document_no"];
    assert_eq!(fields, expected);
    let clerk = actor(&town.world, "clerk", "enterprise_clerk", "350102", Some(1)).await;
    let foreign = catalogue::propose(app, &clerk, &entry("other", "stack")).await;
    assert!(matches!(foreign, Err(Error::Forbidden(_))), "{foreign:?}");
}

async fn pages(world: World) {
    let (mut town, _) = town(world).await;
    town.at("2027-01-16T09:00:00+08:00");
    stipend::ensure_shipped_policy(&town.world.app, &town.hr).await.unwrap();
    let app = town.world.app.clone();
    let mut hr = Visitor::signed_in(&app, "hr").await;
    hr.get("/catalogue?year=2026").await;
    let fields = [
        ("year", "2026"),
        ("group", "new"),
        ("new_name", "国家级人才奖补"),
        ("new_code", "national-talent"),
        ("counterpart", "core-engineer"),
        ("relation", "exclude"),
        ("basis", "第三条（虚构）"),
    ];
    let wrong = hr.post("/catalogue", &fields).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("请填写文号"), "{}", wrong.text());
    assert!(wrong.text().contains("第三条（虚构）"), "what was typed comes back");
    let fields: Vec<_> = fields.into_iter().chain([("document_no", "闽人社〔2027〕0号")]).collect();
    let done = hr.post("/catalogue", &fields).await;
    assert!(done.text().contains("已提出 CT00001"), "{}", done.text());
    let mut other = Visitor::signed_in(&app, "hr2").await;
    other.get("/catalogue?year=2026").await;
    let decision = [("year", "2026"), ("verdict", "accept"), ("note", "")];
    let seen = other.post("/catalogue/CT00001/decisions", &decision).await;
    assert!(seen.text().contains("国家级人才奖补") && seen.text().contains("现行"));
    let mut maker = Visitor::with_role(&app, "maker", Role::FinanceMaker, "350000").await;
    let seen = maker.get("/catalogue").await;
    assert!(seen.form("/catalogue").is_none(), "finance reads only");
    let text = maker.get("/catalogue/policy.toml?year=2026").await;
    assert!(text.body().contains("national-talent"));
    let mut clerk = Visitor::of_enterprise(&app, "clerk", Role::EnterpriseClerk, 1).await;
    assert_eq!(clerk.get("/catalogue").await.status, StatusCode::FORBIDDEN);
    for action in ["catalogue.proposed", "catalogue.accepted"] {
        let told = format!("SELECT object_no FROM audit_event WHERE action = '{action}'");
        assert_eq!(town.texts(&told).await, ["CT00001"]);
    }
}

async fn overview(world: World) {
    let (mut town, second) = town(world).await;
    town.compute(2026).await;
    town.at("2027-01-16T09:00:00+08:00");
    let no = accepted(&town, &second, &entry("city-talent", "top_up")).await;
    let app = town.world.app.clone();
    let mut hr = Visitor::signed_in(&app, "hr").await;
    let record = hr.get("/engineers/E000002").await;
    assert!(record.links().iter().any(|link| link == "/engineers/E000002/money"));
    let seen = hr.get("/engineers/E000002/money").await.text();
    for said in ["百人计划", "80,000.00", "120,000.00", "200,000.00", "就高补差", "为什么是这个数"]
    {
        assert!(seen.contains(said), "{said}: {seen}");
    }
    assert!(seen.contains("同类合计 80,000.00 元，扣减 80,000.00 元"), "{seen}");
    // The relation is that of now, the offset that of the standing result.
    let seen = hr.get("/engineers/E000003/money").await.text();
    assert!(seen.contains(&no) && seen.contains("扣减 0.00 元"), "{seen}");
    // The employer sees the stipend, and nothing of what others gave.
    let mut clerk = Visitor::of_enterprise(&app, "clerk", Role::EnterpriseClerk, 1).await;
    let seen = clerk.get("/engineers/E000002/money").await.text();
    assert!(seen.contains("120,000.00") && !seen.contains("百人计划"), "{seen}");
    // Whoever does not see the person does not see the money.
    let mut other = Visitor::of_enterprise(&app, "other", Role::EnterpriseClerk, 2).await;
    assert_eq!(other.get("/engineers/E000002/money").await.status, StatusCode::NOT_FOUND);
}
