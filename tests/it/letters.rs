//! Decisions of files, as pages to print.

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use juncai::domain::registry::TalentClass;
use juncai::service::notice::{self, NewObjectionText};

use crate::browser_like::Visitor;
use crate::certificates::recognised;
use crate::on_both;
use crate::recognitions::offices;
use crate::town::actor;
use crate::world::World;

on_both! {
    whoever_sees_a_file_prints_its_decisions_and_nothing_else => decisions;
    the_answer_to_an_objection_names_nobody => answers;
}

async fn decisions(world: World) {
    let (mut offices, no, certificate) = recognised(world).await;
    let entry = offices.town.roster_file("MC2026-000001", (1, 1), 5).await;
    assert!(entry > 0);
    let app = offices.town.world.app.clone();
    let mut clerk = Visitor::signed_in(&app, "clerk").await;
    let page = clerk.get(&format!("/cases/{no}")).await;
    let letters: Vec<String> =
        page.links().into_iter().filter(|link| link.contains("/letters/")).collect();
    assert_eq!(letters.len(), 1, "one decision so far: {letters:?}");
    let given = clerk.get(&letters[0]).await;
    for said in [
        "认定通知书",
        "企业1：",
        "工程师1",
        "第九条",
        "予以认定并颁发证书",
        "认定类别",
        "2026 年 6 月 17 日",
        "盖章：",
        "送达签收",
        "可以向发文机关书面提出",
        &certificate,
        &no,
    ] {
        assert!(given.text().contains(said), "{said}: {}", given.text());
    }
    let steps = page.texts("caption + thead + tbody tr").len();
    assert!(letters[0].ends_with(&format!("/letters/{steps}")), "{letters:?} of {steps}");
    for none in ["1", "0", "99", "x"] {
        let at = format!("/cases/{no}/letters/{none}");
        assert_eq!(clerk.get(&at).await.status, StatusCode::NOT_FOUND, "{at}");
    }
    let mut stranger = Visitor::of_enterprise(&app, "stranger", Role::EnterpriseClerk, 2).await;
    assert_eq!(stranger.get(&letters[0]).await.status, StatusCode::NOT_FOUND);
    let entered = clerk.get("/cases/MC2026-000001/letters/5").await;
    assert!(entered.text().contains("入册通知书"), "{}", entered.text());

    offices.town.at("2026-07-01T09:00:00+08:00");
    offices.act(&offices.town.hr, &no, "revoke").await.unwrap();
    let mut hr = Visitor::signed_in(&offices.town.world.app, "hr").await;
    let page = hr.get(&format!("/cases/{no}")).await;
    let last = page.links().into_iter().rfind(|link| link.contains("/letters/")).unwrap();
    let revoked = hr.get(&last).await;
    for said in ["撤销认定决定书", "事由", "听证", "行政复议", "2026 年 7 月 1 日"]
    {
        assert!(revoked.text().contains(said), "{said}: {}", revoked.text());
    }
    let before = hr.get(&letters[0]).await;
    assert!(before.text().contains("现为“已撤销”"), "{}", before.text());
    assert!(!before.text().contains("证书编号"), "what is known now is not what was decided");
}

async fn answers(world: World) {
    let mut offices = offices(world).await;
    let target = offices.through_own_notice(1, TalentClass::C).await;
    offices.through_checks(&target).await;
    let notice_no = offices.publish(&[&target]).await;
    let app = offices.town.world.app.clone();
    let text = NewObjectionText {
        seq: "1".to_owned(),
        name: "王某某".to_owned(),
        contact: "13800000000".to_owned(),
        content: "该同志的项目由他人主持完成，附立项书编号，请予核查。".to_owned(),
    };
    let no = notice::object(&app, &notice_no, &text).await.unwrap().no;
    let other = actor(&offices.town.world, "hr2", "hr_province", "350000", None).await;
    for act in ["accept", "investigate", "dismiss"] {
        offices.act(&other, &no, act).await.unwrap();
    }
    let mut handler = Visitor::signed_in(&app, "hr2").await;
    let page = handler.get(&format!("/cases/{no}")).await;
    let at = page.links().into_iter().find(|link| link.contains("/letters/")).unwrap();
    let answer = handler.get(&at).await;
    let to = format!("{no} 号异议提出人：");
    for said in ["异议处理答复书", &to, "您提出的异议不成立", "申请省级", "答复", "调查结论"]
    {
        assert!(answer.text().contains(said), "{said}: {}", answer.text());
    }
    for hidden in ["王某某", "13800000000", "当事人陈述"] {
        assert!(!answer.body().contains(hidden), "{hidden}");
    }
    let mut clerk = Visitor::signed_in(&app, "clerk").await;
    assert_eq!(clerk.get(&at).await.status, StatusCode::NOT_FOUND);
}
