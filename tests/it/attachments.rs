//! Files that prove something: what is refused, who sees them, and that they come back as they
//! were or not at all.

use std::io::Write;

use axum::http::{StatusCode, header};
use juncai::domain::authority::Role;
use juncai::service::backup;
use juncai::vault::Vault;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::browser_like::{Seen, Visitor};
use crate::on_both;
use crate::town::Town;
use crate::world::World;

const HERE: &str = "/engineers/E000001";
const ADD: &str = "/engineers/E000001/attachments";
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n%%EOF\n";

on_both! {
    a_file_comes_back_as_it_was_to_those_who_may_see_it => comes_back;
    hostile_files_are_refused_with_a_reason => refuses;
    a_file_changed_on_disk_is_not_handed_over => damaged;
    a_withdrawn_file_stays_on_record_and_room_is_limited => withdraws;
    a_backup_holds_the_files_and_a_restore_proves_them => backed_up;
}

/// Person 1, first at enterprise 1, now at enterprise 2; a clerk of each.
async fn town(world: World) -> (Town, Visitor, Visitor) {
    let town = Town::new(world).await;
    town.person(1).await;
    town.engineer(1, 1, "2025-12-01", Some("2026-03-31")).await;
    town.engineer(1, 2, "2026-04-01", None).await;
    let app = &town.world.app;
    let one = Visitor::of_enterprise(app, "one", Role::EnterpriseClerk, 1).await;
    let two = Visitor::of_enterprise(app, "two", Role::EnterpriseClerk, 2).await;
    (town, one, two)
}

async fn bring(visitor: &mut Visitor, name: &str, bytes: &[u8]) -> Seen {
    visitor.get(HERE).await;
    visitor.post_file(ADD, &[("note", "劳动合同")], ("file", name, bytes)).await
}

fn links(seen: &Seen) -> Vec<String> {
    seen.links().into_iter().filter(|to| to.starts_with(&format!("{ADD}/"))).collect()
}

fn errors(seen: &Seen) -> String {
    seen.texts("[data-errors] li").concat()
}

fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn docx(more: &[(&str, &[u8])]) -> Vec<u8> {
    let types = b"<Types><Override PartName='/word/document.xml' ContentType='application/vnd.\
        openxmlformats-officedocument.wordprocessingml.document.main+xml'/></Types>";
    let mut parts: Vec<(&str, &[u8])> =
        vec![("[Content_Types].xml", types), ("word/document.xml", b"<w:document/>")];
    parts.extend(more);
    package(&parts)
}

async fn comes_back(world: World) {
    let (town, mut one, mut two) = town(world).await;
    let app = &town.world.app;
    let text = docx(&[]);

    let added = bring(&mut one, "..\\..\\合同.PDF", PDF).await;
    assert!(added.text().contains(&juncai::file::hash::sha256_hex(PDF)), "{}", added.text());
    assert_eq!(links(&bring(&mut one, "证明.docx", &text).await).len(), 2);

    // Given two files of enterprise 1, when it asks for them, then they are what was brought.
    let pages = one.get(HERE).await;
    let at = links(&pages);
    let (docx_at, pdf_at) = (&at[0], &at[1]);
    let pdf = one.peek(pdf_at).await;
    assert_eq!((pdf.status, pdf.bytes.as_slice()), (StatusCode::OK, PDF));
    let said = |name: &str| pdf.headers[name].to_str().unwrap().to_owned();
    let name = header::CONTENT_DISPOSITION.as_str();
    assert!(said(name).starts_with("attachment;") && said(name).contains("%E5%90%88%E5%90%8C.PDF"));
    assert!(!said(name).contains(".."));
    assert_eq!(said("x-content-type-options"), "nosniff");
    assert_eq!(said("content-security-policy"), "sandbox");
    assert_eq!(one.peek(docx_at).await.bytes, text);

    // Then offices in scope see them; the other enterprise and other counties do not.
    let mut county = Visitor::with_role(app, "county", Role::HrCounty, "350102").await;
    assert_eq!(county.peek(pdf_at).await.bytes, PDF);
    let theirs = two.get(HERE).await;
    assert!(links(&theirs).is_empty() && !theirs.text().contains("证明.docx"));
    assert_eq!(two.peek(pdf_at).await.status, StatusCode::NOT_FOUND);
    let mut far = Visitor::with_role(app, "far", Role::HrCounty, "350504").await;
    assert_eq!(far.peek(pdf_at).await.status, StatusCode::NOT_FOUND);
    assert!(Visitor::new(app).peek(pdf_at).await.location().is_some());
    // Nothing on disk can be read, and no name says whose it is.
    for entry in std::fs::read_dir(town.world.folder.path().join("files")).unwrap() {
        let path = entry.unwrap().path();
        assert!(!std::fs::read(&path).unwrap().starts_with(b"%PDF"));
        assert!(path.extension().is_none());
    }
    let mut auditor = Visitor::with_role(app, "auditor", Role::Auditor, "350000").await;
    let log = auditor.get("/audit").await.text();
    assert!(log.contains("上传附件") && log.contains("下载附件"), "{log}");
}

async fn refuses(world: World) {
    let (_town, mut one, _) = town(world).await;
    let zeros = vec![0; 101 << 20];
    let mut polyglot = PDF.to_vec();
    polyglot.extend(b"<html><script>alert(1)</script>".repeat(10));
    let mut both = b"<html>".to_vec();
    both.extend(PDF);
    let mut prefixed = b"PK\x03\x04".to_vec();
    prefixed.extend(docx(&[]));
    let macros = b"<Types ContentType='application/vnd.ms-excel.sheet.macroEnabled.main+xml'/>";
    let hostile: [(&str, Vec<u8>, &str); 12] = [
        ("合同.pdf", b"MZ\x90\0\x03".to_vec(), "不是其中任何一种"),
        ("合同.pdf", both, "不是其中任何一种"),
        ("合同.pdf", polyglot, "不完整"),
        ("合同.pdf", b"%PDF-1.7 /Launch %%EOF".to_vec(), "脚本"),
        ("合同.exe", PDF.to_vec(), "后缀与内容不符"),
        ("合同.docx", docx(&[("word/media/a.txt", &zeros)]), "解压后过大"),
        ("合同.docx", docx(&[("word/vbaProject.bin", b"x")]), "宏"),
        (
            "表.xlsx",
            package(&[("[Content_Types].xml", macros), ("xl/workbook.xml", b"<x/>")]),
            "宏",
        ),
        ("合同.docx", docx(&[("../../etc/cron.d/x", b"x")]), "不完整"),
        ("合同.docx", prefixed, "不完整"),
        ("压缩.docx", package(&[("a.txt", b"x")]), "不是其中任何一种"),
        ("空.pdf", Vec::new(), "空文件"),
    ];
    for (name, bytes, why) in hostile {
        let seen = bring(&mut one, name, &bytes).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {why}");
        assert!(errors(&seen).contains(why), "{name}: {}", errors(&seen));
    }
    let large = [PDF, &vec![b' '; 10 << 20]].concat();
    assert!(errors(&bring(&mut one, "大.pdf", &large).await).contains("超过 10 MB"));
    assert!(links(&one.get(HERE).await).is_empty(), "nothing was kept");
}

async fn damaged(world: World) {
    let (town, mut one, _) = town(world).await;
    let at = links(&bring(&mut one, "合同.pdf", PDF).await).concat();
    let folder = town.world.folder.path().join("files");
    let path = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).unwrap();

    let seen = one.peek(&at).await;

    assert_eq!(seen.status, StatusCode::CONFLICT);
    assert!(seen.text().contains("校验值不符") && !seen.body().contains("%PDF"), "{}", seen.text());
    std::fs::remove_file(&path).unwrap();
    assert_eq!(one.peek(&at).await.status, StatusCode::CONFLICT, "missing is no better");
    let app = &town.world.app;
    let mut auditor = Visitor::with_role(app, "auditor", Role::Auditor, "350000").await;
    assert!(auditor.get("/audit").await.text().contains("附件校验不符"));
}

async fn withdraws(mut world: World) {
    world.app.files.organisation_quota = 200;
    let (town, mut one, mut two) = town(world).await;
    let at = links(&bring(&mut one, "合同.pdf", PDF).await).concat();
    assert!(errors(&bring(&mut one, "再次.pdf", PDF).await).contains("已经上传"), "once only");
    let action = format!("{at}/withdrawal");

    one.get(HERE).await;
    assert!(errors(&one.post(&action, &[("reason", "")]).await).contains("撤回原因"));
    two.get(HERE).await;
    let foreign = two.post(&action, &[("reason", "不是我的")]).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    let done = one.post(&action, &[("reason", "传错文件")]).await;
    assert!(done.text().contains("传错文件") && links(&done).is_empty(), "{}", done.text());
    assert_eq!(one.peek(&at).await.status, StatusCode::NOT_FOUND);
    let mut county = Visitor::with_role(&town.world.app, "county", Role::HrCounty, "350102").await;
    assert_eq!(county.peek(&at).await.bytes, PDF, "offices may have relied on it");

    // A withdrawn file takes no room; what is kept may not pass the quota.
    let long = [&PDF[..9], &[b' '; 120][..], &PDF[9..]].concat();
    assert_eq!(links(&bring(&mut one, "长.pdf", &long).await).len(), 1);
    let full = bring(&mut one, "更多.pdf", PDF).await;
    assert!(errors(&full).is_empty(), "{}", errors(&full));
    let again = [&PDF[..9], b" ", &PDF[9..]].concat();
    let full = bring(&mut one, "太多.pdf", &again).await;
    assert!(errors(&full).contains("空间已用完"), "{}", full.text());
}

async fn backed_up(world: World) {
    let (town, mut one, _) = town(world).await;
    bring(&mut one, "合同.pdf", PDF).await;
    let world = &town.world;
    let folder = tempfile::tempdir().unwrap();

    let made = backup::backup(&world.app, &world.url, folder.path()).await.unwrap();

    assert_eq!((made.files.len(), made.missing.len()), (1, 0));
    if world.app.db.is_postgres() {
        return; // The database's own way is proven with the other tables.
    }
    let vault = Vault::new(&[42; 32]);
    let target = format!("sqlite://{}", world.folder.path().join("again.db").display());
    let files = juncai::depot::Depot::folder(&world.folder.path().join("again")).unwrap();
    backup::restore(&target, &vault, &files, folder.path()).await.unwrap();
    let name = made.files.keys().next().unwrap();
    assert!(files.get(name).await.unwrap().is_some());
    // A changed copy is refused before anything is written.
    std::fs::write(folder.path().join("files").join(name), b"x").unwrap();
    let other = format!("sqlite://{}", world.folder.path().join("third.db").display());
    let refused = backup::restore(&other, &vault, &files, folder.path()).await;
    assert!(matches!(refused, Err(backup::BackupError::Refused(_))), "{refused:?}");
    assert!(!world.folder.path().join("third.db").exists());
}
