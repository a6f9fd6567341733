//! The site in a real browser: two enterprises at once, and what only a browser can tell.

use std::process::{Child, Command, Stdio};

use fantoccini::{Client, ClientBuilder, Locator};
use juncai::clock::Clock;
use juncai::web::router::router;
use juncai::web::server;
use juncai::web::site::Site;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};

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
        let wanted = json!({ "goog:chromeOptions": { "args": arguments } });
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

/// The people of the first enterprise, seen from another one, and pages at 200 % zoom.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_enterprises_work_side_by_side_and_pages_stay_readable() {
    let mut world = World::new(Backend::Sqlite).await;
    world.app.clock = Clock::system();
    juncai::demo::play(&world.app).await.unwrap();
    let app = world.app.clone().as_installed().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = format!("http://{}", listener.local_addr().unwrap());
    let serving = server::serve(listener, router(Site::new(app)), std::future::pending());
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

    // When the window holds half as much, as at 200 % zoom, then nothing runs out of it sideways,
    // and the first Tab lands on something.
    first.set_window_size(640, 900).await.unwrap();
    for path in ["/", "/engineers", "/engineers/E000002", "/engineers/E000002/years/2026"] {
        first.goto(&format!("{site}{path}")).await.unwrap();
        let script = "return document.documentElement.scrollWidth - window.innerWidth";
        let excess = first.execute(script, vec![]).await.unwrap();
        assert!(excess.as_i64().unwrap() <= 1, "{path} is {excess} pixels too wide");
        let body = first.find(Locator::Css("body")).await.unwrap();
        body.send_keys("\u{e004}").await.unwrap();
        let script = "return document.activeElement.tagName";
        assert_ne!(first.execute(script, vec![]).await.unwrap(), json!("BODY"), "{path}");
    }
    first.close().await.unwrap();
    other.close().await.unwrap();
    serving.abort();
}
