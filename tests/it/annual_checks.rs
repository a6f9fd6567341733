//! The yearly check of recognitions, from the report to the suspension of laggards.

use axum::http::StatusCode;
use juncai::domain::registry::TalentClass;
use juncai::service::annual_check::{act_on_many, campaign};
use juncai::service::case;

use crate::browser_like::Visitor;
use crate::on_both;
use crate::recognitions::{Offices, offices};
use crate::town::actor;
use crate::world::World;

on_both! {
    a_campaign_runs_from_the_report_to_full_coverage => covered;
    laggards_are_shown_and_suspended_one_by_one => laggards;
}

/// Two recognitions of enterprise 1, given on 2026-06-17.
async fn two_recognised(world: World) -> (Offices, [String; 2]) {
    let mut offices = offices(world).await;
    let one = offices.through_own_notice(1, TalentClass::B).await;
    let two = offices.through_own_notice(2, TalentClass::C).await;
    offices.through_checks(&one).await;
    offices.through_checks(&two).await;
    offices.publish(&[&one, &two]).await;
    offices.town.at("2026-06-17T09:00:00+08:00");
    for no in [&one, &two] {
        offices.act(&offices.approver, no, "recognise").await.unwrap();
    }
    (offices, [one, two])
}

async fn covered(world: World) {
    let (mut offices, [one, two]) = two_recognised(world).await;
    let app = offices.town.world.app.clone();
    let same_year = campaign(&app, &offices.county, 2026).await.unwrap();
    assert_eq!(same_year.all.total(), 0, "the year of the recognition asks nothing");
    let due = case::case_view(&app, &offices.clerk, &one).await.unwrap().line.due_on;
    assert_eq!(due.unwrap().to_string(), "2027-03-31");

    offices.town.at("2027-02-10T09:00:00+08:00");
    let app = offices.town.world.app.clone();
    let mut clerk = Visitor::signed_in(&app, "clerk").await;
    let seen = clerk.get("/campaigns").await;
    assert!(seen.text().contains("工程师1（E000001）") && seen.text().contains("0.0%"));
    let blank = clerk.post("/campaigns/acts", &[("case", &one), ("text", " ")]).await;
    assert_eq!(blank.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", blank.text());
    let fields = [("case", one.as_str()), ("case", two.as_str()), ("text", "均在岗，无失信")];
    let body = clerk.post("/campaigns/acts", &fields).await;
    let results = body.texts("section[role=status] li");
    assert!(results.len() == 2 && results.iter().all(|r| r.contains("年度核查")), "{results:?}");
    let both = [one.clone(), two.clone()];
    let passed = act_on_many(&app, &offices.county, &both, "核查无误").await.unwrap();
    assert!(passed.iter().all(|row| row.outcome == Ok("已认定")), "{passed:?}");
    let whole = campaign(&app, &offices.city, 2027).await.unwrap();
    assert_eq!((whole.all.passed, whole.all.coverage_permille()), (2, Some(1_000)));
    assert_eq!(whole.cities.len(), 1);
    // Passed before 31 March, the next report is due the year after.
    let due = case::case_view(&app, &offices.clerk, &one).await.unwrap().line.due_on;
    assert_eq!(due.unwrap().to_string(), "2028-03-31");
    let again =
        act_on_many(&app, &offices.clerk, std::slice::from_ref(&one), "再报").await.unwrap();
    assert!(again[0].outcome.as_ref().is_err_and(|why| why.contains("不需要")), "{again:?}");
    let elsewhere = actor(&offices.town.world, "xiamen", "hr_city", "350200", None).await;
    assert_eq!(campaign(&app, &elsewhere, 2027).await.unwrap().all.total(), 0, "out of scope");
    let sheet = Visitor::signed_in(&app, "gulou").await.get("/campaigns.xlsx?year=2027").await;
    assert!(sheet.bytes.starts_with(b"PK"), "a workbook");
}

async fn laggards(world: World) {
    let (mut offices, [one, two]) = two_recognised(world).await;
    offices.town.at("2027-03-31T23:00:00+08:00");
    let app = offices.town.world.app.clone();
    act_on_many(&app, &offices.clerk, std::slice::from_ref(&one), "在岗").await.unwrap();
    assert_eq!(campaign(&app, &offices.town.hr, 2027).await.unwrap().all.late, 0);
    let early =
        act_on_many(&app, &offices.town.hr, std::slice::from_ref(&two), "逾期").await.unwrap();
    assert!(early[0].outcome.is_err(), "nobody is late yet");
    offices.town.at("2027-04-01T09:00:00+08:00");
    let app = offices.town.world.app.clone();
    let both = [one.clone(), two.clone()];
    let done = act_on_many(&app, &offices.town.hr, &both, "逾期未报告").await.unwrap();
    assert!(done[0].outcome.is_err(), "it is reported, the county has until the end of May");
    assert_eq!(done[1].outcome, Ok("暂停"));
    assert!(offices.certificate(2).await.len() == 1);
    let shown = campaign(&app, &offices.town.hr, 2027).await.unwrap();
    assert_eq!(
        (shown.all.suspended, shown.all.reported, shown.all.coverage_permille()),
        (1, 1, Some(0))
    );
    let nobody = act_on_many(&app, &offices.city, &both, "x").await;
    assert!(nobody.is_err(), "a city has no act here");
}
