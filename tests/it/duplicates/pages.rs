//! The same in the browser: who may open what, and the whole way from a pair to one person.

use axum::http::StatusCode;
use juncai::domain::authority::Role;

use super::*;
use crate::browser_like::Visitor;

on_both! {
    only_the_offices_of_human_resources_are_told => who;
    a_pair_becomes_one_person_and_two_again => whole_way;
    work_under_the_leading_number_reaches_what_is_recorded_under_the_other => departure;
    a_double_click_proposes_once_and_mistyped_forms_keep_what_was_typed => forms;
}

async fn who(world: World) {
    let town = people(world, 2).await;
    mobile(&town, 1, "13800000001").await;
    mobile(&town, 2, "13800000001").await;
    let app = &town.world.app;
    let mut clerk = Visitor::of_enterprise(app, "clerk", Role::EnterpriseClerk, 1).await;
    let mut maker = Visitor::with_role(app, "maker", Role::FinanceMaker, "350000").await;
    let mut county = Visitor::with_role(app, "county", Role::HrCounty, "350102").await;
    let paths = [
        "/duplicates",
        "/duplicates.xlsx",
        "/duplicates/pair?a=E000001&b=E000002",
        "/duplicates/merges/HB000001",
    ];
    for path in paths {
        for visitor in [&mut clerk, &mut maker] {
            let seen = visitor.get(path).await;
            assert_eq!(seen.status, StatusCode::FORBIDDEN, "{path}");
            assert!(!seen.text().contains("工程师2"));
        }
    }
    clerk.get("/engineers").await;
    let fields = [("a", "E000001"), ("b", "E000002"), ("explanation", "不是一个人")];
    let sent = clerk.post("/duplicates/dismissals", &fields).await;
    assert_eq!(sent.status, StatusCode::FORBIDDEN);
    assert!(!clerk.get("/").await.links().contains(&"/duplicates".to_owned()));

    let list = county.get("/duplicates").await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(list.text().contains("手机号码相同") && list.text().contains("E000002"));
    assert!(!list.body().contains("13800000001"), "masked only");
    let pair = county.get(paths[2]).await;
    assert!(pair.form("/duplicates/dismissals").is_some());
    assert!(pair.form("/duplicates/proposals").is_none(), "the province proposes");
    assert_eq!(county.get("/duplicates.xlsx").await.status, StatusCode::OK);
    county.get(paths[2]).await;
    let done = county.post("/duplicates/dismissals", &[("explanation", "夫妻共用手机")]).await;
    assert!(done.text().contains("已排除"), "{}", done.text());
    assert!(county.get("/duplicates?state=dismissed").await.text().contains("E000001"));
}

const PAIR: &str = "/duplicates/pair?a=E000001&b=E000002";
const MERGE: &str = "/duplicates/merges/HB000001";

async fn whole_way(world: World) {
    let mut town = people(world, 2).await;
    mobile(&town, 1, "13800000001").await;
    mobile(&town, 2, "13800000001").await;
    second(&town).await;
    town.at("2026-09-01T09:00:00+08:00");
    let app = town.world.app.clone();
    let mut proposer = Visitor::signed_in(&app, "hr").await;
    let mut confirmer = Visitor::signed_in(&app, "hr2").await;
    proposer.get(PAIR).await;
    let fields = [("leading", "E000001"), ("reason", "证件换发"), ("document_no", "闽人社函8号")];
    let seen = proposer.post("/duplicates/proposals", &fields).await;
    assert_eq!((seen.status, proposer.at.as_str()), (StatusCode::OK, MERGE));
    assert!(seen.form(&format!("{MERGE}/confirmation")).is_none(), "not the proposer");
    let own = [("request", "HB000001")];
    let refused = proposer.post(&format!("{MERGE}/confirmation"), &own).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("另一位省级人社人员"));

    assert!(confirmer.get("/duplicates?state=proposed").await.text().contains("HB000001"));
    confirmer.get(MERGE).await;
    let seen = confirmer.post(&format!("{MERGE}/confirmation"), &[]).await;
    assert!(seen.text().contains("已合并"), "{}", seen.text());

    // Either number opens the one page, with both histories.
    let record = confirmer.get("/engineers/E000002").await;
    assert!(confirmer.at.starts_with("/engineers/E000001?from=E000002"), "{}", confirmer.at);
    let text = record.text();
    assert!(text.contains("编号 E000002 已并入 E000001"));
    for day in ["2026-01-20", "2026-02-20"] {
        assert!(text.contains(day), "{day} is missing");
    }
    assert!(text.contains("登记在编号 E000002"));
    let before = confirmer.get("/engineers/E000002?known_at=2026-08-31").await;
    assert!(!before.text().contains("2026-01-20"), "before the merge they were two");
    let mut clerk = Visitor::of_enterprise(&app, "clerk", Role::EnterpriseClerk, 1).await;
    let record = clerk.get("/engineers/E000002").await;
    assert_eq!(record.status, StatusCode::OK);
    assert!(!record.links().iter().any(|link| link.starts_with("/duplicates")));

    confirmer.get(MERGE).await;
    let fields = [("reason", "查明是两个人"), ("document_no", "闽人社函9号")];
    confirmer.post(&format!("{MERGE}/undo"), &fields).await;
    proposer.get(MERGE).await;
    let seen = proposer.post(&format!("{MERGE}/confirmation"), &[]).await;
    assert!(seen.text().contains("已撤销"), "{}", seen.text());
    let record = proposer.get("/engineers/E000002").await;
    assert!(proposer.at == "/engineers/E000002" && !record.text().contains("2026-01-20"));
}

async fn departure(world: World) {
    use juncai::service::roster::{LastDay, end_entry};
    let mut town = people(world, 1).await;
    town.person(2).await;
    town.engineer(2, 2, "2026-02-01", None).await;
    let officer = second(&town).await;
    merge(&town, &officer, 1, 2).await;
    let clerk = actor(&town.world, "clerk2", "enterprise_clerk", "350203", Some(2)).await;
    town.at("2026-07-10T09:00:00+08:00");
    let app = &town.world.app;
    let end = LastDay {
        last_day: "2026-06-30".parse().unwrap(),
        reason: juncai::domain::roster::DepartureReason::Other,
        note: "合同到期".to_owned(),
        document_no: "解〔2026〕1号".to_owned(),
    };
    let left = end_entry(app, &clerk, &person_no(1), &end).await.unwrap();
    assert!(left.entry_ended && left.employment_ended);

    // The enterprise of the other number opens the same page and is told of its own time only.
    let mut visitor = Visitor::signed_in(app, "clerk2").await;
    let seen = visitor.get("/engineers/E000002").await;
    assert_eq!(seen.status, StatusCode::OK);
    assert!(visitor.at.starts_with("/engineers/E000001"), "{}", visitor.at);
    let text = seen.text();
    assert!(text.contains("企业2") && text.contains("2026-06-30"), "{text}");
    assert!(!text.contains("企业1") && !text.contains("2026-01-20"), "{text}");
}

async fn forms(world: World) {
    let town = people(world, 2).await;
    let mut officer = Visitor::signed_in(&town.world.app, "hr").await;
    let page = officer.get(PAIR).await;
    assert!(page.text().contains("没有发现相同之处"), "any two numbers can be compared");
    let seen = officer.post("/duplicates/proposals", &[("reason", "证件换发")]).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.text().contains("请选择合并后以哪个编号为主"));
    assert!(seen.body().contains("证件换发"), "what was typed stays");
    let same = officer.get("/duplicates/pair?a=E000001&b=E000001").await;
    assert_eq!(same.status, StatusCode::UNPROCESSABLE_ENTITY);
    let nobody = officer.get("/duplicates/pair?a=E000001&b=E999999").await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);

    let fields = [("leading", "E000002"), ("reason", "证件换发"), ("document_no", "闽人社函8号")];
    let page = officer.get(PAIR).await;
    officer.post("/duplicates/proposals", &fields).await;
    officer.page = Some(page);
    officer.post("/duplicates/proposals", &fields).await;
    assert_eq!(officer.at, MERGE, "the second click leads to the first proposal");
    let open = store::open_requests(town.world.app.db.read()).await.unwrap();
    assert_eq!(open.len(), 1);
    let seen = officer.post(&format!("{MERGE}/rejection"), &[("decision", "")]).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    let seen = officer.post(&format!("{MERGE}/rejection"), &[("decision", "填错了")]).await;
    assert!(seen.text().contains("未通过"), "{}", seen.text());
}
