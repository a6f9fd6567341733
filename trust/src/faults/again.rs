//! one form is sent a hundred times at once, and again after the program was killed. It has
//! its effect once, and the same key with other content has none.

use std::collections::BTreeMap;

use serde_json::json;
use tokio::task::JoinSet;

use crate::Outcome;
use crate::content::{Table, table};
use crate::crowd::at_once;
use crate::database::{Db, Kind};
use crate::month::{Month, Ready};
use crate::program::Program;
use crate::registry::{Registry, Template};
use crate::report::{Finding, Spread};
use crate::server::Server;
use crate::visitor::{Halt, Reply};

/// A form is sent so often at one moment.
const AT_ONCE: usize = 100;
/// Where money stands.
const MONEY: [&str; 6] =
    ["batch", "batch_step", "batch_line", "bank_return", "bank_return_row", "payment_line"];

#[derive(Default)]
struct Tally {
    forms: u32,
    by_action: BTreeMap<&'static str, u32>,
    /// Answers to the forms sent at once.
    answers: BTreeMap<String, u32>,
    /// Answers after the restart.
    after: BTreeMap<String, u32>,
    /// Answers to other content under the same key.
    other: BTreeMap<String, u32>,
    program: BTreeMap<String, u32>,
    took: Spread,
    faults: Vec<String>,
}

/// Sends `wanted` forms so.
///
/// # Errors
/// When the harness itself cannot go on.
pub async fn run(template: &mut Template, seed: u64, wanted: u32) -> Outcome<Finding> {
    let mut tally = Tally::default();
    let mut copies = 0_u64;
    while tally.forms < wanted && tally.faults.is_empty() {
        copies += 1;
        let registry = template.copy().await?;
        play(template, &registry, (seed.wrapping_add(copies), wanted), &mut tally).await?;
        template.discard(registry).await?;
    }
    let registry = template.copy().await?;
    of_a_program(template, &registry, &mut tally).await?;
    template.discard(registry).await?;
    let mut finding = Finding::new(tally.faults);
    finding.figure("forms", tally.forms);
    finding.figure("each_sent_at_once", AT_ONCE);
    finding.figure("forms_by_action", json!(tally.by_action));
    finding.figure("answers_at_once", json!(tally.answers));
    finding.figure("answers_after_kill_and_restart", json!(tally.after));
    finding.figure("answers_to_other_content_after_the_effect", json!(tally.other));
    finding.figure("answers_to_a_program", json!(tally.program));
    finding.figure("answer_ms", tally.took.figures());
    Ok(finding)
}

async fn play(
    template: &Template,
    at: &Registry,
    (seed, wanted): (u64, u32),
    tally: &mut Tally,
) -> Outcome<()> {
    let program = &template.bench().program;
    let mut server = Server::start(program, at).await?;
    let mut db = Db::open(&at.reading()).await?;
    let mut month = Month::begin(&server.site(), &db, seed).await?;
    while tally.forms < wanted && tally.faults.is_empty() {
        let batches = db.number("SELECT COUNT(*) FROM batch").await?;
        let Some(ready) = month.ready(&db).await.map_err(|halt| halt.told())? else { break };
        tally.forms += 1;
        *tally.by_action.entry(ready.action).or_default() += 1;
        let who = month.person(ready.who).clone();
        let answers = at_once(vec![(who, ready.form.clone()); AT_ONCE]).await;
        judge(&ready, answers, &mut month, tally);
        tally.faults.extend(month.faults(&db).await?);
        let made = db.number("SELECT COUNT(*) FROM batch").await? - batches;
        if made != i64::from(ready.action == "create") {
            tally.faults.push(format!("{} made {made} batches", ready.action));
        }
        db.close().await?;
        server.kill()?;
        server = Server::start(program, at).await?;
        db = Db::open(&at.reading()).await?;
        month.move_to(&server.site())?;
        send_again(&ready, &month, &db, at.kind, tally).await?;
        tally.faults.extend(month.faults(&db).await?);
    }
    if tally.faults.is_empty() && tally.forms < wanted {
        tally.faults.extend(month.faults_at_end(&db).await?);
    }
    db.close().await?;
    server.stop().await?;
    if let Err(fault) = at.verify_log(program) {
        tally.faults.push(format!("the audit log: {fault}"));
    }
    Ok(())
}

/// Everybody is told that it is done, or that it is under way; at least one that it is done.
fn judge(ready: &Ready, answers: Vec<Result<Reply, Halt>>, month: &mut Month, tally: &mut Tally) {
    let mut led = None;
    for answer in answers {
        match answer {
            Ok(reply) if matches!(reply.status, 303 | 409) => {
                tally.took.add(reply.took);
                *tally.answers.entry(name(&reply)).or_default() += 1;
                if reply.status == 303 {
                    let known = led.get_or_insert_with(|| reply.location.clone());
                    if *known != reply.location {
                        let (action, other) = (ready.action, reply.location);
                        tally.faults.push(format!("{action} led to {known} and to {other}"));
                    }
                }
            }
            Ok(reply) => {
                let what = format!("{} {}", ready.batch_no, ready.action);
                tally.faults.push(Halt::Refused(what, Box::new(reply)).told());
            }
            Err(halt) => tally.faults.push(format!("{}: {}", ready.action, halt.told())),
        }
    }
    match led {
        Some(location) => month.answered_for(&location),
        None => tally.faults.push(format!("nobody was told that {} is done", ready.action)),
    }
}

/// What came of a form, for the figures.
fn name(reply: &Reply) -> String {
    match reply.status {
        303 => "led to what was done".to_owned(),
        409 if reply.body.contains("正在办理") => "told that it is under way".to_owned(),
        409 if reply.body.contains("办理“") => "told who did it".to_owned(),
        409 => "told that it may not be done any more".to_owned(),
        other => other.to_string(),
    }
}

async fn money(db: &Db, kind: Kind) -> Outcome<Vec<Table>> {
    let mut tables = Vec::with_capacity(MONEY.len());
    for name in MONEY {
        tables.push(table(db, kind, name).await?);
    }
    Ok(tables)
}

/// The form once more at the restarted program, and once with other content under its key.
async fn send_again(
    ready: &Ready,
    month: &Month,
    db: &Db,
    kind: Kind,
    tally: &mut Tally,
) -> Outcome<()> {
    let mut who = month.person(ready.who).clone();
    let before = money(db, kind).await?;
    let reply = who.send(&ready.form).await.map_err(|halt| halt.told())?;
    if !matches!(reply.status, 303 | 409) {
        let what = format!("{} after the restart", ready.action);
        tally.faults.push(Halt::Refused(what, Box::new(reply.clone())).told());
    }
    *tally.after.entry(name(&reply)).or_default() += 1;
    if money(db, kind).await? != before {
        tally.faults.push(format!("{} had an effect again after the restart", ready.action));
    }
    // A new batch with other content is by design another batch (src/service/once.rs), and another
    // file of a bank is another file.
    let other = match ready.action {
        "approve" => ready.form.with("total", "0.01"),
        "issue_file" => ready.form.with("profile", "icbc"),
        "mark_sent" => ready.form.with("voucher_no", "V-other"),
        "close" => ready.form.with("receipts", "2027-记-9999"),
        "create" | "load_return" => return Ok(()),
        _ => ready.form.with("remark", "另一内容"),
    };
    let reply = who.send(&other).await.map_err(|halt| halt.told())?;
    *tally.other.entry(name(&reply)).or_default() += 1;
    if money(db, kind).await? != before {
        tally.faults.push(format!("{} took other content under the same key", ready.action));
    }
    Ok(())
}

/// The same for a program with a token, whose key is refused with other content.
async fn of_a_program(template: &Template, at: &Registry, tally: &mut Tally) -> Outcome<()> {
    let binary = &template.bench().program;
    let mut server = Server::start(binary, at).await?;
    let mut db = Db::open(&at.reading()).await?;
    let program = Program::authorised(&server.site(), &db).await?;
    let persons = "SELECT COUNT(*) FROM person";
    let before = db.number(persons).await?;
    let row = json!({ "engineers": [engineer("张三")] }).to_string();
    let mut under_way = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (program, row) = (program.clone(), row.clone());
        under_way.spawn(async move { program.post("/engineers", "trust-1", row).await });
    }
    let mut done = Vec::new();
    for told in under_way.join_all().await {
        let told = told?;
        let what = match (told.status, told.replayed) {
            (201, false) => "201",
            (201, true) => "201 replayed",
            (409, _) => "409 under way",
            _ => {
                tally.faults.push(format!("a program was told {}: {}", told.status, told.body));
                continue;
            }
        };
        *tally.program.entry(what.to_owned()).or_default() += 1;
        if told.status == 201 {
            done.push(told.body);
        }
    }
    if done.is_empty() || done.iter().any(|body| *body != done[0]) {
        tally.faults.push("a program was told different things under one key".to_owned());
    }
    db.close().await?;
    server.kill()?;
    let server = Server::start(binary, at).await?;
    db = Db::open(&at.reading()).await?;
    let program = program.at(&server.site())?;
    let again = program.post("/engineers", "trust-1", row).await?;
    *tally.program.entry(format!("after the restart {}", again.status)).or_default() += 1;
    if (again.status, again.replayed, Some(&again.body)) != (201, true, done.first()) {
        tally.faults.push(format!("after the restart: {} {}", again.status, again.body));
    }
    let other = json!({ "engineers": [engineer("李四")] }).to_string();
    let other = program.post("/engineers", "trust-1", other).await?;
    *tally.program.entry(format!("other content {}", other.status)).or_default() += 1;
    if other.status != 422 || !other.body.contains("key-reused") {
        tally.faults.push(format!("other content: {} {}", other.status, other.body));
    }
    let made = db.number(persons).await? - before;
    if made != 1 {
        tally.faults.push(format!("one request of a program made {made} persons"));
    }
    db.close().await?;
    server.stop().await
}

/// Somebody who belongs to nobody: the number has a valid check digit.
fn engineer(name: &str) -> serde_json::Value {
    json!({
        "name": name, "document_type": "resident_id", "document_no": "350102199003079981",
        "mobile": "13800000000", "post": "算法工程师", "professional_title": "高级工程师",
        "education": "硕士研究生", "hired_on": "2023-06-27", "full_time": true,
        "rostered_on": "2027-01-05", "bank_name": "中国银行", "cnaps": "105391000010",
        "account_no": "6217000000000000129",
    })
}
