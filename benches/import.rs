//! 100,000 rows of the widest form from upload to committed facts, on SQLite: seconds and peak memory
//! against the limits of 30 s and 200 MB, and how long the same takes when all of it is known.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use chrono::{DateTime, Days, NaiveDate};
use juncai::app::App;
use juncai::clock::Clock;
use juncai::domain::authority::Role;
use juncai::domain::registry::Code;
use juncai::file::form::ImportKind;
use juncai::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, write_xlsx};
use juncai::service::Actor;
use juncai::service::import::{confirm, preview};
use juncai::store::account::{self, NewAccount, NewOrganisation};
use juncai::store::registry::enterprises_by_uscc;
use juncai::vault::Vault;

const ROWS: u64 = 100_000;
const SECONDS: f64 = 30.0;
const MEBIBYTES: f64 = 200_000_000.0 / 1_048_576.0;
const USCC: &str = "91350100MAFAKE000K";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--step") {
        return step(&arguments[at + 1], Path::new(&arguments[at + 2]));
    }
    let folder = tempfile::tempdir().expect("a folder");
    // Each step in a process of its own, or its peak memory would be that of those before it.
    for name in ["make", "list", "engineers", "engineers again", "evidence", "evidence again"] {
        let this = std::env::current_exe().expect("this program has a path");
        let status = Command::new(this).arg("--step").arg(name).arg(folder.path()).status();
        assert!(status.expect("starts again").success(), "{name}");
    }
}

fn step(name: &str, folder: &Path) {
    if name == "make" {
        std::fs::write(folder.join("engineers.xlsx"), engineers()).expect("writes");
        std::fs::write(folder.join("evidence.xlsx"), evidence()).expect("writes");
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime").block_on(import(name, folder));
}

async fn import(name: &str, folder: &Path) {
    let url = format!("sqlite://{}", folder.join("juncai.db").display());
    let now = DateTime::parse_from_rfc3339("2026-11-05T09:00:00+08:00").expect("an instant");
    let clock = Clock::Fixed(now.to_utc());
    let app = App::open(&url, Vault::new(&[42; 32]), clock).await.expect("an app");
    if name == "list" {
        let hr = actor(&app, "hr", Role::HrProvince, None).await;
        run(&app, &hr, ImportKind::KeyEnterprises, list()).await;
        let ids = enterprises_by_uscc(app.db.read(), &[USCC]).await.expect("a database");
        actor(&app, "clerk", Role::EnterpriseClerk, ids.get(USCC).copied()).await;
        return;
    }
    let (kind, login, file) = if name.starts_with("engineers") {
        (ImportKind::Engineers, "clerk", "engineers.xlsx")
    } else {
        (ImportKind::Evidence, "hr", "evidence.xlsx")
    };
    let who = known(&app, login).await;
    let bytes = std::fs::read(folder.join(file)).expect("an earlier step wrote it");
    let (seen, saved, facts) = run(&app, &who, kind, bytes).await;
    let (seconds, peak) = (seen + saved, peak_mebibytes());
    println!("{name}: {ROWS} rows, {facts} facts: preview {seen:.1} s, confirmation {saved:.1} s");
    println!("{name}: {:.0} % of the {SECONDS} s allowed", 100.0 * seconds / SECONDS);
    let cpu = cpu_seconds();
    println!("{name}: {cpu:.1} s of processor time, which other work on the machine does not move");
    let share = 100.0 * peak / MEBIBYTES;
    println!("{name}: peak {peak:.0} MiB, {share:.0} % of the 200 MB allowed");
}

async fn run(app: &App, who: &Actor, kind: ImportKind, bytes: Vec<u8>) -> (f64, f64, i64) {
    let start = Instant::now();
    let found = preview(app, who, kind, None, "表.xlsx", bytes).await.expect("a preview");
    let seen = start.elapsed().as_secs_f64();
    assert_eq!((found.rows.bad, found.issues.len()), (0, 0), "{:?}", found.issues.first());
    let done = confirm(app, who, &found.import_no).await.expect("a confirmation");
    (seen, start.elapsed().as_secs_f64() - seen, done.facts_added)
}

/// User and system time of this process so far, in hundredths of a second as Linux counts them.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ');
    let ticks: f64 = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}

fn peak_mebibytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|text| text.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kibibytes.map_or(f64::NAN, |kibibytes| kibibytes / 1024.0)
}

async fn actor(app: &App, login: &str, role: Role, enterprise_id: Option<i64>) -> Actor {
    let at = app.clock.now();
    let tx = app.db.begin().await.expect("a transaction");
    let office = NewOrganisation {
        code: login,
        kind: if enterprise_id.is_some() { "enterprise" } else { "hr_office" },
        name: login,
        division: "350000",
        enterprise_id,
    };
    let organisation_id = account::ensure_organisation(&tx, &office, at).await.expect("an office");
    let holder_id = account::ensure_holder(&tx, login, login, at).await.expect("a holder");
    let new = NewAccount {
        login,
        holder_id,
        organisation_id,
        role: role.code(),
        password_hash: "none",
        must_change_password: false,
    };
    account::create(&tx, &new, at).await.expect("an account");
    tx.commit().await.expect("committed");
    known(app, login).await
}

async fn known(app: &App, login: &str) -> Actor {
    let found = account::by_login(app.db.read(), login).await.expect("a database");
    Actor::new(&found.expect("an account"), "bench").expect("a known role")
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
