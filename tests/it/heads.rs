//! The heads of the log leave the machine, and whoever reads the log sees when they do not.

use std::fs::OpenOptions;
use std::io::Write;
use std::slice::from_ref;

use axum::http::StatusCode;
use juncai::app::App;
use juncai::domain::authority::Role;
use juncai::domain::chain::{GENESIS, Head, Seal};
use juncai::domain::head_line::HeadLine;
use juncai::file::hash::sha256_hex;
use juncai::file::heads::{check, hash, parse, text};
use juncai::head_file::HeadFile;
use juncai::service::{audit, heads};
use juncai::store::audit::verify;
use juncai::vault::Vault;

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
    let key = String::from_utf8(auditor.peek("/audit/key").await.bytes).unwrap();
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

/// Three lines, and the key that they are checked with.
fn lines() -> (Vec<String>, String) {
    let vault = Vault::new(&[7; 32]);
    let (mut lines, mut known): (Vec<String>, Vec<Head>) = (Vec::new(), Vec::new());
    for seq in 1..=3 {
        let head = |organisation_id, seq| {
            let hash = sha256_hex(&[7]);
            Head { organisation_id, seq, hash, cover: None }
        };
        let heads = vec![head(1, seq * 10), head(2, 5)];
        let at = "2027-01-05T01:00:00Z".parse().unwrap();
        let seal = Seal { prev_hash: GENESIS.to_owned(), seq, at, heads: String::new() };
        let previous = hash(lines.last().map(String::as_str));
        let line = HeadLine::new(&seal, (&known, &heads), previous, |text| vault.sign(text));
        assert_eq!(line.ends.len(), if seq == 1 { 2 } else { 1 }, "what grew");
        assert_eq!(line.events, seq * 10 + 5);
        lines.push(text(&line));
        known = heads;
    }
    (lines, vault.public_key())
}

#[test]
fn lines_hold_only_signed_whole_and_in_their_order() {
    let (lines, key) = lines();
    let all = lines.join("\n");
    assert_eq!(check(&all, &key).map(|found| (found.lines.len(), found.torn)), Ok((3, 0)));
    // The rest of a file whose beginning is kept elsewhere.
    assert!(check(&lines[1..].join("\n"), &key).is_ok());
    // A line that was torn and written again.
    let torn = [lines[0].as_str(), &lines[1][..40], &lines[1], &lines[2]].join("\n");
    assert_eq!(check(&torn, &key).map(|found| found.torn), Ok(1));

    let other = Vault::new(&[8; 32]).public_key();
    assert!(check(&all, &other).unwrap_err().contains("第 1 行"));
    let edited = all.replacen("\"events\":25", "\"events\":24", 1);
    assert!(check(&edited, &key).unwrap_err().contains("第 2 行"));
    let moved = [lines[0].as_str(), &lines[2], &lines[1]].join("\n");
    assert!(check(&moved, &key).unwrap_err().contains("不接前一行"));
    let left_out = [lines[0].as_str(), &lines[2]].join("\n");
    assert!(check(&left_out, &key).unwrap_err().contains("不接前一行"));
    assert!(check("", &key).is_err());
}

#[test]
fn lines_are_added_after_the_last_whole_one_and_by_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let file = HeadFile::in_folder(&folder.path().join("heads"));
    assert!(file.last().unwrap().is_none());
    // Given one line longer than what is read of the end at first, and a short one that was torn.
    let (lines, _) = lines();
    let long = lines[0].replacen("\"hash\":\"", &format!("\"hash\":\"{}", "0".repeat(200_000)), 1);
    let [first, second, third] = [&long, &lines[1], &lines[2]];
    assert!(file.append(None, from_ref(first)).unwrap());
    assert_eq!(file.last().unwrap().unwrap().1.seal, 1);
    let path = folder.path().join("heads").join("heads.jsonl");
    let mut torn = OpenOptions::new().append(true).open(&path).unwrap();
    torn.write_all(&second.as_bytes()[..20]).unwrap();
    assert_eq!(file.last().unwrap().unwrap().0, *first);
    // When lines are added, then nothing that was there is lost, and nobody adds twice.
    assert!(!file.append(None, from_ref(second)).unwrap());
    assert!(file.append(Some(first), &[second.clone(), third.clone()]).unwrap());
    assert!(!file.append(Some(first), from_ref(second)).unwrap());
    assert_eq!(file.last().unwrap().unwrap().0, *third);
    let all = file.read().unwrap();
    let whole: Vec<&str> = all.lines().filter(|line| parse(line).is_some()).collect();
    assert_eq!(whole, [first, second, third]);
}
