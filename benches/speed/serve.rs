//! The year that was computed, served: pages over HTTP beside the same statements and the same bytes without
//! the program, acts on files beside bare transactions, and the server by itself.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use base64::Engine as _;
use juncai::app::App;
use juncai::domain::authority::Role;
use juncai::file::hash::sha256_hex;
use juncai::service::Actor;
use juncai::service::case::{self, Submitted};
use juncai::store::db::Db;
use juncai::store::session::{self, NewSession};
use juncai::vault::random_token;
use juncai::web::room::Room;
use juncai::web::router::router;
use juncai::web::site::Site;
use sea_orm::{ConnectionTrait, Statement};
use tokio::net::TcpListener;

use crate::evaluate::median;
use crate::figure::{Figure, say};
use crate::place::{Place, actor, block_on, known, megabytes};
use crate::year::MOMENT;

/// Connections at a time.
const CONNECTIONS: usize = 32;
/// Requests of one measurement.
const REQUESTS: usize = 3_000;
/// Acts of one measurement.
const ACTS: usize = 200;
/// People who act at a time.
const PEOPLE: usize = 8;
const STARTS: usize = 9;
/// When enterprises declare the year that was computed.
const DECLARING: &str = "2027-03-05T09:20:00+08:00";

pub fn run(step: &str, place: &Place) {
    match step {
        "start" => start(place),
        "pages" => block_on(pages(place)),
        _ => block_on(approve(place)),
    }
}

/// A free address of this machine.
fn address() -> SocketAddr {
    let door = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a door");
    door.local_addr().expect("an address")
}

/// The program as it is installed, over the database of this place.
fn server(place: &Place, listen: SocketAddr) -> Child {
    let key = base64::engine::general_purpose::STANDARD.encode([42; 32]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_juncai"));
    command
        .args(["serve", "--listen", &listen.to_string()])
        .env("JUNCAI_DATA", &place.folder)
        .env("JUNCAI_DATABASE_URL", &place.url)
        .env("JUNCAI_MASTER_KEY", key)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().expect("starts")
}

/// How long until it answers, what it needs while nobody asks, and how large it is.
fn start(place: &Place) {
    let mut times = Vec::new();
    let mut idle = 0.0;
    for _ in 0..STARTS {
        let listen = address();
        let begun = Instant::now();
        let mut child = server(place, listen);
        while !answers(listen) {
            assert!(begun.elapsed() < Duration::from_secs(60), "the server does not answer");
            assert!(child.try_wait().expect("a child").is_none(), "the server ended");
            std::thread::sleep(Duration::from_millis(1));
        }
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
        idle = megabytes(&child.id().to_string(), "VmRSS:");
        child.kill().expect("killed");
        child.wait().expect("gone");
    }
    say(&Figure::cost("server, ready after its start", median(times), "ms", (100.0, "wanted")));
    say(&Figure::cost("server, memory when idle", idle, "MB", (60.0, "wanted")));
    let file = std::fs::metadata(env!("CARGO_BIN_EXE_juncai")).expect("the program");
    let size = file.len() as f64 / 1e6;
    say(&Figure::cost("server, size of the program", size, "MB", (40.0, "wanted")));
}

fn answers(at: SocketAddr) -> bool {
    use std::io::{Read, Write};
    let Ok(mut stream) = std::net::TcpStream::connect(at) else { return false };
    let asked =
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    asked.is_ok() && stream.read_to_string(&mut answer).is_ok() && answer.contains(" 200 ")
}

/// A router at an address of its own.
async fn served(router: Router) -> SocketAddr {
    let door = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a door");
    let at = door.local_addr().expect("an address");
    tokio::spawn(juncai::web::server::serve(door, router, &[], std::future::pending()));
    at
}

/// Milliseconds of each request, and of all together, over some connections.
async fn asked(at: SocketAddr, path: &str, cookie: &str) -> (Vec<f64>, f64) {
    let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(CONNECTIONS).build();
    let (client, left) = (client.expect("a client"), Arc::new(AtomicUsize::new(REQUESTS)));
    let begun = Instant::now();
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (client, left) = (client.clone(), left.clone());
        let (url, cookie) = (format!("http://{at}{path}"), cookie.to_owned());
        workers.spawn(async move {
            let mut times = Vec::new();
            let one_more = |n: usize| n.checked_sub(1);
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok() {
                let start = Instant::now();
                let answer = client.get(&url).header("cookie", &cookie).send().await.expect("sent");
                let status = answer.status();
                answer.bytes().await.expect("an answer");
                assert!(status.is_success(), "{url}: {status}");
                times.push(start.elapsed().as_secs_f64() * 1_000.0);
            }
            times
        });
    }
    let mut times: Vec<f64> = workers.join_all().await.into_iter().flatten().collect();
    times.sort_by(f64::total_cmp);
    (times, begun.elapsed().as_secs_f64())
}

/// Pages beside a program that sends the same statements to the database and answers the same bytes.
async fn pages(place: &Place) {
    let app = place.app(MOMENT).await;
    let token = signed_in(&app, &known(&app, "hr").await).await;
    let cookie = format!("juncai={token}");
    let seen: Arc<Mutex<Vec<Statement>>> = Arc::default();
    let noted = seen.clone();
    let observed = place.app(MOMENT).await;
    let db = observed.db.clone().observed(move |statement| {
        noted.lock().expect("nobody panicked").push(statement.clone());
    });
    let observed = served(site(App { db, ..observed })).await;
    let ours = served(site(app.clone())).await;
    let person = format!("/engineers/E{:06}", place.size / 2);
    for (what, path, goal) in [
        ("page: engineers", "/engineers", 0.7),
        ("page: entitlements", "/entitlements?year=2026", 0.7),
        ("page: one engineer", &person, 0.5),
        ("page: search", "/engineers?q=%E5%BB%BA%E5%9B%BD", 0.7),
    ] {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let url = format!("http://{observed}{path}");
        let once = async || {
            let answer = client.get(&url).header("cookie", &cookie).send().await.expect("sent");
            assert!(answer.status().is_success(), "{url}: {}", answer.status());
            answer.bytes().await.expect("an answer")
        };
        once().await;
        seen.lock().expect("nobody panicked").clear();
        let bytes = once().await;
        let statements = std::mem::take(&mut *seen.lock().expect("nobody panicked"));
        println!("{what}: {} statements, {} bytes", statements.len(), bytes.len());
        let bare = served(Router::new().fallback(get({
            let bytes = bytes.clone();
            async move || bytes
        })))
        .await;
        let raw = served(replayed(app.db.clone(), statements, bytes)).await;
        let (bare, _) = asked(bare, "/", "").await;
        let (_, raw) = asked(raw, "/", "").await;
        let (times, all) = asked(ours, path, &cookie).await;
        let a_second = |seconds: f64| REQUESTS as f64 / seconds;
        let limit = (a_second(raw), "the same statements and bytes");
        say(&Figure::rate(what, a_second(all), "pages/s", limit).goal(goal));
        let (p50, p99) = (times[REQUESTS / 2], times[REQUESTS * 99 / 100]);
        println!("{what}: p50 {p50:.2} ms, p99 {p99:.2} ms, bare page {:.2} ms", median(bare));
        say(&Figure::cost(&format!("{what}, p99"), p99, "ms", (3.0 * p50, "3 x p50")));
    }
    app.db.close().await.expect("closed");
}

/// The site with room for all connections of a measurement: what waits for room is not what is measured.
fn site(app: App) -> Router {
    router(Site::new(app).with_room(Room::of(CONNECTIONS * 2, Duration::from_secs(5))))
}

fn replayed(db: Db, statements: Vec<Statement>, bytes: axum::body::Bytes) -> Router {
    let statements = Arc::new(statements);
    Router::new().fallback(get(async move || {
        for statement in statements.iter() {
            db.read().query_all_raw(statement.clone()).await.expect("rows");
        }
        bytes
    }))
}

/// A session of somebody; the token of its cookie.
async fn signed_in(app: &App, who: &Actor) -> String {
    let (token, csrf) = (random_token::<32>(), random_token::<32>());
    let (token, csrf) = (token.expect("randomness"), csrf.expect("randomness"));
    let tx = app.db.begin().await.expect("a transaction");
    let new = NewSession {
        token_hash: &sha256_hex(token.as_bytes()),
        account_id: who.account_id,
        csrf_token: &csrf,
        address: "127.0.0.1",
        user_agent: "speed",
        at: app.clock.now(),
        expires_at: app.clock.now() + chrono::TimeDelta::hours(10),
        stepped_up_until: None,
    };
    session::open(&tx, &new).await.expect("a session");
    tx.commit().await.expect("committed");
    token
}

/// Acts on files by several people at once beside transactions that read and write as many rows by their
/// keys.
async fn approve(place: &Place) {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = seen.clone();
    let app = place.app(DECLARING).await;
    let observed = app.db.clone().observed(move |statement| {
        noted.lock().expect("nobody panicked").push(statement.sql.clone());
    });
    let (clerk, mut files) = declarable(&app).await;
    let last = files.pop().expect("a file");
    seen.lock().expect("nobody panicked").clear();
    declare(&App { db: observed, ..app.clone() }, &clerk, &last).await;
    let statements = std::mem::take(&mut *seen.lock().expect("nobody panicked"));
    let writes = statements.iter().filter(|sql| !sql.starts_with("SELECT")).count();
    println!("an act: {} statements, {writes} of them write", statements.len());
    let files = Arc::new(Mutex::new(files));
    let begun = Instant::now();
    let (done, clerk) = (files.lock().expect("nobody panicked").len(), Arc::new(clerk));
    let mut people = tokio::task::JoinSet::new();
    for _ in 0..PEOPLE {
        let (app, files, clerk) = (app.clone(), files.clone(), clerk.clone());
        people.spawn(async move {
            loop {
                let next = files.lock().expect("nobody panicked").pop();
                let Some(no) = next else { return };
                declare(&app, &clerk, &no).await;
            }
        });
    }
    people.join_all().await;
    let ours = done as f64 / begun.elapsed().as_secs_f64();
    let limit = bare_acts(&app, (statements.len() - writes, writes)).await;
    let of = "transactions of as many reads and writes by key";
    say(&Figure::rate("acts on files, 8 people at once", ours, "acts/s", (limit, of)).goal(0.8));
    app.db.close().await.expect("closed");
}

/// Somebody of an enterprise, and files that they can declare: number and steps so far.
async fn declarable(app: &App) -> (Actor, Vec<(String, i64)>) {
    let conn = app.db.read();
    let rows = async |sql: String| {
        let statement = Statement::from_string(conn.get_database_backend(), sql);
        conn.query_all_raw(statement).await.expect("files")
    };
    let most = "SELECT enterprise_id FROM case_file WHERE state = 'computed' \
                GROUP BY enterprise_id ORDER BY COUNT(*) DESC, enterprise_id LIMIT 1";
    let found = rows(most.to_owned()).await;
    let own: i64 = found[0].try_get("", "enterprise_id").expect("an enterprise");
    let clerk = actor(app, "clerk", Role::EnterpriseSignatory, "350102", Some(own)).await;
    let theirs = format!(
        "SELECT case_no, steps FROM case_file WHERE state = 'computed' AND enterprise_id = {own} \
         ORDER BY id LIMIT {ACTS}"
    );
    let file = |row: sea_orm::QueryResult| {
        (row.try_get("", "case_no").expect("a number"), row.try_get("", "steps").expect("steps"))
    };
    (clerk, rows(theirs).await.into_iter().map(file).collect())
}

async fn declare(app: &App, clerk: &Actor, (no, steps): &(String, i64)) {
    let evidence =
        ["award_declaration", "undertaking"].map(|code| (code.to_owned(), "附后".to_owned()));
    let act = "declare".to_owned();
    let remark = String::new();
    let sent = Submitted { act, remark, seen_steps: *steps, fields: evidence.into() };
    case::act(app, clerk, no, &sent).await.expect("declared");
}

/// Transactions a second of so many reads and writes, each of one row by its key.
async fn bare_acts(app: &App, (reads, writes): (usize, usize)) -> f64 {
    let made = "CREATE TABLE bare (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)";
    app.db.read().execute_unprepared(made).await.expect("a table");
    for id in 0..PEOPLE * 100 {
        let row = format!("INSERT INTO bare VALUES ({id}, 0)");
        app.db.read().execute_unprepared(&row).await.expect("a row");
    }
    let backend = app.db.read().get_database_backend();
    let begun = Instant::now();
    let mut people = tokio::task::JoinSet::new();
    for person in 0..PEOPLE {
        let app = app.clone();
        people.spawn(async move {
            for act in 0..ACTS / PEOPLE {
                let tx = app.db.begin().await.expect("a transaction");
                let row = |n: usize| i64::try_from(person * 100 + (act + n) % 100).expect("small");
                for n in 0..reads + writes {
                    let sql = match (n < reads, app.db.is_postgres()) {
                        (true, true) => "SELECT n FROM bare WHERE id = $1",
                        (true, false) => "SELECT n FROM bare WHERE id = ?",
                        (false, true) => "UPDATE bare SET n = n + 1 WHERE id = $1",
                        (false, false) => "UPDATE bare SET n = n + 1 WHERE id = ?",
                    };
                    let statement = Statement::from_sql_and_values(backend, sql, [row(n).into()]);
                    if n < reads {
                        tx.query_one_raw(statement).await.expect("read");
                    } else {
                        tx.execute_raw(statement).await.expect("written");
                    }
                }
                tx.commit().await.expect("committed");
            }
        });
    }
    people.join_all().await;
    (ACTS / PEOPLE * PEOPLE) as f64 / begun.elapsed().as_secs_f64()
}
