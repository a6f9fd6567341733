//! A notice that says something wrong: it starts again with another text, or loses a line.

use axum::http::StatusCode;
use juncai::domain::registry::TalentClass;
use juncai::service::case;
use juncai::service::notice::{self, Correction, NewObjectionText};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::recognitions::{Offices, offices, told};
use crate::world::World;

on_both! {
    a_corrected_notice_runs_again_and_shows_what_it_said_before => corrected;
    a_line_is_taken_out_and_its_file_goes_back => taken_out;
}

/// Two files in one notice of 9 June.
async fn two_lines(world: World) -> (Offices, String, [String; 2]) {
    let mut offices = offices(world).await;
    let one = offices.through_own_notice(1, TalentClass::C).await;
    let other = offices.through_own_notice(2, TalentClass::B).await;
    offices.through_checks(&one).await;
    offices.through_checks(&other).await;
    let notice = offices.publish(&[&one, &other]).await;
    (offices, notice, [one, other])
}

async fn corrected(world: World) {
    let (mut offices, notice_no, [one, _]) = two_lines(world).await;
    offices.town.at("2026-06-11T09:00:00+08:00");
    let app = offices.town.world.app.clone();
    let mut officer = Visitor::signed_in(&app, "hr").await;
    officer.get("/notices").await;
    let blank = [("no", notice_no.as_str()), ("title", "更正后的标题")];
    let blank = officer.post("/notices/restarts", &blank).await;
    assert_eq!(blank.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(blank.attributes("input[name=title]", "value"), ["更正后的标题"], "kept as typed");
    let given = [
        ("no", notice_no.as_str()),
        ("reason", "标题写错年份"),
        ("title", "2026年自主认定公示"),
        ("contact", "0591-11111111"),
    ];
    let done = officer.post("/notices/restarts", &given).await;
    assert!(done.text().contains("已重新起算"), "{}", done.text());
    offices.town.at("2026-06-12T09:00:00+08:00");
    let again = Correction { reason: "网页中断".to_owned(), ..Correction::default() };
    notice::restart(&offices.town.world.app, &offices.town.hr, &notice_no, &again).await.unwrap();

    let mut public = Visitor::new(&offices.town.world.app);
    assert!(public.get("/public/notices").await.text().contains("2026年自主认定公示"));
    let page = public.get(&format!("/public/notices/{notice_no}")).await;
    assert_eq!(page.texts("h1"), ["2026年自主认定公示"]);
    for shown in [
        "2026-06-12 至 2026-06-22",
        "曾重新起算：2026-06-09 至 2026-06-16：标题写错年份",
        "2026-06-11 更正前的内容：标题“自主认定公示”；依据“闽人社文〔2026〕12号”；受理异议“0591-00000000”",
        "依据闽人社文〔2026〕12号",
    ] {
        assert!(page.text().contains(shown), "{shown}: {}", page.text());
    }
    assert_eq!(page.text().matches("更正前的内容").count(), 1, "a restart alone changes no text");
    offices.town.at("2026-06-22T09:00:00+08:00");
    let early = told(offices.act(&offices.approver, &one, "recognise").await);
    assert!(early.contains("2026-06-22"), "{early}");
    let stored = "SELECT title FROM public_notice";
    assert_eq!(
        offices.town.texts(stored).await,
        ["自主认定公示"],
        "the first text stays on record"
    );
    assert!(offices.town.try_sql("UPDATE public_notice_text SET title = '无'").await.is_err());
}

async fn taken_out(world: World) {
    let (mut offices, notice_no, [one, other]) = two_lines(world).await;
    offices.town.at("2026-06-11T09:00:00+08:00");
    let app = offices.town.world.app.clone();
    assert!(offices.act(&offices.approver, &one, "unpublish").await.is_err(), "who published does");
    let mut officer = Visitor::signed_in(&app, "hr").await;
    let file = officer.get(&format!("/cases/{one}")).await;
    assert!(file.text().contains("撤出公示"), "{}", file.text());
    let steps = case::case_view(&app, &offices.town.hr, &one).await.unwrap().steps_seen.to_string();
    let sent = [("act", "unpublish"), ("seen_steps", steps.as_str()), ("ground", "姓名录入有误")];
    let done = officer.post(&format!("/cases/{one}/steps"), &sent).await;
    assert!(done.text().contains("省级审核中"), "{}", done.text());

    let mut public = Visitor::new(&app);
    let page = public.get(&format!("/public/notices/{notice_no}")).await;
    assert!(page.text().contains("该项已于 2026-06-11 撤出公示"), "{}", page.text());
    assert!(!page.text().contains("姓名录入有误"), "the reason stays inside");
    let text = |seq: &str| NewObjectionText {
        seq: seq.to_owned(),
        name: "王某某".to_owned(),
        contact: "13800000000".to_owned(),
        content: "该同志的项目由他人主持完成，附立项书编号，请予核查。".to_owned(),
    };
    let out = notice::object(&app, &notice_no, &text("1")).await.unwrap_err();
    assert!(format!("{out:?}").contains("已撤出公示"), "{out:?}");
    let view = case::case_view(&app, &offices.town.hr, &one).await.unwrap();
    assert!(view.facts.iter().all(|fact| fact.name != "公示"), "it is in no notice");

    // The other line is decided as announced; this one after a notice of its own.
    offices.town.at("2026-06-17T09:00:00+08:00");
    assert_eq!(offices.act(&offices.approver, &other, "recognise").await.unwrap(), "已认定");
    let gone = told(offices.act(&offices.approver, &one, "recognise").await);
    assert!(gone.contains("省级审核中"), "{gone}");
    let second = offices.publish(&[&one]).await;
    assert_ne!(second, notice_no);
    let early = told(offices.act(&offices.approver, &one, "recognise").await);
    assert!(early.contains("公示到"), "{early}");
    notice::object(&offices.town.world.app, &second, &text("1")).await.unwrap();
    assert!(offices.town.try_sql("DELETE FROM public_notice_withdrawal").await.is_err());
}
