//! What somebody typed into a long form comes back, to them alone, until it is sent.

use axum::http::Method;
use juncai::domain::registry::TalentClass;
use juncai::service::draft;
use juncai::store::account::NewOrganisation;

use crate::browser_like::{HOST, Visitor};
use crate::on_both;
use crate::recognitions::{Offices, offices};
use crate::world::{World, employ};

on_both! {
    a_draft_comes_back_when_the_form_is_opened_and_goes_when_it_is_sent => keeps;
    an_act_on_a_file_keeps_its_own_draft => act;
    every_long_form_keeps_one => long_forms;
    what_was_typed_outlives_the_session_and_nothing_else_does => outlives;
}

const GROUNDS: &str = "主持省级重点研发项目，符合标准";

async fn second_clerk(offices: &Offices) -> Visitor {
    let app = &offices.town.world.app;
    let office = NewOrganisation {
        code: "ENT-1",
        kind: "enterprise",
        name: "企业1",
        division: "350102",
        enterprise_id: Some(1),
    };
    let tx = app.db.begin().await.unwrap();
    let account = ("clerk2", "enterprise_clerk");
    employ(&tx, &office, ("clerk2", "clerk2"), account, app.clock.now()).await;
    tx.commit().await.unwrap();
    Visitor::signed_in(app, "clerk2").await
}

async fn keeps(world: World) {
    let mut offices = offices(world).await;
    let app = offices.town.world.app.clone();
    let mut clerk = Visitor::signed_in(&app, "clerk").await;
    let form = "/recognitions/new?person=E000001";
    clerk.get(form).await;
    let fields = |grounds| {
        let form = [("draft_form", "recognition"), ("draft_subject", "E000001")];
        [form[0], form[1], ("class", "C"), ("person_no", "E000001"), ("grounds", grounds)]
    };
    let saved = clerk.post("/drafts", &fields(GROUNDS)).await;
    assert_eq!(clerk.at, form, "back to the form");
    assert!(saved.text().contains("草稿已保存于 2026-06-01 09:00，还没有提交"), "{}", saved.text());
    let again = clerk.get(form).await;
    assert!(again.text().contains("已恢复 2026-06-01 09:00 保存的草稿"), "{}", again.text());
    assert_eq!(again.texts("textarea[name=grounds]"), [GROUNDS]);
    assert_eq!(again.attributes("option[selected]", "value"), ["C"]);
    let other = clerk.get("/recognitions/new?person=E000002").await;
    assert!(!other.body().contains(GROUNDS), "a draft is about one person");
    let mut second = second_clerk(&offices).await;
    let empty = second.get(form).await;
    assert_eq!(empty.texts("textarea[name=grounds]"), [""], "a draft is its writer's alone");
    let stored = offices.town.texts("SELECT form FROM form_draft").await;
    assert_eq!(stored, ["recognition"], "one, replaced each time");

    // A full number is not kept; nothing typed is no draft.
    clerk.get(form).await;
    let secret = clerk.post("/drafts", &fields("证件 350102199003079981")).await;
    assert!(secret.text().contains("没有存入草稿"), "{}", secret.text());
    assert_eq!(clerk.get(form).await.texts("textarea[name=grounds]"), [""]);
    let unknown = clerk.post("/drafts", &[("draft_form", "password"), ("text", "x")]).await;
    assert_eq!(unknown.status, 422);

    // Sent, it is gone; discarded as well.
    clerk.get(form).await;
    clerk.post("/drafts", &fields(GROUNDS)).await;
    let opened = clerk.post("/recognitions", &[("grounds", GROUNDS)]).await;
    assert!(opened.text().contains("已建立办件"), "{}", opened.text());
    assert_eq!(offices.town.texts("SELECT form FROM form_draft").await, [""; 0]);
    clerk.get("/recognitions/new").await;
    let typed = [("draft_form", "recognition"), ("draft_subject", ""), ("grounds", GROUNDS)];
    clerk.post("/drafts", &typed).await;
    let gone = clerk.post("/drafts/discard", &typed).await;
    assert!(gone.text().contains("草稿已丢弃"), "{}", gone.text());
    assert_eq!(gone.texts("textarea[name=grounds]"), [""]);

    // What nobody touched for a month is forgotten.
    clerk.post("/drafts", &typed).await;
    offices.town.at("2026-07-01T08:59:00+08:00");
    assert_eq!(draft::forget_old(&offices.town.world.app).await.unwrap(), 0);
    offices.town.at("2026-07-01T09:01:00+08:00");
    assert_eq!(draft::forget_old(&offices.town.world.app).await.unwrap(), 1);
}

async fn act(world: World) {
    let mut offices = offices(world).await;
    let no = offices.through_own_notice(1, TalentClass::C).await;
    offices.act(&offices.signatory, &no, "file").await.unwrap();
    offices.act(&offices.county, &no, "accept").await.unwrap();
    let app = offices.town.world.app.clone();
    let here = format!("/cases/{no}");
    let mut county = Visitor::signed_in(&app, "gulou").await;
    let page = county.get(&here).await;
    let subjects = page.attributes("input[name=draft_subject]", "value");
    let subject = format!("{no}/pass_county");
    assert!(subjects.contains(&subject), "{subjects:?}");
    let typed = [
        ("draft_form", "case_act"),
        ("draft_subject", subject.as_str()),
        ("act", "pass_county"),
        ("remark", "社保已核对，待核对学历"),
    ];
    county.post("/drafts", &typed).await;
    let again = county.get(&here).await;
    let section = "section[id=act-pass_county]";
    assert_eq!(again.texts(&format!("{section} textarea")), ["社保已核对，待核对学历"]);
    assert_eq!(again.texts("details[open]").len(), 1, "only the form that was begun is open");
    assert!(again.texts(section).concat().contains("已恢复"));
    let fields = [
        ("act", "pass_county"),
        ("draft_form", "case_act"),
        ("draft_subject", subject.as_str()),
        ("evidence_check", "已核查"),
        ("remark", "同意"),
    ];
    let done = county.post(&format!("{here}/steps"), &fields).await;
    assert!(done.text().contains("已办理"), "{}", done.text());
    assert_eq!(offices.town.texts("SELECT form FROM form_draft").await, [""; 0]);
}

async fn outlives(world: World) {
    let mut offices = offices(world).await;
    let app = offices.town.world.app.clone();
    let mut clerk = Visitor::signed_in(&app, "clerk").await;
    let mut leaver = Visitor::signed_in(&app, "clerk").await;
    clerk.get("/recognitions/new?person=E000001").await;
    leaver.get("/recognitions/new?person=E000002").await;
    let page = leaver.page.clone();
    leaver.post("/sign-out", &[]).await;
    leaver.page = page;
    let form = clerk.page.clone().unwrap().form("/recognitions").unwrap();
    let body = |grounds: &str| {
        let mut fields = form.clone();
        fields.retain(|(name, _)| name != "grounds");
        fields.push(("grounds".to_owned(), grounds.to_owned()));
        serde_urlencoded::to_string(&fields).unwrap().into_bytes()
    };

    // An hour without a request ends the session; the form is not sent, its text is kept.
    offices.town.at("2026-06-01T10:30:00+08:00");
    let app = offices.town.world.app.clone();
    let mut clerk = clerk.at_time_of(&app);
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let origin = format!("http://{HOST}");
    let from = ("origin", origin.as_str());
    let json = ("accept", "application/json");
    let auto =
        clerk.send(Method::POST, "/drafts", Some(body("自动保存")), &[kind, from, json]).await;
    assert_eq!(auto.status, 401);
    assert!(auto.body().contains("已填内容存为草稿"), "{}", auto.body());
    let late = clerk.send(Method::POST, "/recognitions", Some(body(GROUNDS)), &[kind, from]).await;
    let expected = "/sign-in?next=%2Frecognitions%2Fnew%3Fperson%3DE000001";
    assert_eq!(late.location(), Some(expected));
    assert_eq!(offices.town.texts("SELECT case_no FROM case_file").await, [""; 0], "nothing sent");
    let mut forged = body(GROUNDS);
    forged.extend_from_slice(b"&x=");
    let text = String::from_utf8(forged).unwrap().replace("csrf_token=", "csrf_token=0");
    let forged = text.into_bytes();
    let refused = clerk.send(Method::POST, "/drafts", Some(forged), &[kind, from]).await;
    assert_eq!(refused.location(), Some("/sign-in"), "without its token it saves nothing");
    let mut leaver = leaver.at_time_of(&app);
    let typed = [("draft_form", "recognition"), ("draft_subject", "E000002"), ("grounds", "x")];
    leaver.post("/drafts", &typed).await;
    assert_eq!(
        offices.town.texts("SELECT subject FROM form_draft").await,
        ["E000001"],
        "a session that was signed out of saves nothing"
    );

    let mut back = Visitor::signed_in(&app, "clerk").await;
    let form = back.get("/recognitions/new?person=E000001").await;
    assert_eq!(form.texts("textarea[name=grounds]"), [GROUNDS]);
    assert!(form.text().contains("已恢复 2026-06-01 10:30 保存的草稿"), "{}", form.text());
}

async fn long_forms(world: World) {
    let offices = offices(world).await;
    let app = offices.town.world.app.clone();
    let stored = "SELECT form FROM form_draft ORDER BY form";
    for (login, page, form, field, element) in [
        ("clerk", "/visits/new", "visit_plan", "purpose", "input"),
        ("hr", "/agreements/new", "agreement", "terms", "textarea"),
        ("hr", "/experts/new", "expert", "field", "input"),
        ("clerk", "/annual-reports", "year_report", "statement", "textarea"),
        ("head", "/pilots", "standard", "content", "textarea"),
    ] {
        let mut who = Visitor::signed_in(&app, login).await;
        let seen = who.get(page).await;
        let forms = seen.attributes("form[data-draft] input[name=draft_form]", "value");
        assert_eq!(forms, [form], "{page}");
        let typed = [("draft_form", form), ("draft_subject", ""), (field, "写了一半的内容")];
        let saved = who.post("/drafts", &typed).await;
        assert_eq!(who.at, page, "back to the form");
        assert!(saved.text().contains("草稿已保存于"), "{page}: {}", saved.text());
        let again = who.get(page).await;
        let shown = match element {
            "textarea" => again.texts(&format!("textarea[name={field}]")),
            _ => again.attributes(&format!("input[name={field}]"), "value"),
        };
        assert_eq!(shown, ["写了一半的内容"], "{page}");
        assert!(again.text().contains("已恢复"), "{page}");
    }
    let all = ["agreement", "expert", "standard", "visit_plan", "year_report"];
    assert_eq!(offices.town.texts(stored).await, all);

    // The number of a passport is not kept, whatever it looks like.
    let mut clerk = Visitor::signed_in(&app, "clerk").await;
    clerk.get("/visits/new").await;
    let typed = [("draft_form", "visit_plan"), ("draft_subject", ""), ("passport", "E12345678")];
    let secret = clerk.post("/drafts", &typed).await;
    assert!(secret.text().contains("没有存入草稿"), "{}", secret.text());
    // Sent, it is gone.
    let mut head = Visitor::signed_in(&app, "head").await;
    head.get("/pilots").await;
    let content = "C类：主持完成省级以上人工智能项目一项，或者同等业绩。";
    let whole = [("title", "认定标准"), ("standard_no", "Q/MJ 002"), ("content", content)];
    let filed = head.post("/pilots/standards", &whole).await;
    assert!(filed.text().contains("认定标准已备案"), "{}", filed.text());
    assert!(!offices.town.texts(stored).await.contains(&"standard".to_owned()));
}
