//! The site in a real browser: two enterprises at once, and what only a browser can tell.

mod close;
mod pages;
mod window;
mod year;

use std::process::{Child, Command, Stdio};

use axum::http::Method;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use juncai::clock::Clock;
use juncai::web::router::router;
use juncai::web::server;
use juncai::web::site::Site;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use url::{ParseError, Url};

use crate::world::{Backend, World};

/// A driver of its own, ended with the test.
struct Driver {
    process: Child,
    url: String,
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Driver {
    async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let driver = Self::launch(port);
        let mut tries = tokio::time::interval(std::time::Duration::from_millis(100));
        for _ in 0..300 {
            tries.tick().await;
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return driver;
            }
        }
        panic!("chromedriver does not answer");
    }

    fn launch(port: u16) -> Self {
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect("chromedriver is missing: run scripts/test");
        Self { process, url: format!("http://127.0.0.1:{port}") }
    }

    /// A browser without memory of any other.
    async fn browser(&self) -> Client {
        let arguments =
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
        let wanted = json!({
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let wanted = wanted.as_object().cloned().unwrap();
        let mut builder = ClientBuilder::new(hyper_connector());
        builder.capabilities(wanted);
        builder.connect(&self.url).await.expect("chromium is missing: run scripts/test")
    }
}

/// Plain HTTP: the driver listens on loopback.
fn hyper_connector() -> hyper_util::client::legacy::connect::HttpConnector {
    hyper_util::client::legacy::connect::HttpConnector::new()
}

async fn sign_in(client: &Client, site: &str, login: &str) {
    client.goto(&format!("{site}/sign-in")).await.unwrap();
    let field = |name: &'static str| client.find(Locator::Css(name));
    field("input[name=login]").await.unwrap().send_keys(login).await.unwrap();
    let (_, password) = juncai::demo::accounts();
    field("input[name=password]").await.unwrap().send_keys(password).await.unwrap();
    field("main button").await.unwrap().click().await.unwrap();
    client.wait().for_element(Locator::Css("header, .top")).await.unwrap();
}

async fn text(client: &Client, site: &str, path: &str) -> String {
    client.goto(&format!("{site}{path}")).await.unwrap();
    client.find(Locator::Css("main")).await.unwrap().text().await.unwrap()
}

/// What the browser has logged since it was last asked.
#[derive(Debug)]
struct Log;

impl WebDriverCompatibleCommand for Log {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/se/log", session.expect("an open session")))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}

/// Errors of scripts, refused styles, missing files: whatever the console shows in red.
async fn complaints(browser: &Client) -> Vec<String> {
    let log = browser.issue_cmd(Log).await.expect("the browser's log");
    let entries = log.as_array().expect("a list of entries").iter();
    entries.filter(|e| e["level"] == "SEVERE").map(|e| e["message"].to_string()).collect()
}

/// What is wrong with the open page in a window of 640 px, as wide as 1280 px at 200 % zoom.
async fn faults(browser: &Client) -> Vec<String> {
    let mut found = complaints(browser).await;
    let script = "const page = document.documentElement;
        return [document.querySelectorAll('h1').length, page.scrollWidth - innerWidth];";
    let seen = browser.execute(script, vec![]).await.expect("a script that runs");
    if seen[0] != 1 {
        found.push(format!("{} headings of the first level", seen[0]));
    }
    if seen[1].as_i64().expect("a number") > 1 {
        found.push(format!("{} px too wide", seen[1]));
    }
    let body = browser.find(Locator::Css("body")).await.unwrap();
    body.send_keys("\u{e004}").await.unwrap();
    let focused = browser.execute("return document.activeElement.tagName", vec![]).await.unwrap();
    if focused == "BODY" {
        found.push("the first Tab lands on nothing".to_owned());
    }
    found
}

/// Silence proves something only if a breach would be heard: an inline style is refused aloud.
async fn log_is_awake(browser: &Client) {
    let script = "const style = document.createElement('style');
        style.textContent = 'h1 { color: red }'; document.head.append(style);";
    browser.execute(script, vec![]).await.expect("a script that runs");
    let heard = complaints(browser).await;
    assert!(heard.iter().any(|line| line.contains("Content Security Policy")), "{heard:?}");
}

/// Opens the pages of a role's menu, and others, in a narrow window.
async fn walk(browser: &Client, site: &str, login: &str, others: &[&str]) {
    browser.set_window_size(640, 900).await.unwrap();
    let mut pages: Vec<String> = others.iter().map(|path| format!("{site}{path}")).collect();
    for link in browser.find_all(Locator::Css("nav.menu li a")).await.unwrap() {
        pages.extend(link.prop("href").await.unwrap());
    }
    assert!(pages.len() > others.len(), "{login} has a menu");
    let mut wrong = Vec::new();
    for page in &pages {
        browser.goto(page).await.unwrap();
        wrong.extend(faults(browser).await.into_iter().map(|fault| format!("{page}: {fault}")));
    }
    assert!(wrong.is_empty(), "{login}:\n{}", wrong.join("\n"));
    log_is_awake(browser).await;
}

/// The people of the first enterprise, seen from another one, and every role's pages enlarged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_enterprises_work_side_by_side_and_pages_stay_readable() {
    let mut world = World::new(Backend::Sqlite).await;
    world.app.clock = Clock::system();
    juncai::demo::play(&world.app).await.unwrap();
    let app = world.app.clone().as_installed().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = format!("http://{}", listener.local_addr().unwrap());
    let serving = server::serve(listener, router(Site::new(app)), &[], std::future::pending());
    let serving = tokio::spawn(serving);
    let driver = Driver::start().await;

    // Given two clerks in two browsers, when both look for an engineer of the first enterprise,
    // then only the first sees anything.
    let (first, other) = (driver.browser().await, driver.browser().await);
    sign_in(&first, &site, "clerk-01").await;
    sign_in(&other, &site, "clerk-11").await;
    let own = text(&first, &site, "/engineers").await;
    assert!(own.contains("E000002") && !own.contains("E000260"), "{own}");
    let theirs = text(&other, &site, "/engineers").await;
    assert!(!theirs.contains("E000002"), "{theirs}");
    let record = text(&first, &site, "/engineers/E000002").await;
    assert!(record.contains("E000002"));
    for path in ["/engineers/E000002", "/engineers/E000002/years/2026"] {
        let hidden = text(&other, &site, path).await;
        assert!(hidden.contains("没有找到") && !hidden.contains("E000002"), "{path}: {hidden}");
    }

    // When each role opens every page of its menu in a window that holds half as much, as at 200 %
    // zoom, then nothing runs out of it sideways, Tab lands on something, the console is silent.
    walk(&first, &site, "clerk-01", &["/engineers/E000002", "/engineers/E000002/years/2026"]).await;
    for (login, pages) in [
        ("hr-province", ["/engineers/E000002", "/imports/new"]),
        ("finance-maker", ["/batches/new", "/batches/B2027-0001"]),
        ("auditor", ["/engineers/E000002/years/2026", "/audit/verification"]),
        ("admin", ["/account", "/"]),
    ] {
        let browser = driver.browser().await;
        sign_in(&browser, &site, login).await;
        walk(&browser, &site, login, &pages).await;
        browser.close().await.unwrap();
    }
    first.close().await.unwrap();
    other.close().await.unwrap();
    serving.abort();
}
