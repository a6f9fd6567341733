//! Objections as those see them who raised them, and the sealed identity.

use axum::http::StatusCode;
use juncai::domain::registry::TalentClass;
use juncai::service::notice::{self, NewObjectionText};
use juncai::service::{Actor, Error, objection};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::recognitions::{Offices, offices, told};
use crate::town::actor;
use crate::world::World;

on_both! {
    whoever_objected_follows_it_by_receipt_and_asks_for_one_review => followed;
    an_objection_taken_back_lets_the_file_go_on => withdrawn;
    only_those_who_handle_an_objection_learn_who_raised_it => opened;
    what_the_review_finds_binds_the_file => reviewed;
}

/// A file in notice, and an objection to it.
async fn objected(world: World, name: &str) -> (Offices, String, String) {
    let mut offices = offices(world).await;
    let no = offices.through_own_notice(1, TalentClass::C).await;
    offices.through_checks(&no).await;
    let notice = offices.publish(&[&no]).await;
    let objection = notice::object(&offices.town.world.app, &notice, &text(name)).await.unwrap().no;
    (offices, no, objection)
}

fn text(name: &str) -> NewObjectionText {
    let contact = if name.is_empty() { "" } else { "13800000000" };
    NewObjectionText {
        seq: "1".to_owned(),
        name: name.to_owned(),
        contact: contact.to_owned(),
        content: "该同志的项目由他人主持完成，附立项书编号，请予核查。".to_owned(),
    }
}

async fn handler(offices: &Offices) -> Actor {
    actor(&offices.town.world, "hr2", "hr_province", "350000", None).await
}

async fn followed(world: World) {
    let (offices, _, no) = objected(world, "王某某").await;
    let receipt = objection::receipt(&offices.town.world.app, &no);
    let other = handler(&offices).await;
    let approver = actor(&offices.town.world, "top", "hr_province_approver", "350000", None).await;
    for act in ["accept", "investigate", "dismiss"] {
        offices.act(&other, &no, act).await.unwrap();
    }
    let app = offices.town.world.app.clone();
    let mut public = Visitor::new(&app);
    public.get("/public/objections").await;
    let last = if receipt.ends_with('0') { '1' } else { '0' };
    let bent = format!("{}{last}", &receipt[..receipt.len() - 1]);
    let wrong = public.post("/public/objections", &[("receipt", &bent)]).await;
    let by_number = public.post("/public/objections", &[("receipt", &no)]).await;
    for seen in [wrong, by_number] {
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(seen.text().contains("没有这个回执号") && !seen.text().contains("立项书"));
    }
    let lower = receipt.to_lowercase();
    let seen = public.post("/public/objections", &[("receipt", &lower)]).await;
    assert!(seen.text().contains("异议不成立") && seen.text().contains("答复"), "{}", seen.text());
    assert!(!seen.body().contains("王某某") && !seen.body().contains("13800000000"));
    assert!(seen.form("/public/objections/withdrawals").is_none(), "it is decided");
    let short = public.post("/public/objections/reviews", &[("ground", "不服")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(short.texts("textarea"), ["不服"], "kept as typed");
    let ground = [("ground", "答复没有回应立项书的主持人一栏，请复核")];
    let asked = public.post("/public/objections/reviews", &ground).await;
    assert!(asked.text().contains("复核申请已收到"), "{}", asked.text());
    assert!(asked.form("/public/objections/reviews").is_none(), "one review only");
    offices.act(&approver, &no, "conclude").await.unwrap();
    let again = objection::request_review(&app, "192.0.2.1", &receipt, ground[0].1).await;
    assert!(matches!(again, Err(Error::Refused(_))), "{again:?}");
    let last = objection::by_receipt(&app, "192.0.2.1", &receipt).await.unwrap();
    assert_eq!((last.state, last.answers.len()), ("复核终结（异议不成立）", 2));
}

/// Reviews are concluded by another approver than the one who decides on the file.
async fn reviewed(world: World) {
    let (mut offices, target, no) = objected(world, "王某某").await;
    let app = offices.town.world.app.clone();
    let other = handler(&offices).await;
    let top = actor(&offices.town.world, "top", "hr_province_approver", "350000", None).await;
    let ground = "答复没有回应立项书的主持人一栏，请复核";
    for act in ["accept", "investigate", "dismiss"] {
        offices.act(&other, &no, act).await.unwrap();
    }
    objection::request_review(&app, "192.0.2.1", &objection::receipt(&app, &no), ground)
        .await
        .unwrap();
    offices.town.at("2026-06-17T09:00:00+08:00");
    let waits = told(offices.act(&offices.approver, &target, "recognise").await);
    assert!(waits.contains("尚未办结"), "{waits}");
    let done = offices.act(&top, &no, "conclude_upheld").await.unwrap();
    assert_eq!(done, "复核终结（异议成立）");
    let overturned = told(offices.act(&offices.approver, &target, "recognise").await);
    assert!(overturned.contains("已认定成立"), "{overturned}");
    assert_eq!(offices.act(&offices.town.hr, &target, "reject").await.unwrap(), "不予认定");

    // Upheld first, found wrong by the review: the file goes on. Refused first, found right by the
    // review: the file leaves its notice for the objection.
    for (class, acts, conclusion, state) in [
        (TalentClass::B, &["accept", "investigate", "uphold"][..], "conclude", "已认定"),
        (TalentClass::C, &["refuse"][..], "conclude_upheld", "不予认定"),
    ] {
        let target = offices.through_own_notice(2, class).await;
        offices.through_checks(&target).await;
        let notice = offices.publish(&[&target]).await;
        let no = notice::object(&app, &notice, &text("王某某")).await.unwrap().no;
        for act in acts {
            offices.act(&other, &no, act).await.unwrap();
        }
        let receipt = objection::receipt(&app, &no);
        objection::request_review(&app, "192.0.2.1", &receipt, ground).await.unwrap();
        offices.act(&top, &no, conclusion).await.unwrap();
        offices.town.at("2026-06-17T09:00:00+08:00");
        let rejected = offices.act(&offices.town.hr, &target, "reject").await;
        let reached = match rejected {
            Ok(state) => state,
            Err(_) => offices.act(&offices.approver, &target, "recognise").await.unwrap(),
        };
        assert_eq!(reached, state, "{acts:?} and {conclusion}");
    }
}

async fn withdrawn(world: World) {
    let (mut offices, target, no) = objected(world, "王某某").await;
    let app = offices.town.world.app.clone();
    let receipt = objection::receipt(&app, &no);
    offices.act(&handler(&offices).await, &no, "accept").await.unwrap();
    let done = objection::withdraw(&app, "192.0.2.1", &receipt).await.unwrap();
    assert_eq!(done.state, "已撤回");
    let again = objection::withdraw(&app, "192.0.2.1", &receipt).await;
    assert!(matches!(again, Err(Error::Refused(_))), "{again:?}");
    offices.town.at("2026-06-17T09:00:00+08:00");
    assert_eq!(offices.act(&offices.approver, &target, "recognise").await.unwrap(), "已认定");
    let told = "SELECT login FROM audit_event WHERE action = 'case.moved' AND login = 'public'";
    assert_eq!(offices.town.texts(told).await.len(), 1);
}

async fn opened(world: World) {
    let (offices, _, no) = objected(world, "王某某").await;
    let other = handler(&offices).await;
    let app = &offices.town.world.app;
    let reason = "电话核实立项书编号";
    for (who, why) in [
        (&offices.county, "reviewed the file"),
        (&offices.town.hr, "published it"),
        (&offices.approver, "has no act on it"),
        (&offices.clerk, "is of the enterprise"),
    ] {
        let refused = objection::open_objector(app, who, &no, reason).await;
        assert!(refused.is_err(), "{why}");
    }
    let mut visitor = Visitor::signed_in(app, "hr2").await;
    let here = format!("/cases/{no}/objector");
    assert!(visitor.get(&format!("/cases/{no}")).await.links().contains(&here));
    assert!(!visitor.get(&here).await.body().contains("王某某"));
    let blank = visitor.post(&here, &[("reason", "看")]).await;
    assert_eq!(blank.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!blank.body().contains("王某某"));
    let shown = visitor.post(&here, &[("reason", reason)]).await;
    assert!(shown.text().contains("王某某") && shown.text().contains("13800000000"));
    let told = "SELECT detail FROM audit_event WHERE action = 'objector.opened'";
    let told = offices.town.texts(told).await;
    assert_eq!(told.len(), 1);
    assert!(told[0].contains(reason) && !told[0].contains("王某某"), "{told:?}");
    offices.act(&other, &no, "refuse").await.unwrap();
    let over = objection::open_objector(app, &other, &no, reason).await;
    assert!(matches!(over, Err(Error::Refused(_))), "nobody handles it any more");
}
