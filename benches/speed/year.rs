//! A whole year of a province: facts stated, computed, computed again, and the same rows inserted by the
//! database alone.

use std::time::Instant;

use juncai::app::App;
use juncai::demo::crowd;
use juncai::domain::authority::Role;
use juncai::service::stipend;
use sea_orm::{ConnectionTrait, Statement};

use crate::figure::{Figure, say};
use crate::place::{Database, Place, actor, block_on, cpu_seconds, known, peak_megabytes};

/// After the year, so that its results are final.
pub const MOMENT: &str = "2027-01-15T09:20:00+08:00";
const YEAR: i32 = 2026;
/// Everything that computing a year writes for each person.
const WRITTEN: [&str; 6] =
    ["entitlement", "entitlement_share", "payment_line", "case_file", "case_step", "yearly_file"];
/// Processor time that the nearest peer takes to generate one person's payment, measured on a machine of
/// this kind; a thousandth of it is wanted.
const PEER_MS: f64 = 83.0;
/// Rows a second that a tuned program reads, decides and writes, measured on a machine of this kind.
const TUNED: [f64; 2] = [140_000.0, 148_000.0];

pub fn run(step: &str, place: &Place) {
    block_on(async {
        let app = place.app(MOMENT).await;
        match step {
            "state" => state(place, &app).await,
            "limit" => limit(place, &app).await,
            _ => compute(place, &app, step == "again").await,
        }
        app.db.close().await.expect("closed");
    });
}

/// A crowd with a year of facts.
async fn state(place: &Place, app: &App) {
    let hr = actor(app, "hr", Role::HrProvince, "350000", None).await;
    let start = Instant::now();
    let persons = usize::try_from(place.size).expect("a number");
    crowd::register(app, hr.account_id, persons, |_| ()).await.expect("registered");
    println!("facts stated in {:.1} s", start.elapsed().as_secs_f64());
    say(&Figure::cost(
        "registering a crowd, peak memory",
        peak_megabytes(),
        "MB",
        (500.0, "wanted"),
    ));
    let tidy = if app.db.is_postgres() { "VACUUM ANALYZE" } else { "ANALYZE" };
    app.db.read().execute_unprepared(tidy).await.expect("statistics");
}

async fn compute(place: &Place, app: &App, is_again: bool) {
    let hr = known(app, "hr").await;
    let (start, before) = (Instant::now(), cpu_seconds());
    let run_no = stipend::start_run(app, &hr, YEAR).await.expect("started");
    stipend::execute_run(app, &run_no).await.expect("carried out");
    let (seconds, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - before);
    let many = place.size as f64 / 100_000.0;
    if is_again {
        let wanted = (2.0 * many, "as the first time");
        return say(&Figure::cost("year computed again", seconds, "s", wanted).grows(seconds));
    }
    place.note("computed", seconds);
    say(&Figure::cost("year computed", seconds, "s", (2.0 * many, "wanted")).grows(seconds));
    let a_person = 1_000.0 * cpu / place.size as f64;
    let what = "year computed, CPU by person here";
    say(&Figure::cost(what, a_person, "ms", (PEER_MS / 1_000.0, "1/1000 of the nearest peer")));
    say(&Figure::cost("year computed, peak memory", peak_megabytes(), "MB", (500.0, "wanted")));
}

/// The rows of the year into tables with the same keys and indexes, but without guards, by the database
/// alone: nothing that sends rows to it can be faster.
async fn limit(place: &Place, app: &App) {
    let conn = app.db.read();
    let backend = conn.get_database_backend();
    let (mut seconds, mut rows) = (0.0, 0_u64);
    for table in WRITTEN {
        let count = Statement::from_string(backend, format!("SELECT COUNT(*) AS n FROM {table}"));
        let row = conn.query_one_raw(count).await.expect("counted").expect("a count");
        rows += u64::try_from(row.try_get::<i64>("", "n").expect("a number")).expect("a count");
        for statement in plain_copy(app, table).await {
            conn.execute_unprepared(&statement).await.expect("a table");
        }
        let start = Instant::now();
        let text = format!("INSERT INTO plain_{table} SELECT * FROM {table}");
        conn.execute_unprepared(&text).await.expect("inserted");
        seconds += start.elapsed().as_secs_f64();
    }
    let ours = rows as f64 / place.noted("computed");
    let limit = (rows as f64 / seconds, "the database copies the same rows");
    println!("{rows} rows, {:.1} a person", rows as f64 / place.size as f64);
    say(&Figure::rate("year computed, rows written", ours, "rows/s", limit).goal(0.5));
    let tuned = TUNED[usize::from(place.database == Database::Postgres)];
    let what = "year computed, rows written, beside a tuned program";
    say(&Figure::rate(what, ours, "rows/s", (tuned, "measured for the goals")).goal(0.7));
}

/// What makes an empty table like one, with its keys and indexes.
async fn plain_copy(app: &App, table: &str) -> Vec<String> {
    if app.db.is_postgres() {
        let like = "INCLUDING DEFAULTS INCLUDING INDEXES";
        return vec![format!("CREATE TABLE plain_{table} (LIKE {table} {like})")];
    }
    let text = |sql: String| async move {
        let statement = Statement::from_string(app.db.read().get_database_backend(), sql);
        let rows = app.db.read().query_all_raw(statement).await.expect("the schema");
        let column = |row: &sea_orm::QueryResult| row.try_get::<String>("", "c").expect("a text");
        rows.iter().map(column).collect::<Vec<_>>()
    };
    let key = "CASE pk WHEN 1 THEN ' INTEGER PRIMARY KEY' ELSE '' END";
    let columns =
        text(format!("SELECT name || {key} AS c FROM pragma_table_info('{table}')")).await;
    let mut made = vec![format!("CREATE TABLE plain_{table} ({})", columns.join(", "))];
    let indexes = format!(
        "SELECT (SELECT GROUP_CONCAT(name) FROM pragma_index_info(i.name)) AS c \
         FROM pragma_index_list('{table}') i"
    );
    for (number, columns) in text(indexes).await.iter().enumerate() {
        made.push(format!("CREATE INDEX plain_{table}_{number} ON plain_{table} ({columns})"));
    }
    made
}
