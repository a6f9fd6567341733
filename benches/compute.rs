//! A whole year computed on SQLite: persons a second, and which share of it is the plain insertion
//! of the same rows. Only the ratio carries from one machine to another.
//! `JUNCAI_BENCH_PERSONS` changes the number of persons (20,000).

use std::time::{Duration, Instant};

use chrono::{Months, NaiveDate};
use juncai::app::App;
use juncai::clock::Clock;
use juncai::domain::period::Period;
use juncai::domain::registry::{
    Employment, EnterpriseDivision, EvidenceKind, EvidenceMonth, Listing, RosterEntry,
    RosterStatus, Stated,
};
use juncai::service::{Actor, stipend};
use juncai::store::fact::{self, FactTable};
use juncai::store::{account, source};
use juncai::vault::Vault;
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait, EntityTrait};

const ENTERPRISES: i64 = 40;
const CHUNK: i64 = 500;

/// Who records, from which document.
struct Ground {
    app: App,
    actor: Actor,
    source: i64,
}

impl Ground {
    async fn new(url: &str) -> Self {
        let clock = Clock::Fixed("2027-01-15T01:20:00Z".parse().expect("an instant"));
        let app = App::open(url, Vault::new(&[7; 32]), clock).await.expect("an open app");
        let now = app.clock.now();
        let tx = app.db.begin().await.expect("a transaction");
        let office = account::NewOrganisation {
            code: "HR",
            kind: "hr_office",
            name: "人社厅",
            division: "350000",
            enterprise_id: None,
        };
        let organisation_id =
            account::ensure_organisation(&tx, &office, now).await.expect("an office");
        let holder_id = account::ensure_holder(&tx, "S1", "林", now).await.expect("a holder");
        let new = account::NewAccount {
            login: "lin",
            holder_id,
            organisation_id,
            role: "hr_province",
            password_hash: "x",
            must_change_password: false,
        };
        let account_id = account::create(&tx, &new, now).await.expect("an account");
        let document = source::NewSource {
            kind: "decision",
            title: "基准",
            document_no: "",
            import_id: None,
            recorded_by: account_id,
            recorded_at: now,
        };
        let source = source::record(&tx, &document).await.expect("a document");
        tx.commit().await.expect("committed");
        let full = account::by_id(app.db.read(), account_id).await.expect("read").expect("there");
        let actor = Actor::new(&full, "bench").expect("an actor");
        Self { app, actor, source }
    }

    fn stated<T>(
        &self,
        about: i64,
        from: NaiveDate,
        through: Option<NaiveDate>,
        fact: T,
    ) -> Stated<T> {
        Stated {
            id: 0,
            about,
            period: Period::new(from, through).expect("a period"),
            fact,
            recorded_at: self.app.clock.now(),
            recorded_by: self.actor.account_id,
            source_id: self.source,
            reason: String::new(),
            supersedes: None,
            superseded_at: None,
        }
    }

    async fn state<T: FactTable>(&self, facts: Vec<Stated<T>>) {
        let tx = self.app.db.begin().await.expect("a transaction");
        fact::state(&tx, facts).await.expect("stated");
        tx.commit().await.expect("committed");
    }

    async fn enterprises(&self) {
        let start = day(2020, 1, 1);
        for id in 1..=ENTERPRISES {
            let row = entity::enterprise::ActiveModel {
                id: Set(id),
                uscc: Set(format!("91350100M00000{id:04}")),
                created_at: Set(self.app.clock.now()),
            };
            let conn = self.app.db.read();
            entity::enterprise::Entity::insert(row).exec_without_returning(conn).await.expect("in");
            let (division, city_unit) =
                [("350102", "350100"), ("350203", "350200"), ("350503", "350500")][id as usize % 3];
            let place = EnterpriseDivision {
                division: division.to_owned(),
                city_unit: city_unit.to_owned(),
            };
            self.state(vec![self.stated(id, start, None, place)]).await;
            let listing =
                Listing { list_batch: "1".to_owned(), recognition_quota: 0, engineer_quota: 0 };
            self.state(vec![self.stated(id, day(2025, 12, 1), None, listing)]).await;
        }
    }

    /// Persons with one or two employers and twelve months of evidence, some missing.
    async fn persons(&self, first: i64, last: i64) {
        let row = |id: i64| entity::person::ActiveModel {
            id: Set(id),
            person_no: Set(format!("E{id:07}")),
            created_at: Set(self.app.clock.now()),
        };
        let conn = self.app.db.read();
        entity::person::Entity::insert_many((first..=last).map(row))
            .exec_without_returning(conn)
            .await
            .expect("in");
        let (mut jobs, mut entries, mut evidence) = (Vec::new(), Vec::new(), Vec::new());
        for id in first..=last {
            let moved = day(2026, 1 + id as u32 % 12, 1 + id as u32 % 28);
            let spans = if id % 3 == 0 {
                vec![(day(2025, 12, 1), moved.pred_opt()), (moved, None)]
            } else {
                vec![(day(2025, 12, 1), None)]
            };
            for (turn, (from, through)) in (0..).zip(spans) {
                let enterprise_id = (id + turn * 7) % ENTERPRISES + 1;
                jobs.push(self.stated(id, from, through, job(enterprise_id)));
                let entry = RosterEntry { enterprise_id, status: RosterStatus::Confirmed };
                entries.push(self.stated(id, from, through, entry));
            }
            for month in (1..=12).filter(|month| (id + i64::from(*month)) % 17 != 0) {
                let from = day(2026, month, 1);
                let last = (from + Months::new(1)).pred_opt();
                let fact = EvidenceMonth {
                    month: format!("2026-{month:02}"),
                    payer_uscc: "91350100M000000001".to_owned(),
                    evidence_kind: EvidenceKind::SocialInsurance,
                    paid_late: false,
                };
                evidence.push(self.stated(id, from, last, fact));
            }
        }
        self.state(jobs).await;
        self.state(entries).await;
        self.state(evidence).await;
    }

    async fn compute(&self) -> Duration {
        let begun = Instant::now();
        let run_no = stipend::start_run(&self.app, &self.actor, 2026).await.expect("started");
        stipend::execute_run(&self.app, &run_no).await.expect("carried out");
        begun.elapsed()
    }
}

fn job(enterprise_id: i64) -> Employment {
    let text = |text: &str| text.to_owned();
    Employment {
        enterprise_id,
        full_time: true,
        post: text("算法研发"),
        professional_title: text("高级工程师"),
        education: text("硕士研究生"),
    }
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a date")
}

/// Copies the rows of a run into tables without keys, guards and indexes, in the same chunks.
async fn raw(ground: &Ground) -> (Duration, usize) {
    let conn = ground.app.db.read();
    let tables = ["entitlement", "entitlement_share", "payment_line"];
    for table in tables {
        let plain = format!("CREATE TABLE raw_{table} AS SELECT * FROM {table} WHERE 1 = 0");
        conn.execute_unprepared(&plain).await.expect("a table");
    }
    let mut spent = Duration::ZERO;
    let mut rows = 0;
    for table in tables {
        rows += copy(ground, table, &mut spent).await;
    }
    (spent, rows)
}

/// Copies a table chunk by chunk with prepared statements of 50 rows; counts the inserts only.
async fn copy(ground: &Ground, table: &str, spent: &mut Duration) -> usize {
    use sea_orm::sea_query::{Alias, Query};
    use sea_orm::{JsonValue, Statement, Value};
    let conn = ground.app.db.read();
    let backend = conn.get_database_backend();
    let mut copied = 0;
    loop {
        let text = format!("SELECT * FROM {table} ORDER BY id LIMIT {CHUNK} OFFSET {copied}");
        let select = Statement::from_string(backend, text);
        let found: Vec<JsonValue> =
            <JsonValue as sea_orm::FromQueryResult>::find_by_statement(select)
                .all(conn)
                .await
                .expect("rows");
        if found.is_empty() {
            return copied;
        }
        copied += found.len();
        let value = |value: &JsonValue| match value {
            JsonValue::Number(number) => Value::BigInt(number.as_i64()),
            JsonValue::String(text) => Value::String(Some(text.clone())),
            _ => Value::String(None),
        };
        let columns: Vec<Alias> =
            found[0].as_object().expect("a row").keys().map(Alias::new).collect();
        let mut statements = Vec::new();
        for rows in found.chunks(50) {
            let mut insert = Query::insert();
            insert.into_table(Alias::new(format!("raw_{table}"))).columns(columns.clone());
            for row in rows {
                let cells = row.as_object().expect("a row").values().map(|v| value(v).into());
                insert.values_panic(cells);
            }
            statements.push(backend.build(&insert));
        }
        let begun = Instant::now();
        let tx = ground.app.db.begin().await.expect("a transaction");
        for statement in statements {
            tx.execute_raw(statement).await.expect("inserted");
        }
        tx.commit().await.expect("committed");
        *spent += begun.elapsed();
    }
}

#[tokio::main]
async fn main() {
    let persons: i64 = std::env::var("JUNCAI_BENCH_PERSONS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20_000);
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("bench.db").display());
    let ground = Ground::new(&url).await;
    ground.enterprises().await;
    let begun = Instant::now();
    for first in (1..=persons).step_by(CHUNK as usize) {
        ground.persons(first, (first + CHUNK - 1).min(persons)).await;
    }
    println!("facts stated in                    {:>12.2} s", begun.elapsed().as_secs_f64());
    let first = ground.compute().await.as_secs_f64();
    let again = ground.compute().await.as_secs_f64();
    let (raw, rows) = raw(&ground).await;
    let raw = raw.as_secs_f64();
    let a_second = |seconds: f64| persons as f64 / seconds;
    println!("persons computed a second          {:>12.0}  ({first:.2} s)", a_second(first));
    println!("persons computed again a second    {:>12.0}  ({again:.2} s)", a_second(again));
    println!("rows written                       {rows:>12}");
    println!("rows written a second              {:>12.0}", rows as f64 / first);
    println!("rows inserted plainly a second     {:>12.0}  ({raw:.2} s)", rows as f64 / raw);
    println!("ratio of the two                   {:>12.2}  (goal 0.50)", raw / first);
}
