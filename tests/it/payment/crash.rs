//! Nothing is lost and nothing doubled when the program dies: between two writes of a step, where
//! every write is made to fail once, and at any moment, where a real process is killed.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use juncai::domain::money::Fen;
use juncai::service::Error;
use juncai::service::payment::{self, Criteria, Resolution};
use juncai::store::account;
use sea_orm::{EntityTrait, QueryOrder};

use super::{assert_sound, number};
use crate::bank_answers::csv_file;
use crate::fixture_payment::{Office, RETURN_HEADER, criteria, failed, paid};
use crate::on_both;
use crate::world::World;

on_both! {
    a_step_that_dies_at_any_of_its_writes_has_not_happened => every_write;
    killing_the_process_at_any_moment_loses_and_doubles_nothing => killed;
}

/// The tables that steps write, as text.
async fn dump(office: &Office) -> String {
    macro_rules! rows {
        ($($table:ident by $column:ident),+ $(,)?) => {{
            let conn = office.world.app.db.read();
            let mut text = String::new();
            $(
                let rows = entity::$table::Entity::find()
                    .order_by_asc(entity::$table::Column::$column)
                    .all(conn)
                    .await
                    .unwrap();
                text.push_str(&format!("{rows:#?}\n"));
            )+
            text
        }};
    }
    rows!(
        batch by Id, batch_line by Id, batch_sample by Id, batch_step by Id, payment_line by Id,
        bank_return by Id, bank_return_row by Id, ledger_entry by Id, batch_signature by Id,
        audit_event by Id, audit_head by OrganisationId, counter by Name,
    )
}

/// Makes one kind of write fail, as if the program had died there.
async fn break_write(office: &Office, event: &str, table: &str) {
    let body = if office.world.app.db.is_postgres() {
        "FOR EACH ROW EXECUTE FUNCTION juncai_refuse('died here')"
    } else {
        "BEGIN SELECT RAISE(ABORT, 'died here'); END"
    };
    office.sql(&format!("CREATE TRIGGER died BEFORE {event} ON {table} {body}")).await;
}

async fn mend_write(office: &Office, table: &str) {
    let on = if office.world.app.db.is_postgres() { format!(" ON {table}") } else { String::new() };
    office.sql(&format!("DROP TRIGGER died{on}")).await;
}

const INSERT: &str = "INSERT";
const UPDATE: &str = "UPDATE";

/// Each step with its writes, in order; every step ends with what the log says of it.
const STEPS: &[(&str, &[(&str, &str)])] = &[
    ("create", &[(UPDATE, "counter"), (INSERT, "batch"), (INSERT, "batch_step")]),
    (
        "freeze",
        &[
            (INSERT, "counter"),
            (INSERT, "batch_line"),
            (UPDATE, "payment_line"),
            (INSERT, "ledger_entry"),
            (UPDATE, "batch"),
            (INSERT, "batch_step"),
        ],
    ),
    ("check", &[(INSERT, "batch_sample"), (UPDATE, "batch"), (INSERT, "batch_step")]),
    (
        "send back",
        &[
            (UPDATE, "payment_line"),
            (UPDATE, "batch_line"),
            (UPDATE, "batch"),
            (INSERT, "batch_step"),
        ],
    ),
    ("freeze", &[(INSERT, "batch_line"), (UPDATE, "payment_line"), (UPDATE, "batch")]),
    ("check", &[(INSERT, "batch_sample"), (UPDATE, "batch"), (INSERT, "batch_step")]),
    ("approve", &[(UPDATE, "batch"), (INSERT, "batch_step"), (INSERT, "batch_signature")]),
    ("issue", &[(UPDATE, "batch"), (INSERT, "batch_step")]),
    ("send", &[(INSERT, "ledger_entry"), (UPDATE, "batch"), (INSERT, "batch_step")]),
    (
        "load",
        &[
            (UPDATE, "counter"),
            (INSERT, "bank_return"),
            (INSERT, "bank_return_row"),
            (UPDATE, "batch"),
            (INSERT, "batch_step"),
        ],
    ),
    (
        "confirm",
        &[
            (UPDATE, "payment_line"),
            (UPDATE, "batch_line"),
            (UPDATE, "bank_return"),
            (UPDATE, "batch"),
            (INSERT, "batch_step"),
        ],
    ),
    (
        "resolve",
        &[
            (UPDATE, "bank_return_row"),
            (UPDATE, "payment_line"),
            (UPDATE, "batch_line"),
            (UPDATE, "batch"),
            (INSERT, "batch_step"),
        ],
    ),
    ("close", &[(UPDATE, "batch"), (INSERT, "batch_step")]),
];

async fn take(office: &Office, step: &str) -> Result<(), Error> {
    let app = &office.world.app;
    let batch_no = "B2027-0001";
    match step {
        "create" => payment::create(app, &office.maker, criteria()).await.map(drop),
        "freeze" => office.freeze(batch_no).await.map(drop),
        "check" => office.check(batch_no).await.map(drop),
        "approve" => office.approve(batch_no).await.map(drop),
        "issue" => office.issue(batch_no).await.map(drop),
        "send" => office.send(batch_no).await.map(drop),
        "close" => office.close(batch_no).await.map(drop),
        "send back" => {
            let version = office.batch(batch_no).await.version;
            payment::send_back(app, &office.checker, batch_no, version, "重来").await.map(drop)
        }
        "load" => {
            let csv = format!(
                "{RETURN_HEADER}{}{}{}",
                paid("B2027-0001-2-00001", "1.00", "S1"),
                failed("B2027-0001-2-00002", "销户"),
                paid("LOST", "4.00", "S3")
            );
            payment::load_return(app, &office.maker, batch_no, &csv_file(&csv)).await.map(drop)
        }
        "confirm" => payment::confirm_return(app, &office.checker, "R2027-0001").await.map(drop),
        _ => {
            let row =
                number(office, "SELECT id FROM bank_return_row WHERE line_ref = 'LOST'").await;
            let resolution = Resolution { line_seq: Some(3), reason: "核对流水".to_owned() };
            payment::resolve_suspense(app, &office.checker, row, &resolution).await.map(drop)
        }
    }
}

async fn every_write(world: World) {
    let office = Office::new(world).await;
    office.payees(1, &[100, 200, 400]).await;
    office.allot(700).await;
    // The first number of each series inserts its counter, later ones only count it up.
    office
        .sql("INSERT INTO counter (name, value) VALUES ('batch/2027', 0), ('bank_return/2027', 0)")
        .await;
    let log = [(INSERT, "audit_event"), (UPDATE, "audit_head")];
    for (step, writes) in STEPS {
        let before = dump(&office).await;
        for (event, table) in writes.iter().chain(&log) {
            break_write(&office, event, table).await;
            let died = take(&office, step).await;
            mend_write(&office, table).await;
            assert!(matches!(died, Err(Error::Internal(_))), "{step} at {event} {table}: {died:?}");
            let after = dump(&office).await;
            assert!(before == after, "{step} at {event} {table} left something behind");
        }
        take(&office, step).await.unwrap_or_else(|error| panic!("{step}: {error:?}"));
        assert_sound(&office).await;
    }
    assert_eq!(office.states().await, ["paid", "payable", "paid"]);
    assert_eq!(office.batch("B2027-0001").await.state, "closed");
}

const CHILD_URL: &str = "JUNCAI_TEST_CRASH_URL";
const CHILD_TEST: &str = "payment::crash::what_the_killed_process_does";
/// Answers after which the process is killed, one number a life; small ones hit early steps.
const LIVES: [usize; 14] = [1, 2, 3, 1, 5, 8, 2, 4, 7, 11, 6, 13, 9, 3];

/// How often the process is killed: once for each of [`LIVES`], or as often as `JUNCAI_TEST_KILLS`
/// says, for the full figures.
fn kills() -> usize {
    let wanted = std::env::var("JUNCAI_TEST_KILLS").ok().and_then(|kills| kills.parse().ok());
    wanted.unwrap_or(LIVES.len())
}

async fn killed(world: World) {
    let office = Office::new(world).await;
    // Work enough that no life ends by itself: a batch of five is ten steps.
    let persons = i64::try_from(kills() * 3).expect("few") + 10;
    let fens: Vec<i64> = (0..persons).map(|index| 10_000_000 + index).collect();
    office.payees(1, &fens).await;
    office.allot(fens.iter().sum()).await;
    let mut acknowledged = Vec::new();
    for answers in LIVES.into_iter().cycle().take(kills()) {
        acknowledged.extend(live_and_die(&office.world.url, Some(answers)));
        assert_all_kept(&office, &acknowledged).await;
        assert_sound(&office).await;
    }
    acknowledged.extend(live_and_die(&office.world.url, None));
    assert_all_kept(&office, &acknowledged).await;
    assert_sound(&office).await;
    assert!(office.states().await.iter().all(|state| state == "paid"), "everything is paid");
    let settled = "SELECT COUNT(*) FROM batch_line WHERE outcome = 'settled'";
    assert_eq!(number(&office, settled).await, persons, "everybody once");
    let open = "SELECT COUNT(*) FROM batch WHERE state NOT IN ('closed', 'draft')";
    assert_eq!(number(&office, open).await, 0);
}

/// Every step that the process answered for is on record, once.
async fn assert_all_kept(office: &Office, acknowledged: &[String]) {
    let conn = office.world.app.db.read();
    for answer in acknowledged {
        let (batch_no, step) = answer.split_once(' ').expect("batch and step");
        let batch = office.batch(batch_no).await;
        let steps = juncai::store::payment::steps(conn, batch.id).await.unwrap();
        let kept = steps.iter().filter(|kept| kept.action == step).count();
        let told = acknowledged.iter().filter(|other| *other == answer).count();
        assert!(kept >= told, "{answer} was answered {told} times and kept {kept} times");
    }
}

/// Runs the process until it has answered for so many steps, then kills it at once, so that it
/// dies somewhere in the next one. Without a number it finishes its work.
fn live_and_die(url: &str, answers: Option<usize>) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args([CHILD_TEST, "--exact", "--ignored", "--nocapture", "--test-threads", "1"])
        .env(CHILD_URL, url)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("a process");
    let out = BufReader::new(child.stdout.take().expect("its output"));
    let mut acknowledged = Vec::new();
    for line in out.lines().map(|line| line.expect("a line")) {
        if let Some(answer) = line.strip_prefix("answered ") {
            acknowledged.push(answer.to_owned());
        }
        if Some(acknowledged.len()) == answers {
            child.kill().expect("SIGKILL");
            break;
        }
    }
    let ended = child.wait().expect("its end");
    assert!(answers.is_some() || ended.success(), "the process finishes its work");
    acknowledged
}

/// Goes on with whatever it finds: pays batches of five, every second line of which fails once.
#[test]
#[ignore = "a process of its own, started and killed by another test"]
fn what_the_killed_process_does() {
    let Ok(url) = std::env::var(CHILD_URL) else { return };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let office = Office::reopen(&url).await;
        while let Some((batch_no, step)) = advance(&office).await {
            println!("\nanswered {batch_no} {step}");
        }
    });
}

/// One step on the first batch that is not closed, or a new one; `None` when all is paid.
async fn advance(office: &Office) -> Option<(String, &'static str)> {
    let app = &office.world.app;
    let batches = entity::batch::Entity::find().all(app.db.read()).await.unwrap();
    let Some(batch) = batches.into_iter().find(|batch| batch.state != "closed") else {
        if office.states().await.iter().all(|state| state == "paid") {
            return None;
        }
        let five = Criteria { max_lines: 5, ..criteria() };
        return Some((payment::create(app, &office.maker, five).await.unwrap(), "create"));
    };
    let batch_no = batch.batch_no.clone();
    let (result, step) = match batch.state.as_str() {
        "draft" => (office.freeze(&batch_no).await.map(drop), "freeze"),
        "frozen" => (office.check(&batch_no).await.map(drop), "check"),
        "checked" => (office.approve(&batch_no).await.map(drop), "approve"),
        "approved" => (office.issue(&batch_no).await.map(drop), "issue_file"),
        "file_issued" => (office.send(&batch_no).await.map(drop), "mark_sent"),
        "settled" => (office.close(&batch_no).await.map(drop), "close"),
        _ => return Some((batch_no, answer_from_bank(office, &batch).await)),
    };
    result.unwrap_or_else(|error| panic!("{batch_no} {step}: {error:?}"));
    Some((batch_no, step))
}

/// Loads the bank's answer, or confirms the one that is loaded.
async fn answer_from_bank(office: &Office, batch: &juncai::store::payment::Batch) -> &'static str {
    let app = &office.world.app;
    let conn = app.db.read();
    let returns = entity::bank_return::Entity::find().all(conn).await.unwrap();
    let loaded =
        returns.iter().find(|file| file.batch_id == batch.id && file.confirmed_by.is_none());
    if let Some(file) = loaded {
        payment::confirm_return(app, &office.checker, &file.return_no).await.unwrap();
        return "confirm_return";
    }
    let mut csv = String::from(RETURN_HEADER);
    for line in juncai::store::payment::known_lines(conn, batch.id).await.unwrap() {
        let tried = entity::batch_line::Entity::find().all(conn).await.unwrap();
        let first_time =
            tried.iter().filter(|l| l.payment_line_id == line.payment_line_id).count() == 1;
        csv.push_str(&if first_time && line.seq % 2 == 0 {
            failed(&line.line_ref, "账户冻结")
        } else {
            paid(&line.line_ref, &Fen::new(line.amount_fen).to_string(), &format!("S{}", line.id))
        });
    }
    let file = payment::load_return(app, &office.maker, &batch.batch_no, &csv_file(&csv)).await;
    assert!(!file.unwrap().already_loaded);
    "load_return"
}

impl Office {
    /// The office that another process has made.
    async fn reopen(url: &str) -> Self {
        let world = World::reopen(url).await;
        let by_login = async |login: &str| {
            let full = account::by_login(world.app.db.read(), login).await.unwrap().unwrap();
            juncai::service::Actor::new(&full, "127.0.0.1").unwrap()
        };
        let people = [
            by_login("hr").await,
            by_login("maker").await,
            by_login("maker2").await,
            by_login("checker").await,
            by_login("checker2").await,
            by_login("approver").await,
        ];
        Self::with_people(world, people)
    }
}
