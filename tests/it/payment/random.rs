//! Random acts by random people in random order: whatever they try, what must hold holds.

use juncai::domain::payment::State;
use juncai::domain::registry::Code;
use juncai::file::bank::NEUTRAL;
use juncai::service::payment::{self, Criteria};
use juncai::service::{Actor, Error};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sea_orm::EntityTrait;

use super::assert_sound;
use crate::bank_answers::csv_file;
use crate::fixture_payment::{
    Office, PROVINCE, RETURN_HEADER, approval, checked_through, criteria, failed, paid, sent_back,
    sign_in,
};
use crate::world::{Backend, World};

/// One try: which act, by whom, on which batch, and a number for everything else.
type Try = (u8, u8, u8, u8);

/// Everything that can be tried.
const ACTS: [&str; 15] = [
    "create",
    "freeze",
    "check",
    "approve",
    "issue",
    "send",
    "load",
    "confirm",
    "close",
    "send back",
    "cancel",
    "load",
    "confirm",
    "lower",
    "account",
];

/// What a batch in this state waits for.
fn forward(state: &str, extra: u8) -> &'static str {
    match state {
        "draft" => "freeze",
        "frozen" => "check",
        "checked" => "approve",
        "approved" => "issue",
        "file_issued" => "send",
        "settled" if extra.is_multiple_of(3) => "close",
        "cancelled" => "create",
        _ if extra.is_multiple_of(2) => "load",
        _ => "confirm",
    }
}

fn run(backend: Backend, cases: u32) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let tries = prop::collection::vec(any::<Try>(), 60..120);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let result = TestRunner::new(config).run(&tries, |tries| {
        runtime.block_on(async {
            let office = Office::new(World::new(backend).await).await;
            office.payees(1, &[20_000_000, 15_000_000, 11_666_667, 13_333_333]).await;
            office.allot(50_000_000).await;
            let people = people(&office).await;
            for one in tries {
                let batches = entity::batch::Entity::find().all(office.world.app.db.read()).await;
                let before = batches.expect("batches");
                let result = attempt(&office, &people, one, &before).await;
                if let Err(Error::Internal(fault)) = &result {
                    panic!("{one:?} is an internal fault: {fault}");
                }
                assert_sound(&office).await;
            }
        });
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

#[test]
fn random_acts_by_random_people_keep_what_must_hold_on_sqlite() {
    run(Backend::Sqlite, 16);
}

#[test]
fn random_acts_by_random_people_keep_what_must_hold_on_postgres() {
    run(Backend::Postgres, 3);
}

/// The office's people, and one natural person who has all three roles.
async fn people(office: &Office) -> Vec<Actor> {
    let world = &office.world;
    let mut people = vec![
        office.maker.clone(),
        office.checker.clone(),
        office.approver.clone(),
        office.maker_two.clone(),
        office.checker_two.clone(),
    ];
    for role in ["finance_maker", "finance_checker", "finance_approver"] {
        people.push(sign_in(world, role, "全能", role, PROVINCE).await);
    }
    people
}

async fn attempt(
    office: &Office,
    people: &[Actor],
    (act, who, which, extra): Try,
    batches: &[juncai::store::payment::Batch],
) -> Result<(), Error> {
    let app = &office.world.app;
    let few = Criteria { max_lines: i64::from(extra % 3) + 1, ..criteria() };
    let Some(batch) = batches.get(usize::from(which) % batches.len().max(1)) else {
        return payment::create(app, &office.maker, few).await.map(drop);
    };
    // Mostly what the batch waits for, by somebody whose role it is: else nearly nothing happens.
    let waits = act % 3 != 0;
    let act = if waits { forward(&batch.state, extra) } else { ACTS[usize::from(act / 3) % 15] };
    let able: Vec<&Actor> =
        people.iter().filter(|actor| extra % 8 == 0 || suits(act, actor)).collect();
    let actor = able[usize::from(who) % able.len()];
    if act == "create" {
        return payment::create(app, actor, few).await.map(drop);
    }
    let person = i64::from(extra % 4) + 1;
    match act {
        "lower" => {
            office.entitle(person, 10_000_000, "province", PROVINCE).await;
            return Ok(());
        }
        "account" => {
            let number = format!("62170000000{extra:08}");
            office.account(person, &format!("工程师{person}"), &number, actor).await;
            return Ok(());
        }
        _ => {}
    }
    let (no, version) = (batch.batch_no.as_str(), batch.version - i64::from(extra % 16 == 15));
    match act {
        "freeze" => payment::freeze(app, actor, no, version).await.map(drop),
        "check" => checked_through(app, actor, no, version, &batch.content_hash).await.map(drop),
        "approve" => {
            let total = juncai::domain::money::Fen::new(batch.total_fen).to_string();
            payment::approve(app, actor, no, version, approval(&total)).await.map(drop)
        }
        "issue" => payment::issue_file(app, actor, no, version, NEUTRAL).await.map(drop),
        "send" => payment::mark_sent(app, actor, no, version, "PZ-1").await.map(drop),
        "load" => {
            let csv = answer(office, batch, extra).await;
            payment::load_return(app, actor, no, &csv_file(&csv)).await.map(drop)
        }
        "confirm" => confirm(office, actor, extra).await,
        "close" => payment::close(app, actor, no, version, "2027-记-0315").await.map(drop),
        "send back" => payment::send_back(app, actor, no, version, "再核").await.map(drop),
        _ => payment::cancel(app, actor, no, version, "不发").await.map(drop),
    }
}

fn suits(act: &str, actor: &Actor) -> bool {
    let role = actor.role.code();
    match act {
        "check" | "confirm" => role == "finance_checker",
        "approve" | "close" | "send back" | "cancel" => role == "finance_approver",
        _ => role == "finance_maker",
    }
}

/// A return file about some lines of the batch, right or wrong in every way a bank can be.
async fn answer(office: &Office, batch: &juncai::store::payment::Batch, extra: u8) -> String {
    let conn = office.world.app.db.read();
    let lines = juncai::store::payment::known_lines(conn, batch.id).await.unwrap();
    let mut csv = String::from(RETURN_HEADER);
    for line in &lines {
        let amount = juncai::domain::money::Fen::new(line.amount_fen).to_string();
        let serial = format!("S{}", line.id);
        csv.push_str(&match (extra.wrapping_add(u8::try_from(line.seq).unwrap_or(0))) % 8 {
            0 => failed(&line.line_ref, "销户"),
            1 => sent_back(&line.line_ref, &amount, &serial),
            2 => paid(&line.line_ref, "0.01", &serial),
            3 => String::new(),
            _ => paid(&line.line_ref, &amount, &serial),
        });
    }
    if extra.is_multiple_of(5) {
        csv.push_str(&paid(&format!("LOST-{extra}"), "1.00", "S0"));
    }
    csv
}

async fn confirm(office: &Office, actor: &Actor, extra: u8) -> Result<(), Error> {
    let app = &office.world.app;
    let returns = entity::bank_return::Entity::find().all(app.db.read()).await.unwrap();
    let Some(file) = returns.get(usize::from(extra) % returns.len().max(1)) else { return Ok(()) };
    let state = |code: &str| State::from_code(code).expect("a state");
    let done = payment::confirm_return(app, actor, &file.return_no).await?;
    assert!(done.standing.state >= state("sent"), "only sent batches hear from the bank");
    Ok(())
}
