//! Importing through the pages.

use axum::http::StatusCode;
use juncai::domain::registry::RosterEntry;
use juncai::file::form::ImportKind;

use super::ground::*;
use crate::browser_like::Visitor;
use crate::on_both;
use crate::world::World;

on_both! {
    a_clerk_uploads_looks_confirms_and_withdraws => clerk_at_work;
    a_file_that_cannot_be_read_comes_back_with_the_form => mistyped;
    the_province_uploads_what_is_its_own_and_only_looks_at_the_rest => province;
}

const FAULTY: &str = "核心工程师申报-含错误.xlsx";

async fn clerk_at_work(world: World) {
    two_enterprises(&world).await;
    let mut clerk = Visitor::signed_in(&world.app, E1).await;
    let form = clerk.get("/imports/new").await;
    assert_eq!(form.texts("fieldset label"), ["核心工程师申报"], "the only form for enterprises");
    let template = clerk.peek("/imports/templates/engineers.xlsx").await;
    assert_eq!((template.status, &template.bytes[..2]), (StatusCode::OK, &b"PK"[..]));
    assert_eq!(clerk.peek("/imports/templates/evidence.csv").await.status, StatusCode::NOT_FOUND);

    let kind = [("kind", "engineers")];
    let seen = clerk.post_file("/imports", &kind, ("file", FAULTY, &sample(FAULTY))).await;

    assert_eq!(seen.status, StatusCode::OK);
    assert_eq!(seen.texts(".counters dd"), ["13", "11", "0", "0"]);
    let text = seen.text();
    assert!(text.contains("已检查，有 11 行需要更正") && text.contains("校验码错误"), "{text}");
    assert!(!text.contains("350502199501115191"), "numbers are masked");
    assert_eq!(persons(&world).await, 0);
    let at = clerk.at.clone();
    let annotated = clerk.peek(&format!("{at}/annotated.xlsx")).await;
    assert_eq!((annotated.status, &annotated.bytes[..2]), (StatusCode::OK, &b"PK"[..]));

    let confirm = format!("{at}/confirmation");
    let filled = clerk.page.clone();
    let seen = clerk.post(&confirm, &[]).await;
    assert!(seen.text().contains("已导入 13 行（其中 0 行登记中已有），写入 78 条记录"));
    assert_eq!(persons(&world).await, 13);
    clerk.page = filled;
    let twice = clerk.post(&confirm, &[]).await;
    assert!(twice.text().contains("没有重复写入"), "{}", twice.text());
    assert_eq!(live::<RosterEntry>(&world).await.len(), 13);

    let withdrawal = format!("{at}/withdrawal");
    let refused = clerk.post(&withdrawal, &[("reason", "")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("请写明撤销原因"));
    let seen = clerk.post(&withdrawal, &[("reason", "交错了表")]).await;
    assert!(seen.text().contains("78 条记录不再有效"), "{}", seen.text());
    assert_eq!(live::<RosterEntry>(&world).await.len(), 0);
    let list = clerk.get("/imports").await;
    assert_eq!(list.texts("tbody .tag"), ["已撤销"]);
}

async fn mistyped(world: World) {
    two_enterprises(&world).await;
    let mut clerk = Visitor::signed_in(&world.app, E1).await;
    clerk.get("/imports/new").await;
    let kind = [("kind", "engineers")];

    let seen = clerk.post_file("/imports", &kind, ("file", "旧.xlsx", b"PK\x03\x04...")).await;

    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.text().contains("文件已损坏或不完整"), "{}", seen.text());
    let chosen = seen.form("/imports").expect("the same form");
    assert!(chosen.contains(&("kind".to_owned(), "engineers".to_owned())), "{chosen:?}");
    let seen = clerk.post_file("/imports", &[("kind", "")], ("file", "", b"")).await;
    assert!(seen.text().contains("请选择导入什么") && seen.text().contains("请选择要上传的文件"));

    let empty = csv(ImportKind::Engineers, &[&engineer("张三", "1", "2024-03-01", "2026-01-01")]);
    let seen = clerk.post_file("/imports", &kind, ("file", "全错.csv", &empty)).await;
    let at = clerk.at.clone();
    assert!(seen.form(&format!("{at}/confirmation")).is_none(), "there is nothing to confirm");
    clerk.post(&format!("{at}/discard"), &[]).await;
    assert_eq!(clerk.page.expect("the list").texts("tbody .tag"), ["作废"]);
}

async fn province(world: World) {
    let (_, clerk, _) = two_enterprises(&world).await;
    let row = engineer("张三", "350102199003079981", "2024-03-01", "2026-01-01");
    let found = look(&world, &clerk, ImportKind::Engineers, &[&row]).await.unwrap();
    let mut hr = Visitor::signed_in(&world.app, "hr").await;
    let form = hr.get("/imports/new").await;
    assert_eq!(form.texts("fieldset label"), ["骨干企业清单", "社保个税月份", "其他奖补"]);

    let at = format!("/imports/{}", found.import_no);
    let seen = hr.get(&at).await;

    assert!(seen.text().contains("甲公司"));
    assert!(seen.form(&format!("{at}/confirmation")).is_none());
    assert_eq!(hr.peek(&format!("{at}/annotated.xlsx")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(hr.get("/imports/IM999999").await.status, StatusCode::NOT_FOUND);
    let mut other = Visitor::signed_in(&world.app, E2).await;
    assert_eq!(other.get(&at).await.status, StatusCode::NOT_FOUND);
}
