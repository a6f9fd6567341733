//! A year told at random: facts change, the year is computed again, files, batches, banks, recoveries
//! and budgets move in any order. Whatever was tried, the books agree, the ten checks are green, and
//! of every person's year what was paid less what came back is what is due less what is unpaid.

use std::collections::BTreeMap;

use juncai::domain::ledger::BudgetAct;
use juncai::domain::lifecycle::Evidence;
use juncai::domain::registry::Code;
use juncai::file::bank::NEUTRAL;
use juncai::service::budget::{
    AllocationForm, YearEndForm, decide_request, propose_allocation, propose_year_end,
};
use juncai::service::case::Submitted;
use juncai::service::payment::{self, Criteria};
use juncai::service::reconciliation::{Wanted, reconcile};
use juncai::service::{Actor, Error, ledger, program, recovery};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use crate::bank_answers::csv_file;
use crate::fixture_payment::{
    RETURN_HEADER, approval, checked_through, criteria, failed, paid, sent_back,
};
use crate::town::actor;
use crate::world::{Backend, World};
use crate::yearly::{Year, year};

/// One try: what, and two numbers for everything else.
type Try = (u8, u8, u8);

/// A year under way, and who else acts in it.
struct Story {
    year: Year,
    /// An approver who had no hand in the payment.
    other: Actor,
    /// The day of the story.
    day: chrono::NaiveDate,
}

/// Acts of the file of the year that move or correct money, and those of a recovery.
const OF_YEAR: [&str; 3] = ["release", "supplement", "reclaim"];
const OF_RECOVERY: [&str; 16] = [
    "notify",
    "hear",
    "decide",
    "serve",
    "receive",
    "confirm_part",
    "confirm_rest",
    "refuse_receipt",
    "agree_offset",
    "set_off_part",
    "set_off_rest",
    "remind",
    "refer",
    "propose_write_off",
    "write_off",
    "revoke",
];

/// The stories that are told unless another seed is named, or a `fresh` one is asked for.
const SEED: &str = "c66cc4e3a5178d54b0a5b903d6336af3";

/// A seed that nobody has tried.
fn fresh() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("randomness");
    format!("{:032x}", u128::from_be_bytes(bytes))
}

fn run(backend: Backend, cases: u32) {
    let seed = std::env::var("JUNCAI_TEST_SEED").unwrap_or_else(|_| SEED.to_owned());
    let seed = if seed == "fresh" { fresh() } else { seed };
    eprintln!("JUNCAI_TEST_SEED={seed}");
    let seed: [u8; 32] = seed.as_bytes()[..32].try_into().expect("32 characters");
    let wanted = std::env::var("JUNCAI_TEST_HISTORIES").ok().and_then(|text| text.parse().ok());
    let cases = wanted.unwrap_or(cases);
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let tries = prop::collection::vec(any::<Try>(), 100..160);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let result = TestRunner::new_with_rng(config, rng).run(&tries, |tries| {
        runtime.block_on(async {
            let mut story = Story::begin(World::new(backend).await).await;
            for one in tries {
                match story.attempt(one).await {
                    Err(Error::Internal(fault)) => panic!("{one:?} is an internal fault: {fault}"),
                    _ => story.holds(one).await,
                }
            }
            eprintln!("reached: {}", story.reached().await);
        });
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

#[test]
fn a_year_told_at_random_keeps_every_sum_on_sqlite() {
    run(Backend::Sqlite, 8);
}

#[test]
fn a_year_told_at_random_keeps_every_sum_on_postgres() {
    run(Backend::Postgres, 4);
}

impl Story {
    async fn begin(world: World) -> Self {
        let mut year = year(world).await;
        let world = &year.offices.town.world;
        let other = actor(world, "hr-approver-2", "hr_province_approver", "350000", None).await;
        year.through_offices().await;
        Self { year, other, day: crate::town::day("2027-03-10") }
    }

    async fn attempt(&mut self, (act, what, how): Try) -> Result<(), Error> {
        match act % 16 {
            0 => self.change(what, how).await,
            1 | 2 => {
                self.year.offices.town.compute(2026).await;
                Ok(())
            }
            3..=5 => {
                let act = OF_YEAR[usize::from(what) % OF_YEAR.len()];
                self.year.both(&self.year.offices.approver, act, "据实办理").await;
                Ok(())
            }
            6..=9 => self.batch(what, how).await,
            10..=13 => self.recover(what, how).await,
            14 => self.budget(what, how).await,
            _ => self.later(how).await,
        }
    }

    /// A fact that makes the year worth less, or again more.
    async fn change(&mut self, what: u8, how: u8) -> Result<(), Error> {
        let person = i64::from(what % 2) + 1;
        let town = &self.year.offices.town;
        match what % 5 {
            0 => town.left(person, &format!("2026-{:02}-28", how % 4 + 8)).await,
            1 => town.suspend(person, &format!("2026-{:02}-01", how % 12 + 1), None).await,
            2 => town.award(person, "provincial-talent", i64::from(how) * 100_001).await,
            3 => {
                town.sql(
                    "UPDATE suspension SET superseded_at = recorded_at, \
                superseded_source_id = source_id WHERE superseded_at IS NULL",
                )
                .await
            }
            _ => {
                town.sql(
                    "UPDATE other_award SET superseded_at = recorded_at, \
                superseded_source_id = source_id WHERE superseded_at IS NULL",
                )
                .await
            }
        }
        Ok(())
    }

    /// The next step of a batch, or a bank's answer of any kind.
    async fn batch(&self, what: u8, how: u8) -> Result<(), Error> {
        let (app, [maker, checker, payer]) = (self.year.app(), &self.year.finance);
        let batches = {
            use sea_orm::EntityTrait;
            entity::batch::Entity::find().all(app.db.read()).await.expect("batches")
        };
        let draw = Criteria { max_lines: i64::from(how % 2) + 1, ..criteria() };
        let draw = Criteria { budget_year: i64::from(self.year_now()), ..draw };
        let open =
            batches.iter().rev().find(|b| !matches!(b.state.as_str(), "closed" | "cancelled"));
        let Some(batch) = open.filter(|_| what % 8 != 7) else {
            return payment::create(app, maker, draw).await.map(drop);
        };
        let (no, version) = (batch.batch_no.as_str(), batch.version);
        match batch.state.as_str() {
            "draft" => payment::freeze(app, maker, no, version).await.map(drop),
            "frozen" if how.is_multiple_of(9) => {
                payment::cancel(app, payer, no, version, "重新编制").await.map(drop)
            }
            "frozen" => {
                checked_through(app, checker, no, version, &batch.content_hash).await.map(drop)
            }
            "checked" => {
                let total = juncai::domain::money::Fen::new(batch.total_fen).to_string();
                payment::approve(app, payer, no, version, approval(&total)).await.map(drop)
            }
            "approved" => payment::issue_file(app, maker, no, version, NEUTRAL).await.map(drop),
            "file_issued" => payment::mark_sent(app, maker, no, version, "PZ-1").await.map(drop),
            "settled" if how.is_multiple_of(4) => {
                payment::close(app, payer, no, version, "2027-记-0315").await.map(drop)
            }
            _ => {
                let csv = self.answer(batch.id, how).await;
                let loaded = payment::load_return(app, maker, no, &csv_file(&csv)).await?;
                payment::confirm_return(app, checker, &loaded.return_no).await.map(drop)
            }
        }
    }

    /// What the bank says of each line: paid, refused, or sent back after all.
    async fn answer(&self, batch_id: i64, how: u8) -> String {
        let conn = self.year.app().db.read();
        let mut csv = String::from(RETURN_HEADER);
        for line in juncai::store::payment::known_lines(conn, batch_id).await.unwrap() {
            let amount = juncai::domain::money::Fen::new(line.amount_fen).to_string();
            let serial = format!("S{}", line.id);
            csv.push_str(&match how.wrapping_add(u8::try_from(line.seq).unwrap_or(0)) % 6 {
                0 => failed(&line.line_ref, "销户"),
                1 => sent_back(&line.line_ref, &amount, &serial),
                _ => paid(&line.line_ref, &amount, &serial),
            });
        }
        csv
    }

    /// Any act of any recovery by whoever may do it, with all evidence.
    async fn recover(&self, what: u8, how: u8) -> Result<(), Error> {
        let town = &self.year.offices.town;
        let open = "SELECT case_no || ' ' || CAST(steps AS TEXT) FROM case_file \
            WHERE kind = 'recovery' AND state NOT IN ('repaid', 'written_off', 'cancelled')";
        let open = town.texts(open).await;
        let Some(file) = open.get(usize::from(how) % open.len().max(1)) else { return Ok(()) };
        let (no, steps) = file.split_once(' ').expect("two parts");
        let left = "SELECT CAST(amount_fen / 200 AS TEXT) FROM recovery ORDER BY id DESC";
        let half: i64 = town.texts(left).await[0].parse().unwrap();
        let amount = juncai::domain::money::Fen::new((half + i64::from(how % 2) * half).max(1));
        let evidence = Evidence::ALL.iter().map(|kind| (kind.code().to_owned(), "附卷".to_owned()));
        let mut fields: BTreeMap<String, String> = evidence.collect();
        for (name, text) in [
            ("liable", "本人"),
            ("person_fraud", "no"),
            ("fraud_enterprise", "无"),
            ("amount", &amount.to_string()),
            ("on_day", &self.day.to_string()),
        ] {
            fields.insert(name.to_owned(), text.to_owned());
        }
        let [maker, checker, payer] = &self.year.finance;
        // The deeds come in their order nearly always: else hardly anything comes back.
        let state = format!("SELECT state FROM case_file WHERE case_no = '{no}'");
        let act = if what.is_multiple_of(4) {
            OF_RECOVERY[usize::from(what / 4) % OF_RECOVERY.len()]
        } else {
            match town.texts(&state).await[0].as_str() {
                "opened" => "notify",
                "notice_of_facts" => "hear",
                "heard" => "decide",
                "decided" => "serve",
                _ => ["receive", "confirm_part", "confirm_rest"][usize::from(what / 4) % 3],
            }
        };
        let who = match act {
            "notify" | "hear" | "serve" => &town.hr,
            "decide" | "refer" | "revoke" => &self.other,
            "receive" | "agree_offset" | "remind" | "propose_write_off" => maker,
            "confirm_part" | "confirm_rest" | "refuse_receipt" => checker,
            _ => payer,
        };
        let seen_steps = steps.parse().unwrap();
        let sent = Submitted { act: act.to_owned(), remark: String::new(), seen_steps, fields };
        recovery::act(self.year.app(), who, no, &sent).await.map(drop)
    }

    /// Money set aside, taken back, carried over or given up, by two people.
    async fn budget(&self, what: u8, how: u8) -> Result<(), Error> {
        let (app, [maker, _, payer]) = (self.year.app(), &self.year.finance);
        let amount =
            format!("{}{}.00", if what % 4 == 1 { "-" } else { "" }, i64::from(how) * 977 + 1);
        let document_no = format!("闽财指〔2027〕{what}-{how}号");
        let this_year = self.year_now();
        let no = if what.is_multiple_of(2) {
            let form = YearEndForm {
                programme: "core-engineer",
                source: "province",
                budget_year: &(this_year - 1).to_string(),
                how: Some(if what.is_multiple_of(4) {
                    BudgetAct::CarryOver
                } else {
                    BudgetAct::Lapse
                }),
                amount: &amount,
                document_no: &document_no,
            };
            propose_year_end(app, maker, &form).await?
        } else {
            let form = AllocationForm {
                programme: "core-engineer",
                source: "province",
                payer_division: "350000",
                budget_year: &this_year.to_string(),
                amount: &amount,
                document_no: &document_no,
                ..AllocationForm::default()
            };
            propose_allocation(app, maker, &form).await?
        };
        decide_request(app, payer, &no, (!how.is_multiple_of(5), "退回")).await
    }

    /// Days or months pass, and the program does what time asks for.
    async fn later(&mut self, how: u8) -> Result<(), Error> {
        let days = if how.is_multiple_of(5) { 200 } else { i64::from(how % 20) + 1 };
        let last = crate::town::day("2028-06-30");
        self.day = (self.day + chrono::TimeDelta::days(days)).min(last);
        self.year.offices.town.at(&format!("{}T09:00:00+08:00", self.day));
        program::round(self.year.app()).await.map(drop)
    }

    fn year_now(&self) -> i32 {
        use chrono::Datelike;
        self.day.year()
    }

    /// How far a story came: lines by state, recoveries by state, what came back, budget requests.
    async fn reached(&self) -> String {
        let counts = "SELECT 'line ' || state || ' ' || CAST(COUNT(*) AS TEXT) FROM payment_line \
                GROUP BY state \
            UNION ALL SELECT 'recovery ' || state || ' ' || CAST(COUNT(*) AS TEXT) FROM recovery \
                GROUP BY state \
            UNION ALL SELECT 'back ' || kind || ' ' || CAST(COUNT(*) AS TEXT) \
                FROM recovery_entry GROUP BY kind \
            UNION ALL SELECT 'budget ' || kind || ' ' || CAST(COUNT(*) AS TEXT) \
                FROM budget_request GROUP BY kind ORDER BY 1";
        self.year.offices.town.texts(counts).await.join(", ")
    }

    /// What must hold whatever happened.
    async fn holds(&self, after: Try) {
        let (app, maker) = (self.year.app(), &self.year.finance[0]);
        assert_eq!(ledger::disagreements(app).await.unwrap(), [], "after {after:?}");
        let found = reconcile(app, maker, Wanted::default()).await.unwrap();
        // Money that is at the bank when its budget year ends is named by the ninth; a year whose
        // noted receipt waited while it was computed, by the sixth, until it is computed again.
        let waited = self.year.offices.town.texts(WAITED).await;
        let is_red = |number: u8, object: &String| match number {
            9 => false,
            6 => !waited.contains(object),
            _ => true,
        };
        let rows = found
            .checks
            .iter()
            .flat_map(|check| check.rows.iter().map(move |row| (check.number, check.title, row)));
        let red: Vec<_> = rows.filter(|(number, _, row)| is_red(*number, &row.object)).collect();
        assert!(red.is_empty(), "after {after:?}: {red:?}");
        let mut wrong = self.year.offices.town.texts(UNBALANCED).await;
        wrong.retain(|year| !waited.iter().any(|no| year.starts_with(no.as_str())));
        let reached = self.reached().await;
        assert!(wrong.is_empty(), "after {after:?}: {wrong:?} of {reached}");
    }
}

/// Years of persons in which the lines less what is to come back, what came back and what was given up
/// are not what is due. What was dropped because facts changed is owed no more.
const UNBALANCED: &str = "SELECT o.person_no || ' due ' \
        || CAST(e.net_fen AS TEXT) || ' lines ' || CAST(l.sum AS TEXT) || ' back ' \
        || CAST(r.sum AS TEXT) FROM entitlement e JOIN person o ON o.id = e.person_id \
    JOIN (SELECT n.id, CAST(COALESCE(SUM(p.amount_fen), 0) AS BIGINT) AS sum FROM entitlement n \
        LEFT JOIN payment_line p ON p.person_id = n.person_id AND p.award_year = n.award_year \
            AND p.programme = n.programme AND p.state <> 'void' GROUP BY n.id) l ON l.id = e.id \
    JOIN (SELECT n.id, CAST(COALESCE(SUM(c.fen), 0) AS BIGINT) AS sum FROM entitlement n \
        LEFT JOIN (SELECT x.person_id, x.award_year, x.programme, \
            CASE WHEN x.state IN ('proposed', 'claimed') THEN x.amount_fen - \
                (SELECT COALESCE(SUM(b.amount_fen), 0) FROM recovery_entry b \
                 WHERE b.recovery_id = x.id AND b.accepted AND b.kind = 'dropped') \
            ELSE (SELECT COALESCE(SUM(b.amount_fen), 0) FROM recovery_entry b \
                 WHERE b.recovery_id = x.id AND b.accepted AND b.kind <> 'dropped') END AS fen \
            FROM recovery x) c ON c.person_id = n.person_id AND c.award_year = n.award_year \
            AND c.programme = n.programme GROUP BY n.id) r ON r.id = e.id \
    WHERE e.superseded_at IS NULL AND l.sum - r.sum <> e.net_fen";

/// Whose noted receipt waited for its second person while the year was computed last: until it is
/// decided and the year computed again, more is claimed than is owed, or came back.
const WAITED: &str = "SELECT DISTINCT o.person_no FROM recovery_entry b \
    JOIN recovery y ON y.id = b.recovery_id JOIN person o ON o.id = y.person_id \
    JOIN (SELECT MAX(finished_at) AS ended FROM compute_run) last ON b.recorded_at <= last.ended \
    WHERE b.kind = 'repaid' AND (b.decided_at IS NULL OR b.decided_at >= last.ended)";
