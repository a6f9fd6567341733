//! A recognition goes with its person from one listed enterprise to the next.

use axum::http::StatusCode;
use juncai::app::App;
use juncai::domain::registry::{Recognition, TalentClass};
use juncai::service::Actor;
use juncai::service::case::{self, NewTransfer};
use juncai::store::account::NewOrganisation;
use juncai::store::fact::{Versions, facts_of};

use crate::browser_like::Visitor;
use crate::certificates::recognised;
use crate::on_both;
use crate::recognitions::{Offices, told};
use crate::town::{actor, employment, person_no};
use crate::world::{World, employ};

on_both! {
    the_next_listed_employer_takes_a_recognition_over_and_reports_its_year => moves;
    after_six_months_nobody_takes_it_over => late;
}

/// Somebody of enterprise 2, in Xiamen.
async fn of_xiamen(offices: &Offices, login: &str, role: &str) -> Actor {
    let office = NewOrganisation {
        code: "ENT-2",
        kind: "enterprise",
        name: "企业2",
        division: "350203",
        enterprise_id: Some(2),
    };
    let app = &offices.town.world.app;
    let tx = app.db.begin().await.unwrap();
    let actor = employ(&tx, &office, (login, login), (login, role), app.clock.now()).await;
    tx.commit().await.unwrap();
    actor
}

/// Suspended on 1 September, and the person works at enterprise 2 from October on.
async fn suspended(offices: &mut Offices, no: &str, person: i64) {
    offices.town.at("2026-09-01T09:00:00+08:00");
    offices.act(&offices.town.hr, no, "suspend").await.unwrap();
    offices.town.left(person, "2026-09-30").await;
    offices.town.state(person, "2026-10-08", None, employment(2)).await;
}

fn wanted(person: i64, certificate: &str) -> NewTransfer {
    NewTransfer {
        person_no: person_no(person),
        certificate_no: certificate.to_owned(),
        confirmation: "接收函〔2026〕3号".to_owned(),
    }
}

/// The next employer's signatory types a wrong certificate, forgets the letter, and confirms.
async fn confirmed_on_the_page(app: &App, certificate: &str) -> Visitor {
    let mut page = Visitor::signed_in(app, "xm-sign").await;
    assert!(page.get("/cases").await.links().contains(&"/recognitions/transfers/new".to_owned()));
    page.get("/recognitions/transfers/new?person=E000001").await;
    let letter = ("employer_confirmation", "接收函〔2026〕3号");
    let wrong = [("person_no", "E000001"), ("certificate_no", "FJ-0"), letter];
    let wrong = page.post("/recognitions/transfers", &wrong).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("没有这个编号的已暂停认定"), "{}", wrong.text());
    let blank = ("employer_confirmation", "");
    let none = [("person_no", "E000001"), ("certificate_no", certificate), blank];
    let none = page.post("/recognitions/transfers", &none).await;
    assert!(none.text().contains("请填写接收企业确认函"), "{}", none.text());
    let right = [("person_no", "E000001"), ("certificate_no", certificate), letter];
    let done = page.post("/recognitions/transfers", &right).await;
    assert!(done.text().contains("已确认转入"), "{}", done.text());
    page
}

async fn moves(world: World) {
    let (mut offices, no, certificate) = recognised(world).await;
    let (sign, clerk) = (
        of_xiamen(&offices, "xm-sign", "enterprise_signatory").await,
        of_xiamen(&offices, "xm-clerk", "enterprise_clerk").await,
    );
    let siming = actor(&offices.town.world, "siming", "hr_county", "350203", None).await;
    suspended(&mut offices, &no, 1).await;
    offices.town.at("2026-10-12T09:00:00+08:00");
    let unasked = told(offices.act(&offices.town.hr, &no, "reinstate").await);
    assert!(unasked.contains("还没有确认转入"), "{unasked}");
    let app = &offices.town.world.app;
    assert!(case::case_view(app, &sign, &no).await.is_err(), "still the file of another");
    let by_clerk = case::confirm_transfer(app, &clerk, &wanted(1, &certificate)).await;
    assert!(matches!(by_clerk, Err(juncai::service::Error::Forbidden(_))), "{by_clerk:?}");
    let own =
        told_unit(case::confirm_transfer(app, &offices.signatory, &wanted(1, &certificate)).await);
    assert!(own.contains("原单位"), "{own}");
    let seen = case::case_view(app, &offices.signatory, &no).await.unwrap();
    assert!(seen.acts.iter().all(|act| act.act != "confirm_transfer"), "not offered to it");

    let mut page = confirmed_on_the_page(app, &certificate).await;
    let before = case::case_view(app, &offices.town.hr, &no).await.unwrap();
    let told_province = before.facts.iter().find(|fact| fact.name == "确认转入").unwrap();
    assert_eq!(told_province.text, "2026-10-12 企业2 确认转入，原单位 企业1");
    assert_eq!(offices.act(&offices.town.hr, &no, "reinstate").await.unwrap(), "已认定");
    let read = app.db.read();
    let facts = facts_of::<Recognition>(read, 1, Versions::Live).await.unwrap();
    let spans: Vec<_> = (facts.iter())
        .map(|s| {
            (s.fact.enterprise_id, s.period.from.to_string(), s.period.through.unwrap().to_string())
        })
        .collect();
    let span = |id, from: &str, through: &str| (Some(id), from.to_owned(), through.to_owned());
    let both = [span(1, "2026-06-17", "2026-08-31"), span(2, "2026-10-12", "2031-06-16")];
    assert_eq!(spans, both, "a new version for the new employer, the old one as it was");
    assert!(case::case_view(app, &offices.clerk, &no).await.is_err(), "no longer its file");
    let sheet = page.get(&format!("/recognitions/{certificate}/certificate")).await;
    for shown in ["经企业1自主认定", "现任职单位企业2", "2026年6月17日 至 2031年6月16日"]
    {
        assert!(sheet.text().contains(shown), "{shown}: {}", sheet.text());
    }

    let mut before = Visitor::signed_in(app, "clerk").await;
    let sheet = before.get(&format!("/recognitions/{certificate}/certificate")).await;
    assert!(sheet.text().contains("2026年6月17日 至 2031年6月16日"), "the same print");
    assert!(!sheet.text().contains("企业2"), "it is not told where the person went");

    // The year is reported by the new employer and checked where it lies.
    offices.town.at("2027-03-10T09:00:00+08:00");
    let old = offices.act(&offices.clerk, &no, "report_year").await;
    assert!(old.is_err(), "the old employer reports nothing");
    assert_eq!(offices.act(&clerk, &no, "report_year").await.unwrap(), "年度核查");
    assert!(offices.act(&offices.county, &no, "pass_annual_check").await.is_err());
    assert_eq!(offices.act(&siming, &no, "pass_annual_check").await.unwrap(), "已认定");
    let forged = "UPDATE case_file SET enterprise_id = 3 WHERE kind = 'recognition'";
    assert!(offices.town.try_sql(forged).await.is_err(), "a file goes nowhere unasked");
}

fn told_unit(outcome: Result<(), juncai::service::Error>) -> String {
    outcome.expect_err("a refusal").to_string()
}

async fn late(world: World) {
    let (mut offices, _, _) = recognised(world).await;
    let no = offices.through_own_notice(2, TalentClass::B).await;
    offices.through_checks(&no).await;
    offices.publish(&[&no]).await;
    offices.town.at("2026-06-17T09:00:00+08:00");
    offices.act(&offices.approver, &no, "recognise").await.unwrap();
    let certificate = offices.certificate(2).await[0].certificate_no.clone();
    let sign = of_xiamen(&offices, "xm-sign", "enterprise_signatory").await;
    suspended(&mut offices, &no, 2).await;
    offices.town.at("2027-03-02T09:00:00+08:00");
    let app = &offices.town.world.app;
    let after = told_unit(case::confirm_transfer(app, &sign, &wanted(2, &certificate)).await);
    assert!(after.contains("六个月（至 2027-03-01）"), "{after}");
    offices.town.at("2027-03-01T23:00:00+08:00");
    let app = &offices.town.world.app;
    case::confirm_transfer(app, &sign, &wanted(2, &certificate)).await.unwrap();
    offices.town.at("2027-03-02T09:00:00+08:00");
    assert_eq!(offices.act(&offices.town.hr, &no, "reinstate").await.unwrap(), "已认定");
}
