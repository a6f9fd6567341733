//! Trainings and HR institutions: registers for statistics, corrected by superseding, in and out as
//! tables (domain.md S6, S7).

use axum::http::StatusCode;
use juncai::service::hr_institution::{self, NewLicence, NewPlacement};
use juncai::service::training::{self, Filter, NewAttendance, NewPlan};
use juncai::service::{Actor, Error};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::town::{Town, actor};
use crate::world::World;

on_both! {
    trainings_are_counted_by_year_and_city_and_corrections_are_kept => trainings;
    attendance_is_read_from_a_table_whole_or_not_at_all => tables;
    placements_go_into_listed_enterprises_only => placements;
    the_pages_show_each_reader_their_part => pages;
}

/// A code with right check digits that no enterprise of the town has.
const INSTITUTION: &str = "91350100MAFAKE000K";
/// Code with a right check digit of enterprise 4, listed like the others of the town.
const LISTED: &str = "91350100000000000H";

/// Persons 1 at enterprise 1 and 2 at enterprise 2, a clerk of each.
async fn place(world: World) -> (Town, Actor, Actor) {
    let mut town = Town::new(world).await;
    town.full_year(1, 1).await;
    town.full_year(2, 2).await;
    let first = actor(&town.world, "clerk1", "enterprise_clerk", "350102", Some(1)).await;
    let second = actor(&town.world, "clerk2", "enterprise_clerk", "350203", Some(2)).await;
    town.at("2026-07-01T09:00:00+08:00");
    (town, first, second)
}

fn plan<'a>(division: &'a str, seats: &'a str) -> NewPlan<'a> {
    NewPlan {
        organiser: "市工业和信息化局",
        occupation: "人工智能训练师",
        division,
        from: "2026-05-06",
        through: "2026-05-20",
        seats,
        document_no: "培〔2026〕1号",
    }
}

fn attendance<'a>(person: &'a str, persons: &'a str, passed: &'a str) -> NewAttendance<'a> {
    NewAttendance { uscc: "", person, persons, passed, document_no: "培〔2026〕2号" }
}

fn fields(error: Error) -> Vec<String> {
    match error {
        Error::Invalid(faults) => faults.into_iter().map(|(field, _)| field).collect(),
        other => panic!("{other:?}"),
    }
}

async fn trainings(world: World) {
    let (mut town, _, _) = place(world).await;
    let app = town.world.app.clone();
    let one = training::add(&app, &town.hr, &plan("350102", "40")).await.unwrap();
    let other = training::add(&app, &town.hr, &plan("350203", "20")).await.unwrap();
    assert_eq!((one.as_str(), other.as_str()), ("TR00001", "TR00002"));
    training::attend(&app, &town.hr, &one, &attendance("", "30", "25")).await.unwrap();
    training::attend(&app, &town.hr, &one, &attendance("E000001", "", "1")).await.unwrap();
    town.at("2026-08-01T09:00:00+08:00");
    let app = town.world.app.clone();
    training::attend(&app, &town.hr, &one, &attendance("", "32", "25")).await.unwrap();
    let same = training::attend(&app, &town.hr, &one, &attendance("", "32", "25")).await;
    assert!(matches!(same, Err(Error::Refused(_))), "{same:?}");
    training::correct(&app, &town.hr, &one, &plan("350102", "45")).await.unwrap();

    let found = training::list(&app, &town.hr, &Filter::default()).await.unwrap();
    let sums: Vec<_> = found
        .sums
        .iter()
        .map(|s| (s.year, s.city.as_str(), s.trainings, s.seats, s.attended, s.passed))
        .collect();
    assert_eq!(sums, [(2026, "厦门市", 1, 20, 0, 0), (2026, "福州市", 1, 45, 33, 26)]);
    let city = Filter { city: "350200".into(), ..Filter::default() };
    assert_eq!(training::list(&app, &town.hr, &city).await.unwrap().lines.len(), 1);
    let year = Filter { year: "2025".into(), ..Filter::default() };
    assert!(training::list(&app, &town.hr, &year).await.unwrap().lines.is_empty());
    let found = training::detail(&app, &town.hr, &one).await.unwrap();
    assert_eq!((found.former.len(), found.former[0].fact.seats), (1, 40));
    let kept = "SELECT CAST(count(*) AS TEXT) FROM training_attendance";
    assert_eq!(town.texts(kept).await, ["3"], "nothing is overwritten");
    let wrong = NewPlan { division: "999999", from: "2026-06-01", ..plan("", "0") };
    let wrong = training::add(&app, &town.hr, &wrong).await.unwrap_err();
    assert_eq!(fields(wrong), ["division", "from", "seats"]);
    let wrong = training::attend(&app, &town.hr, &one, &attendance("E000009", "2", "3")).await;
    assert_eq!(fields(wrong.unwrap_err()), ["person", "persons", "passed"]);
}

async fn tables(world: World) {
    let (town, first, _) = place(world).await;
    let app = &town.world.app;
    training::add(app, &town.hr, &plan("350102", "40")).await.unwrap();
    let head = "培训编号,统一社会信用代码,工程师编号,人数,合格人数,文号\n";
    let bad = format!("{head}TR00009,,,1,1,\nTR00001,123,,1,1,\nTR00001,,,5,6,\n");
    let wrong = training::import(app, &town.hr, ("参训.csv", bad.as_bytes())).await.unwrap_err();
    let Error::Invalid(faults) = wrong else { panic!("{wrong:?}") };
    let told: Vec<&str> = faults.iter().map(|(_, text)| text.as_str()).collect();
    let begins = ["第 2 行 培训编号：", "第 3 行 统一社会信用代码：", "第 4 行 合格人数："];
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told.iter().zip(begins).all(|(told, begins)| told.starts_with(begins)), "{told:?}");
    let none = "SELECT CAST(count(*) AS TEXT) FROM training_attendance";
    assert_eq!(town.texts(none).await, ["0"], "nothing is half saved");
    let good = format!("{head}TR00001,,E000001,,1,1号\nTR00001,,,30,28,1号\n");
    let file = ("参训.csv", good.as_bytes());
    assert_eq!(training::import(app, &town.hr, file).await.unwrap(), 2);
    assert_eq!(training::import(app, &town.hr, file).await.unwrap(), 0);
    let clerk = training::import(app, &first, file).await;
    assert!(matches!(clerk, Err(Error::Forbidden(_))), "{clerk:?}");
    let (name, bytes) = training::sheet(app, &town.hr, &Filter::default()).await.unwrap();
    assert!(name.ends_with(".xlsx") && bytes.starts_with(b"PK"));
}

fn licence<'a>(through: &'a str) -> NewLicence<'a> {
    NewLicence {
        uscc: INSTITUTION,
        name: "福州英才人力资源有限公司",
        licence_no: "350100000001",
        division: "350102",
        from: "2026-01-01",
        through,
        services: "招聘、测评",
    }
}

async fn placements(world: World) {
    let (mut town, _, second) = place(world).await;
    town.enterprise(4, LISTED, Some(("350102", "350100"))).await;
    let first = actor(&town.world, "clerk4", "enterprise_clerk", "350102", Some(4)).await;
    let app = town.world.app.clone();
    let uscc = hr_institution::set_licence(&app, &town.hr, &licence("2026-06-30")).await.unwrap();
    let all = hr_institution::Filter::default();
    let found = hr_institution::list(&app, &town.hr, &all).await.unwrap();
    assert!(!found.lines[0].is_valid, "the term is over on 1 July");
    hr_institution::set_licence(&app, &town.hr, &licence("2030-12-31")).await.unwrap();
    let found = hr_institution::detail(&app, &town.hr, &uscc).await.unwrap();
    assert_eq!((found.line.is_valid, found.licences.len()), (true, 2));

    let placed = |day: &'static str, persons: &'static str| NewPlacement {
        day,
        enterprise: LISTED,
        person: "",
        persons,
    };
    hr_institution::place(&app, &town.hr, &uscc, &placed("2026-06-15", "3")).await.unwrap();
    hr_institution::place(&app, &town.hr, &uscc, &placed("2026-06-15", "4")).await.unwrap();
    let early = hr_institution::place(&app, &town.hr, &uscc, &placed("2025-11-03", "1")).await;
    assert!(early.unwrap_err().to_string().contains("不在骨干企业清单内"), "before the list");
    let late = hr_institution::place(&app, &town.hr, &uscc, &placed("2026-07-02", "1")).await;
    assert_eq!(fields(late.unwrap_err()), ["day"]);
    let found = hr_institution::list(&app, &town.hr, &all).await.unwrap();
    let sums: Vec<_> =
        found.sums.iter().map(|s| (s.year, s.city.as_str(), s.placements, s.persons)).collect();
    assert_eq!(sums, [(2026, "福州市", 1, 4)]);
    // Each enterprise reads what concerns it.
    for (who, persons) in [(&first, 4), (&second, 0)] {
        let found = hr_institution::list(&app, who, &all).await.unwrap();
        assert_eq!(found.lines[0].placed, persons);
    }
    let kept = "SELECT CAST(count(*) AS TEXT) FROM placement";
    assert_eq!(town.texts(kept).await, ["2"]);
    town.at("2026-09-01T09:00:00+08:00");
    let head = "机构统一社会信用代码,入职日期,企业统一社会信用代码,工程师编号,人数\n";
    let rows =
        format!("{head}{uscc},2026-08-01,{LISTED},E000001,\n{uscc},2026-08-02,{LISTED},,2\n");
    let file = ("就业.csv", rows.as_bytes());
    let app = &town.world.app;
    assert_eq!(hr_institution::import(app, &town.hr, file).await.unwrap(), 2);
    let found = hr_institution::list(app, &town.hr, &all).await.unwrap();
    assert_eq!(found.lines[0].placed, 7);
}

async fn pages(world: World) {
    let (town, _, _) = place(world).await;
    let app = town.world.app.clone();
    let mut hr = Visitor::signed_in(&app, "hr").await;
    hr.get("/trainings").await;
    let fields = [("organiser", "市工业和信息化局"), ("occupation", "人工智能训练师")];
    let wrong = hr.post("/trainings", &fields).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("请选择所在地区"), "{}", wrong.text());
    let rest = [
        ("division", "350102"),
        ("from", "2026-05-06"),
        ("through", "2026-05-20"),
        ("seats", "40"),
        ("document_no", "1号"),
    ];
    let fields: Vec<_> = fields.into_iter().chain(rest).collect();
    let seen = hr.post("/trainings", &fields).await;
    assert!(seen.text().contains("已登记培训 TR00001"), "{}", seen.text());
    let who = [("person", "E000001"), ("passed", "1"), ("document_no", "2号")];
    let seen = hr.post("/trainings/TR00001/attendance", &who).await;
    assert!(seen.text().contains("工程师1"), "{}", seen.text());
    assert_eq!(hr.get("/trainings.xlsx").await.status, StatusCode::OK);
    // The person is named without the enterprise: no enterprise reads it as its own.
    let mut clerk = Visitor::signed_in(&app, "clerk2").await;
    assert!(!clerk.get("/trainings").await.text().contains("TR00001"));
    assert_eq!(clerk.get("/trainings/TR00001").await.status, StatusCode::NOT_FOUND);
    hr.get("/hr-institutions").await;
    let fields = [
        ("uscc", INSTITUTION),
        ("name", "福州英才人力资源有限公司"),
        ("licence_no", "350100000001"),
        ("division", "350102"),
        ("from", "2026-01-01"),
        ("through", "2030-12-31"),
        ("services", "招聘"),
    ];
    let seen = hr.post("/hr-institutions", &fields).await;
    assert!(seen.text().contains("已登记许可证"), "{}", seen.text());
    let seen = clerk.get("/hr-institutions").await;
    assert!(seen.text().contains("福州英才") && seen.form("/hr-institutions").is_none());
}
