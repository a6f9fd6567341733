//! Talent programmes: separate places, nominations by enterprises, results with the money that
//! comes with them (domain.md S1).

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use juncai::domain::registry::OtherAward;
use juncai::service::talent_programme::{
    self as programme, Entered, Filter, NewPlaces, NewProgramme, NewTeam,
};
use juncai::service::{Actor, Error, stipend};
use juncai::store::fact::{Versions, facts_of};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::town::{Town, actor};
use crate::world::World;

on_both! {
    places_are_corrected_by_superseding_and_shares_are_counted => shares;
    an_enterprise_nominates_its_own_people_once => nominations;
    money_of_a_selection_is_an_award_that_the_next_run_offsets => money;
    a_table_of_results_is_taken_whole_or_not_at_all => tables;
    offices_and_enterprises_see_their_part_on_the_pages => pages;
}

/// Full years of persons 1 to 3 at enterprise 1 and 4 at enterprise 2, a programme, two clerks.
async fn place(world: World) -> (Town, Actor, Actor) {
    let town = Town::new(world).await;
    for (person, enterprise) in [(1, 1), (2, 1), (3, 1), (4, 2)] {
        town.full_year(person, enterprise).await;
    }
    let new =
        NewProgramme {
            name: "省引才“百人计划”", owner: "省委组织部", group: "provincial-talent"
        };
    let no = programme::add(&town.world.app, &town.hr, &new).await.unwrap();
    assert_eq!(no, "PR001");
    let first = actor(&town.world, "clerk1", "enterprise_clerk", "350102", Some(1)).await;
    let second = actor(&town.world, "clerk2", "enterprise_clerk", "350203", Some(2)).await;
    (town, first, second)
}

fn team<'a>(nominee: &'a str, members: &'a str) -> NewTeam<'a> {
    NewTeam { year: "2026", nominee, title: "多模态大模型", members }
}

async fn nominated(town: &Town, clerk: &Actor, nominee: &str, members: &str) -> String {
    let new = team(nominee, members);
    programme::nominate(&town.world.app, clerk, "PR001", &new).await.unwrap()
}

/// Put down by one person and confirmed by another.
async fn judged(town: &Town, no: &str, outcome: &str, money: &[(&str, &str)]) {
    let entered = Entered { outcome, document_no: "闽委人才〔2026〕1号", money };
    let ruling = programme::record(&town.world.app, &town.hr, no, &entered).await.unwrap();
    confirmed(town, &ruling).await;
}

async fn confirmed(town: &Town, ruling: &str) {
    let second = second(town).await;
    programme::decide_results(&town.world.app, &second, ruling, (true, "")).await.unwrap();
}

/// Another officer of the province, made when missing.
async fn second(town: &Town) -> Actor {
    let conn = town.world.app.db.read();
    match juncai::store::account::by_login(conn, "hr2").await.unwrap() {
        Some(full) => Actor::new(&full, "127.0.0.1").unwrap(),
        None => actor(&town.world, "hr2", "hr_province", "350000", None).await,
    }
}

async fn awards(town: &Town, person: i64) -> Vec<(String, i64)> {
    let conn = town.world.app.db.read();
    let facts = facts_of::<OtherAward>(conn, person, Versions::Live).await.unwrap();
    facts.into_iter().map(|s| (s.fact.programme, s.fact.amount_fen.get())).collect()
}

fn filter(outcome: &str) -> Filter {
    Filter { year: "2026".to_owned(), nominee: String::new(), outcome: outcome.to_owned() }
}

async fn shares(world: World) {
    let (mut town, first, second) = place(world).await;
    let new = NewPlaces {
        year: "2026",
        nominee: "person",
        places: "10",
        ai_group: "yes",
        target: "30",
        document_no: "闽委人才〔2026〕0号",
    };
    programme::set_places(&town.world.app, &town.hr, "PR001", &new).await.unwrap();
    town.at("2026-03-01T09:00:00+08:00");
    let app = town.world.app.clone();
    let more = NewPlaces { places: "12", ..new };
    programme::set_places(&app, &town.hr, "PR001", &more).await.unwrap();
    let same = programme::set_places(&app, &town.hr, "PR001", &more).await;
    assert!(matches!(same, Err(Error::Refused(_))), "{same:?}");
    let one = nominated(&town, &first, "person", "E000001").await;
    nominated(&town, &first, "person", "E000002").await;
    nominated(&town, &second, "person", "E000004").await;
    judged(&town, &one, "selected", &[]).await;

    let (lines, _) = programme::overview(&app, &town.hr).await.unwrap();
    let line = &lines[0].places[0];
    assert_eq!((line.places, line.ai_group, line.target_permille), (Some(12), true, Some(300)));
    assert_eq!((line.nominated, line.selected, line.actual_permille), (3, 1, Some(333)));
    // Behind each figure is its list, and what was corrected stays readable.
    for (outcome, total) in [("", 3), ("selected", 1), ("open", 2), ("not_selected", 0)] {
        let found = programme::detail(&app, &town.hr, "PR001", &filter(outcome), (0, 10)).await;
        assert_eq!(found.unwrap().total, total, "{outcome}");
    }
    let found = programme::detail(&app, &town.hr, "PR001", &filter(""), (0, 10)).await.unwrap();
    let history: Vec<_> =
        found.history.iter().map(|v| (v.fact.places, v.superseded_at.is_none())).collect();
    assert_eq!(history, [(12, true), (10, false)]);
    // An enterprise counts its own.
    let (lines, _) = programme::overview(&app, &second).await.unwrap();
    assert_eq!((lines[0].places[0].nominated, lines[0].places[0].selected), (1, 0));
    // Every fault at once.
    let wrong = NewPlaces {
        year: "2020",
        nominee: "",
        places: "-1",
        ai_group: "",
        target: "0.55",
        document_no: "",
    };
    let Err(Error::Invalid(faults)) = programme::set_places(&app, &town.hr, "PR001", &wrong).await
    else {
        panic!("a wrong form was taken");
    };
    let fields: Vec<&str> = faults.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["year", "nominee", "places", "ai_group", "target", "document_no"]);
}

async fn nominations(world: World) {
    let (mut town, first, second) = place(world).await;
    let app = town.world.app.clone();
    let no = nominated(&town, &first, "team", "E000002\nE000001").await;
    let found = programme::nomination(&app, &first, &no).await.unwrap();
    let members: Vec<_> = found.line.members.iter().map(|m| (&*m.no, m.is_leader)).collect();
    assert_eq!(members, [("E000002", true), ("E000001", false)]);
    let foreign = programme::nomination(&app, &second, &no).await;
    assert!(matches!(foreign, Err(Error::NotFound(_))), "{foreign:?}");
    for (nominee, members, told) in [
        ("team", "E000001，E000003", "E000001 已在该项目本年度的申报"),
        ("team", "E000003", "团队至少两人"),
        ("person", "E000003 E000001", "申报个人只填一个编号"),
        ("person", "E000004", "没有编号为 E000004 的本企业工程师"),
        ("person", "", "请填写工程师编号"),
    ] {
        let wrong = programme::nominate(&app, &first, "PR001", &team(nominee, members)).await;
        assert!(wrong.as_ref().unwrap_err().to_string().contains(told), "{members}: {wrong:?}");
    }
    let office = programme::nominate(&app, &town.hr, "PR001", &team("person", "E000001")).await;
    assert!(matches!(office, Err(Error::Forbidden(_))), "{office:?}");
    // Whoever left is not put forward.
    town.at("2026-07-01T09:00:00+08:00");
    town.left(3, "2026-06-30").await;
    let app = town.world.app.clone();
    let gone = programme::nominate(&app, &first, "PR001", &team("person", "E000003")).await;
    assert!(gone.unwrap_err().to_string().contains("目前不在本企业任职"));
    // What was taken back leaves its people free; what has a result stays.
    programme::withdraw(&app, &first, &no).await.unwrap();
    let again = nominated(&town, &first, "team", "E000001 E000002").await;
    judged(&town, &again, "not_selected", &[]).await;
    let late = programme::withdraw(&app, &first, &again).await;
    assert!(matches!(late, Err(Error::Refused(_))), "{late:?}");
    let refused = town.try_sql("UPDATE nomination SET title = 'x'").await.unwrap_err();
    assert!(refused.contains("nomination_is_append_only"), "{refused}");
}

async fn money(world: World) {
    let (mut town, first, _) = place(world).await;
    let no = nominated(&town, &first, "team", "E000001 E000002").await;
    town.at("2026-12-01T09:00:00+08:00");
    judged(&town, &no, "selected", &[("E000001", "80,000"), ("E000002", "")]).await;
    let programme_name = || "省引才“百人计划”".to_owned();
    assert_eq!(awards(&town, 1).await, [(programme_name(), 8_000_000)]);
    assert!(awards(&town, 2).await.is_empty());
    town.at("2027-01-15T09:20:00+08:00");
    town.compute(2026).await;
    let nets = async |town: &Town| {
        let sql = "SELECT CAST(net_fen AS TEXT) FROM entitlement WHERE person_id = 1 \
                   ORDER BY version_no";
        town.texts(sql).await
    };
    assert_eq!(nets(&town).await, ["12000000"]);

    // A corrected result corrects the award, and the next run follows.
    town.at("2027-02-01T09:00:00+08:00");
    judged(&town, &no, "selected", &[("E000001", "50000"), ("E000002", "30000")]).await;
    assert_eq!(awards(&town, 2).await, [(programme_name(), 3_000_000)]);
    town.at("2027-02-02T09:00:00+08:00");
    town.compute(2026).await;
    town.at("2027-03-01T09:00:00+08:00");
    judged(&town, &no, "not_selected", &[]).await;
    assert!(awards(&town, 1).await.is_empty() && awards(&town, 2).await.is_empty());
    town.at("2027-03-02T09:00:00+08:00");
    town.compute(2026).await;
    assert_eq!(nets(&town).await, ["12000000", "15000000", "20000000"]);
    let app = &town.world.app;
    for version in 1..=3 {
        assert!(stipend::replay(app, &town.hr, "E000001", 2026, version).await.unwrap());
    }
    let kept = "SELECT CAST(count(*) AS TEXT) FROM other_award";
    assert_eq!(town.texts(kept).await, ["3"], "each version of an award is kept");
    let found = programme::nomination(app, &town.hr, &no).await.unwrap();
    assert_eq!(found.line.former.len(), 1, "{:?}", found.line.former);
    // Nothing is had by those who were not selected.
    let entered = Entered {
        outcome: "not_selected",
        document_no: "1号",
        money: &[("E000001", "1"), ("E000009", "1")],
    };
    let Err(Error::Invalid(faults)) = programme::record(app, &town.hr, &no, &entered).await else {
        panic!("money without a selection");
    };
    let fields: Vec<&str> = faults.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["money-E000001", "money-E000009"]);
}

async fn tables(world: World) {
    let (town, first, third) = place(world).await;
    let app = &town.world.app;
    let one = nominated(&town, &first, "team", "E000001 E000002").await;
    let other = nominated(&town, &third, "person", "E000004").await;
    let head = "申报编号,工程师编号,结果,个人资金（元）,文号\n";
    let table = |rows: &[String]| format!("{head}{}\n", rows.join("\n")).into_bytes();
    let bad = table(&[
        format!("{one},E000001,入选,1.005,1号"),
        format!("{one},E000004,入选,5,1号"),
        format!("{one},E000002,未入选,,1号"),
        format!("{other},,落选,,1号"),
        "NM2026-9999,,入选,,1号".to_owned(),
    ]);
    let Err(Error::Invalid(faults)) =
        programme::import(app, &town.hr, "PR001", ("结果.csv", &bad)).await
    else {
        panic!("a wrong table was taken");
    };
    let told: Vec<&str> = faults.iter().map(|(_, text)| text.as_str()).collect();
    for (told, begins) in told.iter().zip([
        "第 2 行 个人资金（元）：",
        "第 3 行 工程师编号：",
        "第 4 行 结果：同一件申报",
        "第 5 行 结果：应填",
        "第 6 行 申报编号：",
    ]) {
        assert!(told.starts_with(begins), "{told}");
    }
    assert_eq!(told.len(), 5);
    let none = "SELECT CAST(count(*) AS TEXT) FROM nomination_result";
    assert_eq!(town.texts(none).await, ["0"], "nothing is half saved");

    let good = table(&[
        format!("{one},E000001,入选,80000.00,1号"),
        format!("{one},E000002,入选,,1号"),
        format!("{other},,未入选,,1号"),
    ]);
    let file = ("结果.csv", good.as_slice());
    let (ruling, count) = programme::import(app, &town.hr, "PR001", file).await.unwrap();
    assert_eq!((ruling.as_str(), count), ("PX00001", 2));
    // Read in by one person, they are no results and no money before another one confirmed them.
    assert_eq!((town.texts(none).await, awards(&town, 1).await.len()), (vec!["0".to_owned()], 0));
    let seen = programme::nomination(app, &town.hr, &one).await.unwrap();
    assert_eq!((seen.waits.as_deref(), seen.line.result), (Some("PX00001"), None));
    let own = programme::decide_results(app, &town.hr, &ruling, (true, "")).await.unwrap_err();
    assert!(own.to_string().contains("须由另一人"), "{own}");
    let forced = "UPDATE nomination_ruling SET decided_by = proposed_by, decided_at = proposed_at, \
                  accepted = (1 = 1)";
    assert!(town.try_sql(forced).await.unwrap_err().contains("nomination_ruling_two_people"));
    let clerk = programme::decide_results(app, &first, &ruling, (true, "")).await;
    assert!(matches!(clerk, Err(Error::Forbidden(_))), "{clerk:?}");
    let colleague = second(&town).await;
    let silent = programme::decide_results(app, &colleague, &ruling, (false, " ")).await;
    assert!(matches!(&silent, Err(Error::Invalid(f)) if f[0].0 == "note"), "{silent:?}");
    confirmed(&town, &ruling).await;
    assert_eq!(town.texts(none).await, ["2"]);
    let again = programme::import(app, &town.hr, "PR001", file).await.unwrap_err();
    assert!(again.to_string().contains("没有更改"), "once is enough: {again}");
    assert_eq!(awards(&town, 1).await.len(), 1);
    // The workbook that the page hands out is taken as it is.
    let (name, bytes) = programme::sheet(app, &town.hr, "PR001", &filter("")).await.unwrap();
    let file = (name.as_str(), bytes.as_slice());
    let same = programme::import(app, &town.hr, "PR001", file).await.unwrap_err();
    assert!(same.to_string().contains("没有更改"), "{same}");
    let clerk = programme::import(app, &first, "PR001", file).await;
    assert!(matches!(clerk, Err(Error::Forbidden(_))), "{clerk:?}");
}

async fn pages(world: World) {
    let (town, _, _) = place(world).await;
    let app = town.world.app.clone();
    let mut clerk = Visitor::signed_in(&app, "clerk1").await;
    clerk.get("/programmes/PR001").await;
    let fields = [("year", "2026"), ("nominee", "person"), ("title", "大模型")];
    let at = "/programmes/PR001/nominations";
    let wrong = clerk.post(at, &fields).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("请填写工程师编号"), "{}", wrong.text());
    let fields: Vec<_> = fields.into_iter().chain([("members", "e000001")]).collect();
    let seen = clerk.post(at, &fields).await;
    assert!(seen.text().contains("已申报 NM2026-0001"), "{}", seen.text());
    assert!(seen.form("/nominations/NM2026-0001/result").is_none(), "results are the province's");
    let mut hr = Visitor::signed_in(&app, "hr").await;
    hr.get("/nominations/NM2026-0001").await;
    let result = [("outcome", "selected"), ("document_no", "1号"), ("money-E000001", "80000")];
    let seen = hr.post("/nominations/NM2026-0001/result", &result).await;
    assert!(seen.text().contains("待另一人确认"), "{}", seen.text());
    let own = hr.get("/programmes/PR001?year=2026").await;
    assert!(own.form("/programmes/PR001/results/PX00001").is_none(), "not by the same person");
    let mut second = Visitor::with_role(&app, "hr2", Role::HrProvince, "350000").await;
    assert!(second.get("/").await.text().contains("评选结果待确认"));
    second.get("/programmes/PR001?year=2026").await;
    let sent = [("verdict", "accept"), ("note", "")];
    let seen = second.post("/programmes/PR001/results/PX00001", &sent).await;
    assert!(seen.text().contains("已确认 PX00001"), "{}", seen.text());
    let seen = hr.get("/nominations/NM2026-0001").await;
    assert!(seen.text().contains("80,000.00"), "{}", seen.text());
    let seen = hr.get("/programmes").await;
    let behind = seen.links().into_iter().find(|link| link.contains("outcome=selected")).unwrap();
    assert!(hr.get(&behind).await.text().contains("NM2026-0001"));
    let missing = hr.post_file("/programmes/PR001/results", &[("year", "2026")], ("file", "", b""));
    assert!(missing.await.text().contains("请选择要上传的表格"));
    let book = hr.get("/programmes/PR001/nominations.xlsx?year=2026").await;
    assert_eq!(book.status, StatusCode::OK);
    // The person's money says where it came from.
    assert!(hr.get("/engineers/E000001/money").await.text().contains("百人计划"));
    let mut other = Visitor::signed_in(&app, "clerk2").await;
    assert_eq!(other.get("/nominations/NM2026-0001").await.status, StatusCode::NOT_FOUND);
    assert!(!other.get("/programmes/PR001?year=2026").await.text().contains("NM2026-0001"));
    let mut industry = Visitor::with_role(&app, "gx", Role::IndustryProvince, "350000").await;
    assert!(industry.get("/programmes/PR001?year=2026").await.text().contains("NM2026-0001"));
}
