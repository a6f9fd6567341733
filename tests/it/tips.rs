//! What the public says of a line after its notice is over.

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use juncai::domain::registry::TalentClass;

use crate::browser_like::Visitor;
use crate::on_both;
use crate::recognitions::{Offices, offices};
use crate::town::actor;
use crate::world::World;

on_both! {
    what_comes_late_is_kept_as_a_tip_and_stops_nothing => late;
    an_officer_without_a_hand_in_the_file_ends_a_tip_once => ended;
}

const NAME: &str = "王某某";
const CONTACT: &str = "13800000000";
const CONTENT: &str = "该同志的项目由他人主持完成，附立项书编号，请予核查。";

/// A notice that is over, and an office that had no hand in it.
async fn over(world: World) -> (Offices, String, String) {
    let mut offices = offices(world).await;
    let no = offices.through_own_notice(1, TalentClass::C).await;
    offices.through_checks(&no).await;
    let notice = offices.publish(&[&no]).await;
    actor(&offices.town.world, "hr2", "hr_province", "350000", None).await;
    offices.town.at("2026-06-17T00:10:00+08:00");
    (offices, no, notice)
}

async fn late(world: World) {
    let (offices, no, notice) = over(world).await;
    let app = &offices.town.world.app;
    let mut public = Visitor::new(app);
    let at = format!("/public/notices/{notice}");
    let page = public.get(&at).await;
    assert!(page.text().contains("公示期已满，不再受理异议"), "{}", page.text());
    let send = format!("{at}/objections");
    let short = [("seq", "1"), ("name", NAME), ("contact", ""), ("content", "不实")];
    let wrong = public.post(&send, &short).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.texts("textarea"), ["不实"], "kept as typed");
    assert!(wrong.text().contains("请填写联系方式"), "{}", wrong.text());
    let full = [("seq", "1"), ("name", NAME), ("contact", CONTACT), ("content", CONTENT)];
    let sent = public.post(&send, &full).await;
    assert!(sent.text().contains("已作为举报收到，编号 JB2026-00001"), "{}", sent.text());
    let logged =
        "SELECT detail FROM audit_event WHERE action = 'tip.received' AND login = 'public'";
    let logged = offices.town.texts(logged).await;
    assert!(logged.len() == 1 && !logged[0].contains(NAME), "{logged:?}");
    let objections = "SELECT case_no FROM case_file WHERE kind = 'objection'";
    assert_eq!(offices.town.texts(objections).await, Vec::<String>::new());

    // The file goes on, and the enterprise is told nothing.
    assert_eq!(offices.act(&offices.approver, &no, "recognise").await.unwrap(), "已认定");
    let mut clerk = Visitor::signed_in(app, "clerk").await;
    assert_eq!(clerk.get("/tips").await.status, StatusCode::FORBIDDEN);
    assert_eq!(clerk.get("/tips/JB2026-00001").await.status, StatusCode::FORBIDDEN);
    assert!(!clerk.get(&format!("/cases/{no}")).await.text().contains("JB2026-00001"));
    let mut elsewhere = Visitor::with_role(app, "xm", Role::HrCity, "350200").await;
    assert!(elsewhere.get("/tips").await.text().contains("还没有举报线索"));
    assert_eq!(elsewhere.get("/tips/JB2026-00001").await.status, StatusCode::NOT_FOUND);
    let mut city = Visitor::with_role(app, "fz3", Role::HrCity, "350100").await;
    assert!(city.get("/tips").await.links().contains(&"/tips/JB2026-00001".to_owned()));
}

async fn ended(world: World) {
    let (offices, no, notice) = over(world).await;
    let app = &offices.town.world.app;
    let mut public = Visitor::new(app);
    let send = format!("/public/notices/{notice}/objections");
    public.get(&format!("/public/notices/{notice}")).await;
    let full = [("seq", "1"), ("name", NAME), ("contact", CONTACT), ("content", CONTENT)];
    public.post(&send, &full).await;
    public.post(&send, &[("seq", "1"), ("content", CONTENT)]).await;
    let here = "/tips/JB2026-00001";
    let (end, informant) = (format!("{here}/end"), format!("{here}/informant"));
    let reason = [("reason", "电话核实立项书编号")];
    // Whoever published the notice had a hand in the file; the auditor only looks.
    let mut publisher = Visitor::signed_in(app, "hr").await;
    publisher.get(here).await;
    let own = publisher.post(&informant, &reason).await;
    assert!(
        own.text().contains("须由其他人办理") && !own.body().contains(CONTACT),
        "{}",
        own.text()
    );
    let note = [("note", "社保记录显示仍在岗，转 2027 年度核查")];
    assert!(publisher.post(&end, &note).await.text().contains("须由其他人办理"));
    let mut auditor = Visitor::with_role(app, "audit", Role::Auditor, "350000").await;
    let seen = auditor.get(here).await;
    assert!(seen.text().contains(CONTENT) && seen.form(&end).is_none(), "{}", seen.text());
    assert_eq!(auditor.post(&end, &note).await.status, StatusCode::FORBIDDEN);

    let mut officer = Visitor::signed_in(app, "hr2").await;
    let seen = officer.get(here).await;
    assert!(!seen.body().contains(NAME) && seen.text().contains("待处理"), "{}", seen.text());
    let blank = officer.post(&informant, &[("reason", "看")]).await;
    assert_eq!(blank.status, StatusCode::UNPROCESSABLE_ENTITY);
    let opened = officer.post(&informant, &reason).await;
    assert!(opened.text().contains(NAME) && opened.text().contains(CONTACT), "{}", opened.text());
    let anonymous = officer.post("/tips/JB2026-00002/informant", &reason).await;
    assert!(anonymous.text().contains("这是匿名举报"), "{}", anonymous.text());
    officer.get(here).await;
    let short = officer.post(&end, &[("note", "无")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = officer.post(&end, &note).await;
    assert!(done.text().contains("举报已办结") && done.text().contains(note[0].1));
    assert!(!done.body().contains(NAME), "once only");
    for (action, fields) in [(&end, &note), (&informant, &reason)] {
        let again = officer.post(action, fields).await;
        assert!(again.text().contains("已经办结"), "{}", again.text());
    }
    let told = "SELECT detail FROM audit_event WHERE action = 'informant.opened'";
    let told = offices.town.texts(told).await;
    assert!(told.len() == 1 && told[0].contains(reason[0].1), "{told:?}");
    for forged in ["UPDATE tip SET content = 'x'", "DELETE FROM tip", "DELETE FROM tip_end"] {
        assert!(offices.town.try_sql(forged).await.is_err(), "{forged}");
    }
    let page = officer.get(&format!("/cases/{no}")).await;
    assert!(page.text().contains("公示中"), "nothing follows by itself");
}
