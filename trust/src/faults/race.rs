//! fifty reviewers decide one case at once, twenty finance officers one batch. One decision
//! holds, and everybody else is told that it was dealt with already.

use std::collections::BTreeMap;

use serde_json::json;

use crate::Outcome;
use crate::crowd::{at_once, hire};
use crate::database::Db;
use crate::month::Month;
use crate::registry::{Registry, Template};
use crate::report::{Finding, Spread};
use crate::review;
use crate::server::Server;
use crate::visitor::{Filled, Halt, Reply, Visitor};

const REVIEWERS: usize = 50;
const OFFICERS: usize = 20;
/// The desks of a finance office, as a month numbers them.
const DESKS: [&str; 3] = ["finance-maker", "finance-checker", "finance-approver"];
/// Whose decision a case waits for.
const REVIEWER: &str = "hr-province";

#[derive(Default)]
struct Tally {
    cases: u32,
    batches: u32,
    by_action: BTreeMap<String, u32>,
    answers: BTreeMap<String, u32>,
    took: Spread,
    faults: Vec<String>,
}

impl Tally {
    const fn races(&self) -> u32 {
        self.cases + self.batches
    }
}

/// Lets `wanted` decisions be raced for, of cases and of batches in turn.
///
/// # Errors
/// When the harness itself cannot go on.
pub async fn run(template: &mut Template, seed: u64, wanted: u32) -> Outcome<Finding> {
    let mut tally = Tally::default();
    let mut copies = 0_u64;
    while tally.races() < wanted && tally.faults.is_empty() {
        copies += 1;
        let registry = template.copy().await?;
        play(template, &registry, (seed.wrapping_add(copies), wanted), &mut tally).await?;
        template.discard(registry).await?;
    }
    let mut finding = Finding::new(tally.faults);
    finding.figure("decisions_of_a_case", tally.cases);
    finding.figure("reviewers_at_each", REVIEWERS);
    finding.figure("decisions_of_a_batch", tally.batches);
    finding.figure("officers_at_each", OFFICERS);
    finding.figure("decisions", json!(tally.by_action));
    finding.figure("answers", json!(tally.answers));
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
    let hiring = Db::open(&at.url).await?;
    let mut logins = Vec::new();
    for desk in DESKS {
        logins.push(hire(&hiring, at.kind, desk, OFFICERS - 1).await?);
    }
    let reviewers = hire(&hiring, at.kind, REVIEWER, REVIEWERS).await?;
    hiring.close().await?;
    let server = Server::start(program, at).await?;
    let db = Db::open(&at.reading()).await?;
    let mut desks = Vec::new();
    for logins in &logins {
        desks.push(signed_in(&server.site(), logins).await?);
    }
    let mut reviewers = signed_in(&server.site(), &reviewers).await?;
    let mut month = Month::begin(&server.site(), &db, seed).await?;
    while tally.races() < wanted && tally.faults.is_empty() {
        if !batch(&mut month, &mut desks, &db, tally).await? {
            tally.faults.extend(month.faults_at_end(&db).await?);
            break;
        }
        tally.faults.extend(month.faults(&db).await?);
        if tally.races() < wanted {
            case(&mut reviewers, &db, tally).await?;
        }
    }
    db.close().await?;
    server.stop().await?;
    if let Err(fault) = at.verify_log(program) {
        tally.faults.push(format!("the audit log: {fault}"));
    }
    Ok(())
}

async fn signed_in(site: &str, logins: &[String]) -> Outcome<Vec<Visitor>> {
    let mut people = Vec::with_capacity(logins.len());
    for login in logins {
        let mut person = Visitor::new(site, false)?;
        person.sign_in(login).await.map_err(|halt| halt.told())?;
        people.push(person);
    }
    Ok(people)
}

/// The next step of the month, by everybody of its desk at once; false when the month is over. A
/// new batch is drawn up by one: two of them would be two batches.
async fn batch(
    month: &mut Month,
    desks: &mut [Vec<Visitor>],
    db: &Db,
    tally: &mut Tally,
) -> Outcome<bool> {
    let told = |halt: Halt| halt.told();
    let Some(ready) = month.ready(db).await.map_err(told)? else { return Ok(false) };
    let mut sends = vec![(month.person(ready.who).clone(), ready.form.clone())];
    if ready.action != "create" {
        for colleague in &mut desks[ready.who] {
            let form = month.ready_for(colleague, db).await.map_err(told)?;
            sends.extend(form.map(|form| (colleague.clone(), form)));
        }
        tally.batches += 1;
    }
    *tally.by_action.entry(format!("batch {}", ready.action)).or_default() += 1;
    let answers = at_once(sends).await;
    let mut done = Vec::new();
    for answer in answers {
        match answer {
            Ok(reply) if reply.status == 303 => {
                tally.took.add(reply.took);
                done.push(reply.location);
            }
            Ok(reply) if reply.status == 409 && is_told(&reply) => count(tally, &reply),
            other => tally.faults.push(odd(ready.action, other)),
        }
    }
    // Everybody who loads the same file of the bank is led to it.
    if done.len() != 1 && ready.action != "load_return" {
        let (no, action) = (&ready.batch_no, ready.action);
        tally.faults.push(format!("{no} {action}: {} were told that they did it", done.len()));
    }
    *tally.answers.entry("done".to_owned()).or_default() += u32::try_from(done.len()).unwrap_or(0);
    if let Some(location) = done.first() {
        month.answered_for(location);
    }
    Ok(true)
}

/// The recognised case is suspended or taken up again, by all reviewers at once.
async fn case(reviewers: &mut [Visitor], db: &Db, tally: &mut Tally) -> Outcome<()> {
    let case = review::waiting(db).await?;
    let review::Waiting { no, steps, act } = &case;
    let mut sends: Vec<(Visitor, Filled)> = Vec::with_capacity(reviewers.len());
    for reviewer in reviewers {
        let form = review::form(reviewer, &case).await?;
        sends.push((reviewer.clone(), form));
    }
    tally.cases += 1;
    *tally.by_action.entry(format!("case {act}")).or_default() += 1;
    let mut done = 0_u32;
    for answer in at_once(sends).await {
        match answer {
            Ok(reply) if reply.status == 303 => {
                tally.took.add(reply.took);
                done += 1;
            }
            Ok(reply) if reply.status == 422 && is_told(&reply) => count(tally, &reply),
            other => tally.faults.push(odd(act, other)),
        }
    }
    *tally.answers.entry("done".to_owned()).or_default() += done;
    let now = format!("SELECT CAST(steps AS BIGINT) FROM case_file WHERE case_no = '{no}'");
    let taken = db.number(&now).await? - steps;
    let kept = format!(
        "SELECT COUNT(*) FROM case_step s JOIN case_file f ON f.id = s.case_id \
         WHERE f.case_no = '{no}' AND s.seq > {steps}"
    );
    let kept = db.number(&kept).await?;
    if (done, taken, kept) != (1, 1, 1) {
        tally.faults.push(format!(
            "{no} {act}: {done} were told that they did it, {taken} steps, {kept} on record"
        ));
    }
    Ok(())
}

/// Whether a page says that somebody was faster.
fn is_told(reply: &Reply) -> bool {
    ["该件已于", "办理“", "不能办理", "已确认", "正在办理"]
        .iter()
        .any(|word| reply.body.contains(word))
}

fn count(tally: &mut Tally, reply: &Reply) {
    tally.took.add(reply.took);
    let by_name = reply.body.contains("该件已于") || reply.body.contains("办理“");
    let what = if by_name { "told who did it and when" } else { "told that it is done" };
    *tally.answers.entry(what.to_owned()).or_default() += 1;
}

fn odd(what: &str, answer: Result<Reply, Halt>) -> String {
    match answer {
        Ok(reply) => Halt::Refused(what.to_owned(), Box::new(reply)).told(),
        Err(halt) => format!("{what}: {}", halt.told()),
    }
}
