//! The heads of the log leave the machine, and whoever reads the log sees when they do not.

use axum::http::StatusCode;
use juncai::app::App;
use juncai::domain::authority::Role;
use juncai::file::heads::check;
use juncai::head_file::HeadFile;
use juncai::service::{audit, heads};
use juncai::store::audit::verify;

use crate::browser_like::Visitor;
use crate::on_both;
use crate::tamper::{office, tell};
use crate::world::World;

on_both! {
    every_seal_is_exported_once_and_read_on_the_pages => exported;
    heads_that_do_not_leave_are_an_alarm => alarming;
}

async fn event(app: &App, office: i64, no: &str) {
    let tx = app.db.begin().await.unwrap();
    tell(&tx, office, no).await;
    tx.commit().await.unwrap();
}

async fn exported(mut world: World) {
    let folder = world.folder.path().join("heads");
    world.app.heads = Some(HeadFile::in_folder(&folder));
    let app = &world.app;
    assert_eq!(heads::export(app).await.unwrap(), 0, "nothing is sealed yet");
    assert!(!folder.exists());
    let office = office(&world, "HR").await;
    // Seals that were missed are caught up with.
    for no in ["I1", "I2"] {
        event(app, office, no).await;
        audit::seal(app).await.unwrap();
    }
    assert_eq!(heads::export(app).await.unwrap(), 2);
    assert_eq!(heads::export(app).await.unwrap(), 0);
    event(app, office, "I3").await;
    audit::seal(app).await.unwrap();
    assert_eq!(heads::export(app).await.unwrap(), 1);
    let text = std::fs::read_to_string(folder.join("heads.jsonl")).unwrap();
    let lines = check(&text, &app.vault.public_key()).unwrap().lines;
    assert_eq!(lines.iter().map(|line| line.events).collect::<Vec<_>>(), [1, 2, 3]);
    let last = &lines[2].hash;

    let mut auditor = Visitor::with_role(app, "auditor", Role::Auditor, "350000").await;
    let log = auditor.get("/audit").await.text();
    assert!(log.contains("第 3 号") && log.contains(last), "{log}");
    assert!(verify(app.db.read()).await.unwrap().breaks.is_empty());
    let page = auditor.get("/audit/verification").await;
    for word in ["全部记录完整", "已导出到第 3 号封存点", "3 个签名的封存值核对", last]
    {
        assert!(page.text().contains(word), "{word} in {}", page.text());
    }
    assert!(page.text().contains(&app.vault.public_key()));
    for href in ["/audit/heads", "/audit/key"] {
        assert!(page.attributes("a", "href").contains(&href.to_owned()), "{href}");
    }
    assert_eq!(auditor.peek("/audit/heads").await.bytes, text.as_bytes());
    let key = String::from_utf8(auditor.peek("/audit/key").await.bytes.to_vec()).unwrap();
    assert_eq!(key.trim(), app.vault.public_key());

    // On paper as well, and for nobody else to take along.
    let mut finance = Visitor::with_role(app, "zhang", Role::FinanceMaker, "350000").await;
    let report = finance.get("/budget/monthly").await.text();
    assert!(report.contains("第 3 号") && report.contains(last), "{report}");
    for path in ["/audit/heads", "/audit/key"] {
        assert_eq!(finance.peek(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

async fn alarming(mut world: World) {
    let office = office(&world, "HR").await;
    event(&world.app, office, "I1").await;
    let mut auditor = Visitor::with_role(&world.app, "auditor", Role::Auditor, "350000").await;
    let off = auditor.get("/audit/verification").await.text();
    assert!(off.contains("没有设置导出文件夹"), "{off}");

    // Given a folder, when two hours pass without a seal in it, then the pages say since when.
    let folder = world.folder.path().join("heads");
    world.app.heads = Some(HeadFile::in_folder(&folder));
    let now = Visitor::signed_in(&world.app, "auditor").await.get("/audit").await.text();
    assert!(!now.contains("已超过两小时"), "{now}");
    world.set_time("2026-01-05T11:00:01+08:00");
    let late = Visitor::signed_in(&world.app, "auditor").await.get("/audit").await.text();
    assert!(late.contains("自 2026-01-05 09:00 起的日志还没有导出封存值"), "{late}");
    audit::seal(&world.app).await.unwrap();
    heads::export(&world.app).await.unwrap();
    let mended = Visitor::signed_in(&world.app, "auditor").await.get("/audit").await.text();
    assert!(!mended.contains("还没有导出"), "{mended}");

    // Given a database that was exchanged, then nothing is added to the file, and it is said.
    let other = World::new(world.backend()).await;
    let foreign = crate::tamper::office(&other, "HR").await;
    event(&other.app, foreign, "J1").await;
    audit::seal(&other.app).await.unwrap();
    let mut exchanged = other.app.clone();
    exchanged.heads = world.app.heads.clone();
    let refused = heads::export(&exchanged).await.unwrap_err().to_string();
    assert!(refused.contains("与数据库不符"), "{refused}");
    let auditor = Visitor::with_role(&exchanged, "auditor", Role::Auditor, "350000");
    let page = auditor.await.get("/audit").await.text();
    assert!(page.contains("封存值没有导出") && page.contains("与数据库不符"), "{page}");

    // A folder that cannot be made.
    let file = world.folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    exchanged.heads = Some(HeadFile::in_folder(&file.join("heads")));
    assert!(heads::export(&exchanged).await.is_err());
    let page = Visitor::signed_in(&exchanged, "auditor").await.get("/audit/verification").await;
    assert!(page.text().contains("封存值没有导出"), "{}", page.text());
    drop(exchanged);
    other.leave().await;
}
