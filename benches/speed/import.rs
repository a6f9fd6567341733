//! 100,000 rows of the widest form from upload to committed facts, and again when all of it is known,
//! beside a reader that only walks over the cells of the same file.

use std::time::Instant;

use chrono::{DateTime, Days, NaiveDate};
use juncai::domain::authority::Role;
use juncai::file::form::ImportKind;
use juncai::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, write_xlsx};
use juncai::service::Actor;
use juncai::service::import::{confirm, preview};
use juncai::store::registry::enterprises_by_uscc;

use crate::figure::{Figure, say};
use crate::place::{Place, actor, block_on, known, peak_megabytes};
use crate::sheet::walk;

const ROWS: u64 = 100_000;
const USCC: &str = "91350100MAFAKE000K";

pub const STEPS: &[&str] =
    &["make", "list", "engineers", "engineers again", "evidence", "evidence again"];

pub fn run(step: &str, place: &Place) {
    let folder = &place.folder;
    if step != "make" {
        return block_on(import(step, place));
    }
    for (name, bytes) in [("engineers.xlsx", engineers()), ("evidence.xlsx", evidence())] {
        let start = Instant::now();
        walk(&bytes);
        place.note(&format!("walk {name}"), start.elapsed().as_secs_f64());
        std::fs::write(folder.join(name), bytes).expect("writes");
    }
}

async fn import(step: &str, place: &Place) {
    let app = place.app("2026-11-05T09:00:00+08:00").await;
    if step == "list" {
        let hr = actor(&app, "hr", Role::HrProvince, "350000", None).await;
        taken(&app, &hr, ImportKind::KeyEnterprises, list()).await;
        let ids = enterprises_by_uscc(app.db.read(), &[USCC]).await.expect("a database");
        let own = ids.get(USCC).copied();
        actor(&app, "clerk", Role::EnterpriseClerk, "350102", own).await;
        return;
    }
    let (kind, login, file) = if step.starts_with("engineers") {
        (ImportKind::Engineers, "clerk", "engineers.xlsx")
    } else {
        (ImportKind::Evidence, "hr", "evidence.xlsx")
    };
    let who = known(&app, login).await;
    let bytes = std::fs::read(place.folder.join(file)).expect("an earlier step wrote it");
    let (seen, saved, facts) = taken(&app, &who, kind, bytes).await;
    println!("{step}: {facts} facts, confirmed in {saved:.1} s");
    let walked = (place.noted(&format!("walk {file}")), "walking over the cells");
    let figure = |figure: Figure| say(&Figure { size: ROWS, ..figure });
    figure(
        Figure::cost(&format!("import, checks and preview: {step}"), seen, "s", walked).goal(0.33),
    );
    let what = format!("import, peak memory: {step}");
    figure(Figure::cost(&what, peak_megabytes(), "MB", (150.0, "wanted")));
}

/// Seconds of the preview and of the confirmation, and how many facts came of it.
async fn taken(
    app: &juncai::app::App,
    who: &Actor,
    kind: ImportKind,
    bytes: Vec<u8>,
) -> (f64, f64, i64) {
    let start = Instant::now();
    let found = preview(app, who, kind, None, "表.xlsx", bytes).await.expect("a preview");
    let seen = start.elapsed().as_secs_f64();
    assert_eq!((found.rows.bad, found.issues.len()), (0, 0), "{:?}", found.issues.first());
    let done = confirm(app, who, &found.import_no).await.expect("a confirmation");
    (seen, start.elapsed().as_secs_f64() - seen, done.facts_added)
}

fn list() -> Vec<u8> {
    let row = [
        "福建示例智能科技有限公司",
        USCC,
        "350102",
        "福州市鼓楼区",
        "智能体",
        "2026年第一批",
        "2026-01-01",
        "2028-12-31",
        "5",
        "100000",
        "张健",
        "13166201164",
    ];
    file(ImportKind::KeyEnterprises, std::iter::once(row.map(str::to_owned).to_vec()))
}

fn engineers() -> Vec<u8> {
    let rows = (0..ROWS).map(|number| {
        let mut cells = person(number);
        cells.extend([
            format!("138{number:08}"),
            "大模型训练工程师".to_owned(),
            "高级工程师".to_owned(),
            "硕士研究生".to_owned(),
            "2024-03-01".to_owned(),
            "是".to_owned(),
            "2026-01-01".to_owned(),
            "中国建设银行".to_owned(),
            "105391000010".to_owned(),
            card(number),
        ]);
        cells
    });
    file(ImportKind::Engineers, rows)
}

/// Ten months of ten thousand persons.
fn evidence() -> Vec<u8> {
    let rows = (0..ROWS).map(|number| {
        let mut cells = person(number / 10);
        let month = format!("2026-{:02}", number % 10 + 1);
        cells.extend([month, USCC.to_owned(), "社保".to_owned(), "正常".to_owned()]);
        cells
    });
    file(ImportKind::Evidence, rows)
}

fn person(number: u64) -> Vec<String> {
    const FAMILY: [&str; 10] = ["林", "陈", "黄", "郑", "吴", "李", "张", "王", "刘", "欧阳"];
    const GIVEN: [&str; 7] = ["子涵", "思远", "明哲", "伟", "静怡", "国栋", "堃"];
    let pick = |from: &[&str], number: u64| {
        from[usize::try_from(number).expect("small") % from.len()].to_owned()
    };
    let name = pick(&FAMILY, number) + &pick(&GIVEN, number / 10);
    let born = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a day") + Days::new(number / 900);
    let body = format!("350102{}{:03}", born.format("%Y%m%d"), number % 900 + 1);
    vec![name, "居民身份证".to_owned(), with_check_digit(&body)]
}

/// GB 11643.
fn with_check_digit(body: &str) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = body.chars().filter_map(|c| c.to_digit(10));
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let check = b"10X98765432"[usize::try_from(sum % 11).expect("small")];
    format!("{body}{}", char::from(check))
}

/// A card with its Luhn digit.
fn card(number: u64) -> String {
    let body = format!("621700{number:012}");
    let digits = body.chars().rev().filter_map(|c| c.to_digit(10)).enumerate();
    let sum: u32 = digits
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, double) => {
                if double > 9 {
                    double - 9
                } else {
                    double
                }
            }
            _ => digit,
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn file(kind: ImportKind, rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let column =
        |name: &str| ColumnSpec { name: name.to_owned(), width: 16.0, kind: ColumnKind::Text };
    let table = Table {
        title: kind.title().to_owned(),
        columns: kind.columns().iter().map(|known| column(known.name)).collect(),
        total_row: false,
        comment: String::new(),
        created_at: DateTime::UNIX_EPOCH.naive_utc(),
    };
    write_xlsx(&table, rows.map(|row| row.into_iter().map(CellOut::Text).collect()))
        .expect("writes")
}
