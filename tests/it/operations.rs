//! What those who run the program see of it: whether it may be sent requests, its figures, its log
//! and spans, and what it says when more come than it can answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use juncai::telemetry::keep_figures;
use juncai::web::metrics;
use juncai::web::room::Room;
use juncai::web::router::surround;
use juncai::web::site::Site;
use metrics_exporter_prometheus::PrometheusHandle;
use sea_orm::ConnectionTrait;

use crate::browser_like::Visitor;
use crate::on_both;
use crate::world::World;

on_both! {
    a_request_without_a_place_is_told_when_to_come_again => crowded;
    a_program_with_another_schema_is_not_ready => readiness;
    figures_tell_of_requests_jobs_and_the_database => figures;
}

async fn crowded(world: World) {
    let (arrived, mut seen_arriving) = tokio::sync::watch::channel(false);
    let (go, gone) = tokio::sync::watch::channel(false);
    let hold = move || {
        let (arrived, mut gone) = (arrived.clone(), gone.clone());
        async move {
            arrived.send_replace(true);
            gone.wait_for(|go| *go).await.expect("a sender");
            "finished"
        }
    };
    let pages = Router::new().route("/hold", get(hold)).route("/other", get(async || "done"));
    let site = Site::new(world.app.clone()).with_room(Room::of(1, Duration::ZERO));
    let visitor = || Visitor::of_site(&world.app, surround(site.clone(), pages.clone()));
    let (mut first, mut second) = (visitor(), visitor());
    // The one place belongs to the site, however often its addresses are put together.
    let held = tokio::spawn(async move { first.get("/hold").await });
    seen_arriving.wait_for(|here| *here).await.expect("a handler");

    let refused = second.get("/other").await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers["retry-after"], "2");
    assert_eq!(refused.texts("h1"), ["现在使用的人很多，系统暂时忙不过来"]);
    for path in ["/healthz", "/readyz", "/assets/app.css"] {
        assert_eq!(second.get(path).await.status, StatusCode::OK, "{path} is always let in");
    }

    go.send_replace(true);
    assert_eq!(held.await.expect("no panic").body(), "finished", "who was let in is answered");
    assert_eq!(second.get("/other").await.body(), "done");
}

async fn readiness(world: World) {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new(world.app.clone()).keeping(folder.path());
    let mut watch = Visitor::of_site(&world.app, surround(site, Router::new()));
    let told = |body: String| serde_json::from_str::<serde_json::Value>(&body).unwrap();

    let ready = watch.get("/readyz").await;
    let said = told(ready.body());
    assert_eq!(ready.status, StatusCode::OK, "{said}");
    assert_eq!((&said["status"], &said["database"]), (&"ready".into(), &"ok".into()));
    assert!(["ok", "little"].contains(&said["disk"].as_str().unwrap()), "{said}");

    // As a program sees it that is newer than the database.
    let last =
        "DELETE FROM seaql_migrations WHERE version = (SELECT MAX(version) FROM seaql_migrations)";
    world.app.db.read().execute_unprepared(last).await.unwrap();
    let behind = watch.get("/readyz").await;
    assert_eq!(behind.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(told(behind.body())["schema"], "down");
    assert_eq!(watch.get("/healthz").await.status, StatusCode::OK, "it lives, but is not ready");

    world.app.db.clone().close().await.unwrap();
    let away = watch.get("/readyz").await;
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(told(away.body())["database"], "down");
}

/// One process keeps figures once.
fn kept() -> PrometheusHandle {
    static KEPT: OnceLock<PrometheusHandle> = OnceLock::new();
    KEPT.get_or_init(|| keep_figures().unwrap()).clone()
}

async fn figures(world: World) {
    let kept = kept();
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new(world.app.clone()).keeping(folder.path());
    let mut guest = Visitor::of_site(&world.app, surround(site.clone(), Router::new()));
    guest.get("/no/350102199003079981/page").await;
    guest.get("/healthz").await;

    let mut watch = Visitor::of_site(&world.app, metrics::router(site, kept));
    let figures = watch.get("/metrics").await;
    let text = figures.body();
    for line in [
        "juncai_requests_total{method=\"GET\",route=\"/healthz\",status=\"200\"}",
        "juncai_requests_total{method=\"GET\",route=\"-\",status=\"404\"}",
        "juncai_request_seconds_bucket",
        "juncai_jobs_waiting{job=\"exports\"} 0",
        "juncai_database_up 1",
        "juncai_disk_bytes{what=\"free\"}",
        "process_resident_memory_bytes",
    ] {
        assert!(text.contains(line), "{line} is missing in {text}");
    }
    assert!(!text.contains("350102"), "an address could hold a number");
}

/// A running program, killed when the test is over.
struct Running {
    child: Child,
    address: SocketAddr,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the program and waits until it says where it listens.
fn start(folder: &std::path::Path, set: &[(&str, &str)]) -> Running {
    let mut child = Command::new(env!("CARGO_BIN_EXE_juncai"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder)
        .envs(set.iter().copied())
        .env_remove("RUST_LOG")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
    let address = said.split("://").nth(1).unwrap().trim().trim_end_matches('/');
    let address = address.parse().unwrap();
    Running { child, address }
}

fn ask(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).unwrap();
    String::from_utf8_lossy(&heard).into_owned()
}

/// What the collector is sent first: the request line and headers, and the body.
fn collected(collector: &TcpListener) -> (String, Vec<u8>) {
    let (stream, _) = collector.accept().unwrap();
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(stream.read_line(&mut head).unwrap() > 0, "cut off: {head}");
    }
    let length = head
        .lines()
        .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    let mut body = vec![0; length.unwrap().parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
    (head, body)
}

#[test]
fn spans_reach_the_collector_and_each_line_of_the_log_is_json_with_its_request() {
    let folder = tempfile::tempdir().unwrap();
    let collector = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", collector.local_addr().unwrap());
    let set = [
        ("JUNCAI_OTLP_ENDPOINT", endpoint.as_str()),
        ("JUNCAI_LOG", "json"),
        ("JUNCAI_METRICS_LISTEN", "127.0.0.1:0"),
        ("JUNCAI_HEADS", "off"),
    ];
    let mut running = start(folder.path(), &set);
    let page = ask(running.address, "/sign-in");
    let id = page.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap().to_owned();
    let stop = Command::new("kill").arg(running.child.id().to_string()).status().unwrap();
    assert!(stop.success());

    let (head, body) = collected(&collector);
    assert!(head.starts_with("POST /v1/traces HTTP/1.1"), "{head}");
    let body = String::from_utf8_lossy(&body).into_owned();
    assert!(body.contains("GET /sign-in") && body.contains(&id), "{body:?}");
    assert!(running.child.wait().unwrap().success(), "it ends well");

    let mut log = String::new();
    running.child.stderr.as_mut().unwrap().read_to_string(&mut log).unwrap();
    let lines: Vec<serde_json::Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let answered = lines.iter().find(|line| line["message"] == "answered").unwrap();
    assert_eq!(answered["span"]["request"], id.as_str());
    assert_eq!(answered["span"]["route"], "/sign-in");
    assert_eq!(answered["span"]["status"], 200);
}
