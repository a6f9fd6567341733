//! Batches over many payments, step by step as three people take them from the draft to the bank's
//! answer.

use std::time::Instant;

use chrono::{DateTime, NaiveDate};
use juncai::app::App;
use juncai::domain::authority::Role;
use juncai::domain::payment::SampleFinding;
use juncai::domain::period::Period;
use juncai::domain::registry::{BankAccount, Stated};
use juncai::domain::tax::TaxTreatment;
use juncai::file::bank::NEUTRAL;
use juncai::service::budget::{self, AllocationForm};
use juncai::service::payment::{self, Approval, Check, Criteria, FileFormat, Looked, ReturnFile};
use juncai::service::tax::{self, RulingForm};
use juncai::service::{Actor, batch_pages, password, stipend};
use juncai::store::fact;
use juncai::store::import::set_bulk;
use juncai::vault::{kind, place};
use sea_orm::ConnectionTrait;

use crate::figure::{Figure, say};
use crate::place::{Place, actor, block_on, cpu_seconds, peak_megabytes, source};

const PROVINCE: &str = "350000";
const PROGRAMME: &str = "core-engineer";
const PASSWORD: &str = "基准口令-福建-2027";
/// Lines of one batch.
const MOST: i64 = 50_000;

/// Processor time by row that the nearest peer takes for one person's payment, and for reconciling one,
/// measured on a machine of this kind; a thousandth of it is wanted.
const PEER_PAYS_MS: f64 = 83.0;
const PEER_RECONCILES_MS: f64 = 50.0;

pub fn run(_: &str, place: &Place) {
    block_on(measure(place));
}

/// Seconds and processor seconds by step, summed over the batches.
#[derive(Default)]
struct Steps(Vec<(&'static str, f64, f64)>);

impl Steps {
    async fn timed<T>(&mut self, step: &'static str, work: impl Future<Output = T>) -> T {
        let (start, before) = (Instant::now(), cpu_seconds());
        let done = work.await;
        let (seconds, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - before);
        match self.0.iter_mut().find(|(name, ..)| *name == step) {
            Some((_, sum, of_cpu)) => (*sum, *of_cpu) = (*sum + seconds, *of_cpu + cpu),
            None => self.0.push((step, seconds, cpu)),
        }
        done
    }
}

async fn measure(place: &Place) {
    let lines = i64::try_from(place.size).expect("a number");
    let app = place.app("2027-03-01T09:00:00+08:00").await;
    let hr = actor(&app, "hr", Role::HrProvince, PROVINCE, None).await;
    let maker = actor(&app, "maker", Role::FinanceMaker, PROVINCE, None).await;
    let checker = actor(&app, "checker", Role::FinanceChecker, PROVINCE, None).await;
    let approver = actor(&app, "approver", Role::FinanceApprover, PROVINCE, None).await;
    fill(&app, &hr, lines).await;
    prepare(&app, (&maker, &approver), lines).await;
    let mut steps = Steps::default();
    let mut left = lines;
    while left > 0 {
        left -= one_batch(&app, &mut steps, [&maker, &checker, &approver]).await;
    }
    steps.0.iter().for_each(|(step, seconds, _)| println!("{step}: {seconds:.2} s"));
    let many = lines as f64 / 100_000.0;
    for (what, of, peer) in [
        ("batch: freeze, seal, export", OUT, PEER_PAYS_MS),
        ("batch: return file", BACK, PEER_RECONCILES_MS),
    ] {
        let sum = |of: &[&str]| {
            let among = steps.0.iter().filter(|(step, ..)| of.contains(step));
            among.fold((0.0, 0.0), |(wall, cpu), (_, w, c)| (wall + w, cpu + c))
        };
        let (wall, cpu) = sum(of);
        let wanted = (10.0 * many, "wanted");
        say(&Figure::cost(what, wall, "s", wanted).grows(wall));
        let a_row = 1_000.0 * cpu / lines as f64;
        let what = format!("{what}, CPU by row here");
        say(&Figure::cost(&what, a_row, "ms", (peer / 1_000.0, "1/1000 of the nearest peer")));
    }
    say(&Figure::cost("batch, peak memory", peak_megabytes(), "MB", (500.0, "wanted")));
    app.db.close().await.expect("closed");
}

/// Steps up to the file for the bank, and those of its answer.
const OUT: &[&str] = &["freeze", "check", "approve", "issue the file", "download it"];
const BACK: &[&str] = &["load the return", "confirm it"];

/// One batch from the draft to the settlement; its number of lines.
async fn one_batch(app: &App, steps: &mut Steps, people: [&Actor; 3]) -> i64 {
    let [maker, checker, approver] = people;
    let criteria = Criteria {
        programme: PROGRAMME.to_owned(),
        award_year: 2026,
        budget_year: 2027,
        source: "province".to_owned(),
        payer_division: PROVINCE.to_owned(),
        city_unit: String::new(),
        enterprise_uscc: String::new(),
        purpose: "2026核心工程师奖补".to_owned(),
        payer_account: "福建省财政厅零余额账户".to_owned(),
        max_lines: MOST,
    };
    let no = payment::create(app, maker, criteria).await.expect("a draft");
    let frozen = steps.timed("freeze", payment::freeze(app, maker, &no, 1)).await.expect("frozen");
    let sampled = steps.timed("sample", batch_pages::sample(app, checker, &no, &[])).await;
    let looked: Vec<Looked> = sampled
        .expect("a sample")
        .rows
        .iter()
        .map(|row| Looked {
            seq: row.line.seq,
            finding: Some(SampleFinding::Matches),
            note: String::new(),
        })
        .collect();
    let check = Check { hash: &frozen.content_hash, looked: &looked };
    let checked = payment::check(app, checker, &no, frozen.version, &check);
    let checked = steps.timed("check", checked).await.expect("checked");
    let total = checked.total.to_string();
    let typed = Approval { total: &total, password: PASSWORD };
    let approved = payment::approve(app, approver, &no, checked.version, typed);
    let approved = steps.timed("approve", approved).await.expect("approved");
    let issued = payment::issue_file(app, maker, &no, approved.version, NEUTRAL);
    let issued = steps.timed("issue the file", issued).await.expect("issued").standing;
    let file = payment::file(app, maker, &no, FileFormat::Bank);
    steps.timed("download it", file).await.expect("a file");
    let sent = payment::mark_sent(app, maker, &no, issued.version, "PZ-1");
    steps.timed("send", sent).await.expect("sent");
    let csv = answer(&no, frozen.line_count);
    let file = ReturnFile { name: "回单.csv", bytes: csv.as_bytes(), bank_no: &no };
    let loaded = steps.timed("load the return", payment::load_return(app, maker, &no, &file)).await;
    let return_no = loaded.expect("loaded").return_no;
    let confirmed = payment::confirm_return(app, checker, &return_no);
    let confirmed = steps.timed("confirm it", confirmed).await.expect("confirmed");
    assert_eq!(confirmed.settled as i64, frozen.line_count);
    frozen.line_count
}

/// What the bank says: everybody is paid.
fn answer(no: &str, lines: i64) -> String {
    let mut csv =
        "line_id,status,paid_amount,bank_serial,paid_at,reason_code,reason_text\n".to_owned();
    for seq in 1..=lines {
        csv.push_str(&format!("{no}-1-{seq:05},S,200000.00,{no}S{seq},2027-03-01 10:20:30,,\n"));
    }
    csv
}

/// Money, a ruling on its tax, and the approver's password.
async fn prepare(app: &App, (maker, approver): (&Actor, &Actor), lines: i64) {
    let hash = password::hash(PASSWORD).await.expect("a hash");
    let tx = app.db.begin().await.expect("a transaction");
    let text =
        format!("UPDATE account SET password_hash = '{hash}' WHERE id = {}", approver.account_id);
    tx.execute_unprepared(&text).await.expect("a password");
    tx.commit().await.expect("committed");
    let amount = format!("{}.00", lines * 200_000);
    let form = AllocationForm {
        programme: PROGRAMME,
        source: "province",
        payer_division: PROVINCE,
        budget_year: "2027",
        amount: &amount,
        document_no: "闽财指〔2027〕1号",
        ..AllocationForm::default()
    };
    let no = budget::propose_allocation(app, maker, &form).await.expect("a proposal");
    budget::decide_request(app, approver, &no, (true, "")).await.expect("an allocation");
    let form = RulingForm {
        programme: PROGRAMME,
        year: "2026",
        treatment: juncai::domain::registry::Code::code(TaxTreatment::Exempt),
        basis: "税务部门复函",
        document_no: "闽税函〔2027〕3号",
    };
    let no = tax::propose(app, maker, &form).await.expect("a ruling");
    tax::decide(app, approver, &no, (true, "")).await.expect("decided");
}

/// Table, columns and values of a row by its number `i`.
const ROWS: &[(&str, &str, &str)] = &[
    ("person", "id, person_no, created_at", "i, 'E' || (1000000 + i), {at}"),
    (
        "entitlement",
        "id, person_id, programme, award_year, version_no, status, eligible_days, counted_months, \
         gross_fen, offset_fen, net_fen, reasons, determination, trace, fingerprint, \
         policy_document_id, facts_known_at, run_id, recorded_at",
        "i, i, 'core-engineer', 2026, 1, 'eligible', 365, 12, 20000000, 0, 20000000, '[]', '{}', \
         '{}', '', 1, {at}, 1, {at}",
    ),
    (
        "entitlement_share",
        "entitlement_id, enterprise_id, division, city_unit, source, payer_division, amount_fen",
        "i, 1, '350102', '350100', 'province', '350000', 20000000",
    ),
    (
        "payment_line",
        "line_no, person_id, programme, award_year, source, payer_division, component_no, kind, \
         amount_fen, entitlement_id, state, recorded_at",
        "'L' || (1000000 + i), i, 'core-engineer', 2026, 'province', '350000', 0, 'stipend', \
         20000000, i, 'payable', {at}",
    ),
];

/// The rows in plain statements and the accounts through the registry: what is measured comes after.
async fn fill(app: &App, who: &Actor, lines: i64) {
    stipend::start_run(app, who, 2026).await.expect("a run");
    let tx = app.db.begin().await.expect("a transaction");
    let at = "'2026-11-05T01:00:00+00:00'";
    let source = source(app, &tx, who).await;
    set_bulk(&tx, true).await.expect("room");
    let enterprise = format!(
        "INSERT INTO enterprise (id, uscc, created_at) VALUES (1, '91350100MAFAKE000K', {at})"
    );
    tx.execute_unprepared(&enterprise).await.expect("an enterprise");
    for (table, columns, values) in ROWS {
        let text = format!(
            "INSERT INTO {table} ({columns}) WITH RECURSIVE n (i) AS \
             (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {lines}) SELECT {} FROM n",
            values.replace("{at}", at)
        );
        let text = if app.db.is_postgres() {
            text.replace(at, &format!("{at}::timestamptz"))
        } else {
            text
        };
        let done = tx.execute_unprepared(&text).await;
        done.unwrap_or_else(|error| panic!("{table}: {error}"));
    }
    let recorded: DateTime<chrono::Utc> = "2026-11-05T01:00:00Z".parse().expect("an instant");
    let persons: Vec<i64> = (1..=lines).collect();
    for persons in persons.chunks(2_000) {
        let accounts = persons.iter().map(|person| account(app, (*person, who, source), recorded));
        fact::state(&tx, accounts.collect()).await.expect("accounts");
    }
    set_bulk(&tx, false).await.expect("as before");
    tx.commit().await.expect("committed");
    app.db.read().execute_unprepared("ANALYZE").await.expect("statistics");
}

fn account(
    app: &App,
    (person, who, source_id): (i64, &Actor, i64),
    recorded_at: DateTime<chrono::Utc>,
) -> Stated<BankAccount> {
    let number = format!("621700000000{person:07}");
    let since = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day");
    Stated {
        id: 0,
        about: person,
        period: Period::new(since, None).expect("a period"),
        fact: BankAccount {
            account_name: format!("工程师{person}"),
            account_index: app.vault.index(kind::ACCOUNT, &number),
            account_cipher: app.vault.seal(place::ACCOUNT, number.as_bytes()).expect("sealed"),
            last_four: number[number.len() - 4..].to_owned(),
            bank_name: "兴业银行福州五一支行".to_owned(),
            cnaps: "309391000011".to_owned(),
        },
        recorded_at,
        recorded_by: who.account_id,
        source_id,
        reason: String::new(),
        supersedes: None,
        superseded_at: None,
    }
}
