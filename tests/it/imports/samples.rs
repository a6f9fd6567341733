//! The sample workbooks, as an office hands them in on the first day.

use juncai::vault::place;
use std::ops::ControlFlow;

use juncai::domain::registry::{
    BankAccount, Code, EnterpriseDivision, Listing, PersonContact, PersonDocument, RosterEntry,
    RosterStatus,
};
use juncai::file::form::ImportKind;
use juncai::file::reader::{Limits, read_table};
use juncai::file::table::Cell;
use juncai::service::Error;
use juncai::service::import::{annotated, discard, list, page, preview};
use juncai::store::registry::enterprises_by_uscc;
use sea_orm::{EntityTrait, PaginatorTrait};

use super::ground::*;
use crate::files::build::{Package, inline};
use crate::on_both;
use crate::world::World;

on_both! {
    the_list_is_saved_only_when_it_is_confirmed_and_only_once => enterprise_list;
    the_declarations_make_persons_who_are_declared_not_confirmed => declarations;
    the_faulty_declaration_yields_the_expected_list_and_an_annotated_file => faulty;
    a_gb18030_text_file_says_the_same_as_the_workbook => gb18030;
    a_hostile_or_foreign_file_is_refused_as_a_whole => hostile;
    a_discarded_upload_is_forgotten => discarded;
}

async fn enterprise_list(world: World) {
    let hr = hr(&world).await;
    let bytes = sample("骨干企业清单.xlsx");
    let kind = ImportKind::KeyEnterprises;
    let found = preview(&world.app, &hr, kind, None, "清单.xlsx", bytes.clone()).await.unwrap();

    assert_eq!((found.rows.total, found.rows.good, found.rows.known), (40, 40, 0));
    assert_eq!(found.issues, []);
    let enterprises = || entity::enterprise::Entity::find().count(world.app.db.read());
    assert_eq!(enterprises().await.unwrap(), 0, "a preview saves nothing");

    let done = juncai::service::import::confirm(&world.app, &hr, &found.import_no).await.unwrap();
    assert_eq!((done.rows_good, done.rows_known, done.facts_added), (40, 0, 160));
    assert_eq!(enterprises().await.unwrap(), 40);
    let places = live::<EnterpriseDivision>(&world).await;
    let pingtan: Vec<_> = places.iter().filter(|p| p.fact.city_unit == "350128").collect();
    assert!(!pingtan.is_empty() && pingtan.iter().all(|p| p.fact.division == "350128"));
    assert!(periods(&live::<Listing>(&world).await).iter().all(|p| p == "2026-01-01..2028-12-31"));
    let twice = juncai::service::import::confirm(&world.app, &hr, &found.import_no).await;
    assert!(matches!(twice, Err(Error::Refused(_))), "{twice:?}");

    let (again, done) = import_file(&world, &hr, kind, "清单副本.xlsx", bytes).await;
    assert_eq!((again.rows.good, again.rows.known), (40, 40));
    assert_eq!((done.facts_added, versions::<Listing>(&world).await), (0, 40));
    assert_eq!(sources(&world).await, 1, "an import that adds nothing leaves no document");
    let shown = page(&world.app, &hr, &again.import_no).await.unwrap();
    assert_eq!(shown.summary.state.label(), "已导入");
    let (rows, total) = list(&world.app, &hr, 0, 1).await.unwrap();
    assert_eq!((total, rows[0].import_no.as_str()), (2, again.import_no.as_str()));
}

async fn declarations(world: World) {
    let hr = hr(&world).await;
    let list = sample("骨干企业清单.xlsx");
    import_file(&world, &hr, ImportKind::KeyEnterprises, "清单.xlsx", list).await;
    let mut refused = Vec::new();
    for uscc in ["91350128MA0L23DLX8", "91350302MAEMA1Y145", "91350802MAWYLF554M"] {
        let clerk = clerk(&world, uscc).await;
        let (kind, name) = (ImportKind::Engineers, format!("核心工程师申报-{uscc}.xlsx"));
        let (found, done) = import_file(&world, &clerk, kind, &name, sample(&name)).await;
        assert_eq!(done.facts_added, done.rows_good * 6, "{uscc}");
        assert_eq!(warnings(&found), Vec::<String>::new(), "{uscc}");
        refused.extend(errors(&found));
        let before = versions::<PersonContact>(&world).await;
        let (again, done) = import_file(&world, &clerk, kind, &name, sample(&name)).await;
        assert_eq!((again.rows.known, done.facts_added), (again.rows.good, 0), "{uscc}");
        assert_eq!(versions::<PersonContact>(&world).await, before);
    }
    let early = |row| format!("{row},入册日期,入册日期早于入职日期");
    assert_eq!(refused, [early(17), early(15)], "the bad rows are left out");
    assert_eq!(persons(&world).await, 52);
    let entries = live::<RosterEntry>(&world).await;
    assert_eq!(entries.len(), 52);
    assert!(entries.iter().all(|entry| entry.fact.status == RosterStatus::Declared));
    stored_numbers_are_sealed(&world).await;
}

async fn stored_numbers_are_sealed(world: &World) {
    let open = |place: &str, sealed: &[u8]| {
        world.app.vault.open_text(place, sealed).expect("sealed for its place").to_string()
    };
    let documents = live::<PersonDocument>(world).await;
    let document = documents.iter().find(|d| d.fact.number_masked == "35*************424");
    let document = document.expect("孙洁");
    assert_eq!(open(place::DOCUMENT, &document.fact.number_cipher), "350502199407062424");
    let of_hers = |about: i64| about == document.about;
    let accounts = live::<BankAccount>(world).await;
    let account = accounts.iter().find(|account| of_hers(account.about)).expect("an account");
    assert_eq!(open(place::ACCOUNT, &account.fact.account_cipher), "6214833791563488640");
    assert_eq!((account.fact.last_four.as_str(), &*account.fact.account_name), ("8640", "孙洁"));
    let contacts = live::<PersonContact>(world).await;
    let contact = contacts.iter().find(|contact| of_hers(contact.about)).expect("a mobile number");
    assert_eq!(open(place::MOBILE, &contact.fact.mobile_cipher), "13289726327");
    assert_eq!(contact.fact.mobile_masked, "132****6327");
}

async fn faulty(world: World) {
    let (_, clerk, _) = two_enterprises(&world).await;
    let name = "核心工程师申报-含错误.xlsx";
    let kind = ImportKind::Engineers;
    let found = preview(&world.app, &clerk, kind, None, name, sample(name)).await.unwrap();

    let expected = String::from_utf8(sample("核心工程师申报-含错误.expected.csv")).unwrap();
    let expected: Vec<&str> = expected.lines().skip(1).collect();
    assert_eq!(errors(&found), expected);
    assert_eq!((found.rows.total, found.rows.good, found.rows.bad), (24, 13, 11));
    assert!(found.errors().all(|issue| !issue.fix.is_empty()), "each says what to do");
    assert_eq!(persons(&world).await, 0, "nothing is saved");

    let shown = page(&world.app, &clerk, &found.import_no).await.unwrap();
    assert_eq!((shown.issues.len(), shown.sample.len(), shown.more_issues), (11, 5, 0));
    assert_eq!(shown.sample[0][1], "35*************144");
    let (file, bytes) = annotated(&world.app, &clerk, &found.import_no).await.unwrap();
    assert_eq!(file, "核心工程师申报-含错误-标注.xlsx");
    let mut told = Vec::new();
    read_table(&bytes, &file, &Limits::default(), &mut |row| {
        if let Some(Cell::Text(text)) = row.cells.get(13).filter(|_| row.number > 1) {
            told.push(format!("{}:{text}", row.number));
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(told.len(), 11);
    assert!(told[0].starts_with("3:【证件号码】校验码错误；"), "{}", told[0]);

    // Put right in the annotated file itself and handed in again, its added column is no matter.
    let again = preview(&world.app, &clerk, kind, None, &file, bytes).await.unwrap();
    assert_eq!(errors(&again), expected);
    assert_eq!(warnings(&again), Vec::<String>::new());
}

async fn gb18030(world: World) {
    let hr = hr(&world).await;
    let list = sample("骨干企业清单.xlsx");
    import_file(&world, &hr, ImportKind::KeyEnterprises, "清单.xlsx", list).await;
    let uscc = "91350802MAWYLF554M";
    let clerk = clerk(&world, uscc).await;
    let name = format!("核心工程师申报-{uscc}.xlsx");
    let (kind, bytes) = (ImportKind::Engineers, sample(&name));
    let mut text = String::new();
    read_table(&bytes, &name, &Limits::default(), &mut |row| {
        let cells = row.cells.iter().map(|cell| match cell {
            Cell::Text(text) | Cell::Number(text) => text.clone(),
            Cell::Date(date) => date.format("%Y/%-m/%-d").to_string(),
            Cell::Empty | Cell::Invalid(_) => String::new(),
        });
        text.push_str(&format!("{}\r\n", cells.collect::<Vec<_>>().join(",")));
        ControlFlow::Continue(())
    })
    .unwrap();
    let (encoded, _, lossy) = encoding_rs::GB18030.encode(&text);
    assert!(!lossy);
    let (_, done) = import_file(&world, &clerk, kind, "名册.csv", encoded.into_owned()).await;
    assert_eq!((done.rows_good, done.facts_added), (18, 108));

    let (found, done) = import_file(&world, &clerk, kind, &name, bytes).await;
    assert_eq!((found.rows.known, done.facts_added), (18, 0), "the workbook says nothing new");
}

async fn hostile(world: World) {
    let (hr, clerk, _) = two_enterprises(&world).await;
    let refusal = async |bytes: &[u8], name: &str| {
        let kind = ImportKind::Engineers;
        match preview(&world.app, &clerk, kind, None, name, bytes.to_vec()).await {
            Err(Error::Invalid(fields)) => {
                assert_eq!((fields.len(), fields[0].0.as_str()), (1, "file"));
                fields[0].1.clone()
            }
            other => panic!("{name} is refused as a whole: {other:?}"),
        }
    };
    for (bytes, name, words) in [
        (&b""[..], "空.xlsx", "文件是空的"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "旧.xls", ".xls"),
        (b"PK\x03\x04 not a package at all", "坏.xlsx", "已损坏"),
        (b"\x89PNG\r\n", "图.xlsx", "不是表格文件"),
        ("姓名,证件类型\r\n张三,身份证\r\n".as_bytes(), "缺列.csv", "缺少必填列“证件号码”"),
        (&csv(ImportKind::Engineers, &[]), "只有表头.csv", "没有数据行"),
        (&far_cell(), "远处.xlsx", "第 400000 行超出范围"),
    ] {
        let told = refusal(bytes, name).await;
        assert!(told.contains(words), "{name}: {told}");
    }
    let (rows, total) = list(&world.app, &clerk, 0, 10).await.unwrap();
    assert_eq!((rows.len(), total), (0, 0), "nothing is kept of them");
    assert_eq!(list(&world.app, &hr, 0, 10).await.unwrap().1, 1, "only the list");
}

/// A workbook of two cells that would fill a thousand million.
fn far_cell() -> Vec<u8> {
    let columns = ImportKind::Engineers.columns().iter().zip('A'..);
    let header: String =
        columns.map(|(column, letter)| inline(&format!("{letter}1"), column.name)).collect();
    let far = inline("ABC400000", "x");
    Package::sheet(&format!("<row r='1'>{header}</row><row r='400000'>{far}</row>")).zip()
}

async fn discarded(world: World) {
    let (_, clerk, _) = two_enterprises(&world).await;
    let row = engineer("张三", "350102199003079981", "2024-03-01", "2026-01-01");
    let found = look(&world, &clerk, ImportKind::Engineers, &[&row]).await.unwrap();
    discard(&world.app, &clerk, &found.import_no).await.unwrap();

    let late = juncai::service::import::confirm(&world.app, &clerk, &found.import_no).await;
    assert!(matches!(late, Err(Error::Refused(_))), "{late:?}");
    let gone = annotated(&world.app, &clerk, &found.import_no).await;
    assert!(matches!(gone, Err(Error::Refused(_))), "{gone:?}");
    assert_eq!(persons(&world).await, 0);
    let ids = enterprises_by_uscc(world.app.db.read(), &[E1]).await.unwrap();
    let kept = entity::import::Entity::find().all(world.app.db.read()).await.unwrap();
    let of_hers = kept.iter().find(|import| import.enterprise_id == ids.get(E1).copied());
    assert!(of_hers.expect("a record").content.is_empty(), "its file is given up");
}
