//! Long lists: asked for with a purpose, written beside the requests, told of, fetched by whoever
//! asked and nobody else, for a limited time.

use std::io::{Cursor, Read};
use std::ops::ControlFlow;

use axum::http::{Method, StatusCode, header};
use calamine::{Data, Reader, Xlsx};
use juncai::domain::authority::Role;
use juncai::domain::export::{ExportList, ExportState};
use juncai::file::hash::sha256_hex;
use juncai::file::reader::{Limits, read_table};
use juncai::service::export::{
    ExportLine, Taken, Wanted, Writing, ask, exports, forget_old, take, work,
};
use juncai::service::{Actor, Error, notification};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::town::{Town, actor};
use crate::world::World;

on_both! {
    a_long_list_is_written_beside_the_requests_and_fetched_in_parts => journey;
    a_browser_fetches_parts_and_is_told_what_lies_beyond_the_end => parts;
    a_file_is_its_owners_while_the_list_is_and_for_a_day => owners;
    an_interrupted_export_is_begun_again_and_given_up_after_three => interrupted;
    what_cannot_be_exported_is_refused_with_a_reason => refused;
    a_template_keeps_list_filter_and_columns_for_its_owner => template;
}

/// 6,000 files of an enterprise in Fuzhou.
async fn many_files(town: &Town) {
    town.sql(&format!(
        "INSERT INTO case_file (case_no, kind, enterprise_id, about, state, steps, since, opened_by, \
         opened_at) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000) \
         SELECT 'MC2026-' || i, 'roster_entry', 1, '工程师' || i, 'active', 0, '2026-01-05', {}, \
         (SELECT created_at FROM enterprise WHERE id = 1) FROM n",
        town.hr.account_id
    ))
    .await;
}

fn all_cases() -> Wanted {
    Wanted::new(ExportList::Cases, vec![("show".to_owned(), "all".to_owned())])
}

async fn only(town: &Town, actor: &Actor) -> ExportLine {
    let (total, mut lines) = exports(&town.world.app, actor, 0).await.unwrap();
    assert_eq!(total, 1);
    lines.remove(0)
}

async fn bytes(mut taken: Taken) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(piece) = taken.next().await.unwrap() {
        all.extend(piece);
    }
    all
}

async fn journey(world: World) {
    let town = Town::new(world).await;
    many_files(&town).await;
    let app = &town.world.app;
    let mut hr = Visitor::signed_in(app, "hr").await;
    let form = hr.get("/cases.xlsx?show=all&kind=roster_entry").await;
    assert!(hr.at.starts_with("/exports/new?list=cases"), "too long for an answer: {}", hr.at);
    assert!(form.text().contains("6,000"), "{}", form.text());
    let wanted = "list=cases&show=all&kind=roster_entry";
    let blank = hr.post("/exports", &[("wanted", wanted), ("purpose", "")]).await;
    assert!(blank.text().contains("请写明用途"), "{}", blank.text());
    let asked = hr.post("/exports", &[("wanted", wanted), ("purpose", "核对在册名单")]).await;
    assert!(asked.text().contains("排队中"), "{}", asked.text());
    assert!(hr.get("/exports/DC000001/file").await.text().contains("还没有生成"));

    assert_eq!(work(app).await.unwrap(), 1);
    assert_eq!(work(app).await.unwrap(), 0, "once");
    let list = hr.get("/exports").await;
    for said in ["范围内全部办件；名册登记", "核对在册名单", "6,000", "可下载"]
    {
        assert!(list.text().contains(said), "{said}: {}", list.text());
    }
    let told = hr.get("/notifications").await;
    assert!(told.text().contains("DC000001 办件：共 6000 行"), "{}", told.text());

    let line = only(&town, &town.hr).await;
    let whole = hr.get("/exports/DC000001/file").await;
    assert_eq!(sha256_hex(&whole.bytes), line.sha256);
    assert_eq!(whole.headers[header::ACCEPT_RANGES], "bytes");
    let length = whole.bytes.len();
    assert_eq!(whole.headers[header::CONTENT_LENGTH], length.to_string());
    assert!(length > 128 << 10, "the parts below lie in more than one sealed piece: {length}");
    let mut skip = |_| ControlFlow::Continue(());
    let read = read_table(&whole.bytes, "x.xlsx", &Limits::default(), &mut skip).unwrap();
    assert_eq!(read.data_rows, 6_000);
    // A broken download goes on where it stopped.
    for (range, from, through) in [
        ("bytes=0-99".to_owned(), 0, 99),
        ("bytes=131000-131100".to_owned(), 131_000, 131_100),
        (format!("bytes={}-", length - 10), length - 10, length - 1),
    ] {
        let part = take(app, &town.hr, "DC000001", Some(&range)).await.unwrap();
        assert_eq!(bytes(part).await, whole.bytes[from..=through], "{range}");
    }
    let beyond = take(app, &town.hr, "DC000001", Some("bytes=99999999-")).await;
    assert!(matches!(beyond, Err(Error::Invalid(_))));
    let logged = "SELECT COUNT(*) || '' FROM audit_event WHERE action = 'export.downloaded'";
    assert_eq!(town.texts(logged).await, ["4"], "every download");
    let logged = "SELECT detail FROM audit_event WHERE action = 'export.asked'";
    assert!(town.texts(logged).await[0].contains("核对在册名单"));
}

async fn parts(world: World) {
    let town = Town::new(world).await;
    many_files(&town).await;
    let app = &town.world.app;
    ask(app, &town.hr, &all_cases(), "核对在册名单").await.unwrap();
    assert_eq!(work(app).await.unwrap(), 1);
    let mut hr = Visitor::signed_in(app, "hr").await;
    let path = "/exports/DC000001/file";
    let whole = hr.peek(path).await;
    assert_eq!(whole.status, StatusCode::OK);
    let (length, tag) = (whole.bytes.len(), whole.headers[header::ETAG].clone());
    let tag = tag.to_str().unwrap();
    let last = length - 1;
    for (range, from, through) in [
        ("bytes=0-99".to_owned(), 0, 99),
        ("bytes=131000-131100".to_owned(), 131_000, 131_100),
        (format!("bytes={}-", length - 10), length - 10, last),
        ("bytes=-7".to_owned(), length - 7, last),
        (format!("bytes=5-{}", length * 2), 5, last),
    ] {
        let headers = [("range", range.as_str()), ("if-range", tag)];
        let part = hr.send(Method::GET, path, None, &headers).await;
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT, "{range}");
        let said = format!("bytes {from}-{through}/{length}");
        assert_eq!(part.headers[header::CONTENT_RANGE], said, "{range}");
        assert_eq!(part.headers[header::CONTENT_LENGTH], (through + 1 - from).to_string());
        assert!(part.bytes == whole.bytes[from..=through], "{range}: other bytes");
    }
    let beyond = format!("bytes={length}-");
    let beyond = hr.send(Method::GET, path, None, &[("range", &beyond)]).await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.headers[header::CONTENT_RANGE], format!("bytes */{length}"));
    // A part of another file than the one that was begun would be no part of anything.
    let stale = [("range", "bytes=0-99"), ("if-range", "\"DC000002\"")];
    let stale = hr.send(Method::GET, path, None, &stale).await;
    assert_eq!((stale.status, stale.bytes.len()), (StatusCode::OK, length));
}

async fn owners(world: World) {
    let mut town = Town::new(world).await;
    many_files(&town).await;
    let city = actor(&town.world, "fz", "hr_city", "350100", None).await;
    let other = actor(&town.world, "xm", "hr_city", "350200", None).await;
    ask(&town.world.app, &city, &all_cases(), "核对在册名单").await.unwrap();
    assert_eq!(work(&town.world.app).await.unwrap(), 1);
    let foreign = take(&town.world.app, &other, "DC000001", None).await;
    assert!(matches!(foreign, Err(Error::NotFound(_))), "{foreign:?}");
    let province = take(&town.world.app, &town.hr, "DC000001", None).await;
    assert!(matches!(province, Err(Error::NotFound(_))), "not even above: {province:?}");
    let moved = Actor { role: Role::HrCity, scope: other.scope.clone(), ..city.clone() };
    let moved = take(&town.world.app, &moved, "DC000001", None).await;
    assert!(matches!(&moved, Err(Error::Refused(text)) if text.contains("已变更")), "{moved:?}");
    take(&town.world.app, &city, "DC000001", None).await.unwrap();

    town.at("2026-01-06T08:59:00+08:00");
    assert_eq!(forget_old(&town.world.app).await.unwrap(), 0);
    town.at("2026-01-06T09:00:00+08:00");
    let over = take(&town.world.app, &city, "DC000001", None).await;
    assert!(matches!(&over, Err(Error::Refused(text)) if text.contains("保留期")), "{over:?}");
    let name = town.texts("SELECT store_name FROM export_job").await.remove(0);
    assert!(town.world.app.files.get(&name).await.unwrap().is_some());
    assert_eq!(forget_old(&town.world.app).await.unwrap(), 1);
    assert_eq!(town.world.app.files.get(&name).await.unwrap(), None, "the file is gone");
    assert_eq!(only(&town, &city).await.state, ExportState::Expired);
}

async fn interrupted(world: World) {
    let mut town = Town::new(world).await;
    many_files(&town).await;
    let hr = town.hr.clone();
    ask(&town.world.app, &hr, &all_cases(), "核对在册名单").await.unwrap();
    let stopped = Writing::claim(&town.world.app).await.unwrap().expect("one to write");
    assert_eq!(only(&town, &hr).await.state, ExportState::Running);
    assert_eq!(work(&town.world.app).await.unwrap(), 0, "it is in somebody's hands");
    town.at("2026-01-05T09:01:01+08:00");
    assert_eq!(work(&town.world.app).await.unwrap(), 1, "its lease is over");
    assert!(stopped.write().await.is_err(), "the first one comes too late");
    let line = only(&town, &hr).await;
    assert_eq!((line.state, line.rows), (ExportState::Ready, (6_000, 6_000)));
    take(&town.world.app, &hr, &line.no, None).await.unwrap();

    ask(&town.world.app, &hr, &all_cases(), "再次核对名单").await.unwrap();
    for minute in ["09:10", "09:20", "09:30"] {
        town.at(&format!("2026-01-05T{minute}:00+08:00"));
        Writing::claim(&town.world.app).await.unwrap().expect("stopped each time");
    }
    town.at("2026-01-05T09:40:00+08:00");
    assert_eq!(work(&town.world.app).await.unwrap(), 0);
    let (_, lines) = exports(&town.world.app, &hr, 0).await.unwrap();
    assert_eq!(lines[0].state, ExportState::Failed);
    assert!(lines[0].message.contains("多次中断"), "{}", lines[0].message);
    let (_, told) = notification::messages(&town.world.app, &hr, true, 0).await.unwrap();
    assert_eq!(told[0].told.kind, "export_failed");
}

async fn refused(world: World) {
    let town = Town::new(world).await;
    let app = &town.world.app;
    let none = ask(app, &town.hr, &all_cases(), "核对在册名单").await;
    assert!(matches!(&none, Err(Error::Refused(text)) if text.contains("没有记录")), "{none:?}");
    many_files(&town).await;
    let money = actor(&town.world, "money", "finance_maker", "350000", None).await;
    let files = ask(app, &money, &all_cases(), "核对在册名单").await;
    assert!(matches!(files, Err(Error::Forbidden(_))), "{files:?}");
    for _ in 0..5 {
        ask(app, &town.hr, &all_cases(), "核对在册名单").await.unwrap();
    }
    let sixth = ask(app, &town.hr, &all_cases(), "核对在册名单").await;
    assert!(matches!(&sixth, Err(Error::Refused(text)) if text.contains("5 个导出")), "{sixth:?}");
}

async fn template(world: World) {
    let town = Town::new(world).await;
    many_files(&town).await;
    let app = &town.world.app;
    let mut hr = Visitor::signed_in(app, "hr").await;
    let form = hr.get("/exports/new?list=cases&show=all").await;
    let ticked = "input[name=column][checked]";
    assert_eq!(form.attributes(ticked, "value").len(), 8, "all at first");
    let wanted = "list=cases&show=all&kind=roster_entry";
    let columns = [("wanted", wanted), ("column", "企业"), ("column", "编号")];
    let named = |name| columns.into_iter().chain([("template_name", name)]).collect::<Vec<_>>();
    let nameless = hr.post("/exports/templates", &named("")).await;
    assert!(nameless.text().contains("请填写模板名称"), "{}", nameless.text());
    let kept = hr.post("/exports/templates", &named("在册企业")).await;
    let said = "范围内全部办件；名册登记；列：企业、编号";
    assert!(kept.text().contains(said), "{}", kept.text());
    hr.post("/exports/templates", &named("在册企业")).await;
    assert_eq!(town.texts("SELECT name FROM export_template").await, ["在册企业"], "replaced");

    let path = hr.get("/exports").await.links().into_iter();
    let path = path.into_iter().find(|link| link.contains("/exports/templates/")).unwrap();
    let used = hr.get(&path).await;
    assert_eq!(used.attributes(ticked, "value"), ["编号", "企业"]);
    let asked = columns.into_iter().chain([("purpose", "核对在册名单")]).collect::<Vec<_>>();
    hr.post("/exports", &asked).await;
    assert_eq!(work(app).await.unwrap(), 1);
    let file = hr.get("/exports/DC000001/file").await.bytes;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(&file)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let heads: Vec<String> = sheet.rows().next().unwrap().iter().map(Data::to_string).collect();
    assert_eq!(heads, ["编号", "企业"], "these alone, in the order of the list");
    assert_eq!(sheet.rows().nth(1).unwrap().len(), 2);
    let foot = sheet_markup(&file);
    for mark in ["用途：核对在册名单", "导出人", "2026-01-05 09:00"] {
        assert!(foot.contains(mark), "{mark}: {foot}");
    }

    let _fuzhou = actor(&town.world, "fz", "hr_city", "350100", None).await;
    let mut other = Visitor::signed_in(app, "fz").await;
    assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.post(&path, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(town.texts("SELECT name FROM export_template").await, ["在册企业"], "not theirs");
    hr.get("/exports").await;
    assert!(hr.post(&path, &[]).await.text().contains("模板已删除"));
    // A list of this year's is next year about that one.
    let wanted = format!("list=engineers&year={}", app.clock.award_year());
    let names = [("wanted", wanted.as_str()), ("column", "姓名"), ("template_name", "姓名")];
    hr.post("/exports/templates", &names).await;
    let kept = town.texts("SELECT criteria FROM export_template").await;
    assert_eq!(kept, [r#"[["column","姓名"]]"#]);
}

/// The markup of the only sheet.
fn sheet_markup(file: &[u8]) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(file)).unwrap();
    let mut markup = String::new();
    zip.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut markup).unwrap();
    markup
}
