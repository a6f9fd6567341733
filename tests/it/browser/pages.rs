//! Every page that each role can reach, in Chromium: no serious barrier, nothing too wide for a
//! phone, a silent console, and pictures for people under `target/screenshots`.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use juncai::app::App;

use super::window::{barriers, overflow, picture, screen, send};
use super::*;

const AXE: &str = include_str!("../../vendor/axe-core/axe.min.js");
const WIDTHS: [u32; 2] = [1280, 390];
/// Most pages of one role that nobody was shown before: more means that a kind is not told apart.
const MOST: usize = 90;

/// Whose pages are looked at: sign-in names of the demonstration, one a role.
const LOGINS: [&str; 19] = [
    "clerk-01",
    "head-01",
    "sign-01",
    "gx-gulou",
    "gx-fuzhou",
    "gx-province",
    "gx-province-2",
    "hr-gulou",
    "hr-fuzhou",
    "hr-fuzhou-2",
    "hr-province",
    "hr-province-3",
    "finance-maker",
    "finance-checker",
    "finance-approver",
    "auditor",
    "admin",
    "security-admin",
    "security-auditor",
];

/// What was found, and what was seen.
#[derive(Default)]
struct Look {
    wrong: Vec<String>,
    /// Kinds of pages that somebody was shown already: what looks alike is looked at once.
    seen: BTreeSet<String>,
    pages: Vec<(String, String, String)>,
}

fn folder() -> PathBuf {
    let target = std::env::var("CARGO_TARGET_DIR")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    target.join("screenshots")
}

/// The kind of page an address leads to: numbers and codes stand for any other.
fn kind_of(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let any = |part: &str| part.chars().any(|c| c.is_ascii_digit());
    let parts: Vec<&str> = path.split('/').map(|p| if any(p) { "_" } else { p }).collect();
    parts.join("/")
}

impl Look {
    /// Looks at a page in both widths.
    async fn at(&mut self, browser: &Client, site: &str, who: &str, path: &str) {
        screen(browser, WIDTHS[0], 900).await;
        browser.goto(&format!("{site}{path}")).await.unwrap();
        browser.execute(&format!("{AXE};return 0"), vec![]).await.expect("a checker");
        let name = kind_of(path).trim_matches('/').replace('/', "-");
        let name = if name.is_empty() { "home".to_owned() } else { name };
        std::fs::create_dir_all(folder().join(who)).expect("a folder");
        for width in WIDTHS {
            screen(browser, width, 900).await;
            let mut faults = barriers(browser).await;
            let wide = overflow(browser).await;
            if wide > 0 {
                faults.push(format!("{wide} px too wide"));
            }
            let at = format!("{who} {path} {width}");
            self.wrong.extend(faults.into_iter().map(|fault| format!("{at}: {fault}")));
            picture(browser, width, &folder().join(who).join(format!("{name}-{width}.png"))).await;
        }
        let heard = complaints(browser).await;
        self.wrong.extend(heard.into_iter().map(|line| format!("{who} {path}: {line}")));
        self.pages.push((who.to_owned(), name, path.to_owned()));
    }

    /// Looks at the pages of `start` and at one page of each kind that they lead to.
    async fn around(&mut self, browser: &Client, site: &str, who: &str, start: &[&str]) {
        let mut todo: VecDeque<String> = start.iter().map(|path| (*path).to_owned()).collect();
        self.seen.extend(start.iter().map(|path| kind_of(path)));
        let mut looked = 0;
        while let Some(path) = todo.pop_front() {
            assert!(looked < MOST, "{who} has ever more pages: {path}");
            self.at(browser, site, who, &path).await;
            looked += 1;
            let script = "return [...document.querySelectorAll('nav.menu a[href^=\"/\"], \
                main a[href^=\"/\"]')].map((a) => a.getAttribute('href'))";
            let links = browser.execute(script, vec![]).await.expect("a script");
            for link in links.as_array().into_iter().flatten().filter_map(|l| l.as_str()) {
                let is_page = !kind_of(link).contains('.') && !link.contains("/attachments/");
                if is_page && self.seen.insert(kind_of(link)) {
                    todo.push_back(link.to_owned());
                }
            }
        }
        assert!(looked >= start.len(), "{who} has pages");
    }

    /// A sheet of all pictures so far, and what is wrong in them.
    fn contact_sheet(&self) {
        let mut html = "<!DOCTYPE html><html lang=\"zh-CN\"><meta charset=\"utf-8\">\
            <title>骏才页面截图</title><style>body{font-family:sans-serif}section{display:flex;\
            flex-wrap:wrap;gap:1rem}figure{margin:0}img{height:22rem;border:1px solid #999;\
            object-fit:cover;object-position:top;max-width:34rem}</style><h1>骏才页面截图</h1>"
            .to_owned();
        let mut last = "";
        for (who, name, path) in &self.pages {
            if who != last {
                let _ = write!(
                    html,
                    "{}<h2>{who}</h2><section>",
                    if last.is_empty() { "" } else { "</section>" }
                );
                last = who;
            }
            for width in WIDTHS {
                let file = format!("{who}/{name}-{width}.png");
                let _ = write!(
                    html,
                    "<figure><a href=\"{file}\"><img src=\"{file}\" alt=\"{who} {path} {width}\" \
                     loading=\"lazy\"></a><figcaption>{path} {width}</figcaption></figure>"
                );
            }
        }
        html.push_str("</section></html>");
        std::fs::write(folder().join("index.html"), html).expect("a written sheet");
        std::fs::write(folder().join("faults.txt"), self.wrong.join("\n")).expect("a report");
    }
}

/// An engineer's own pages, from the activation on.
async fn own_pages(look: &mut Look, browser: &Client, site: &str, app: &App) {
    let found = juncai::demo::activation(app).await.unwrap().expect("an engineer at work");
    look.at(browser, site, "person", "/me/sign-in").await;
    look.at(browser, site, "person", "/me/activation").await;
    let fields = [
        ("document_no", found.document_no.as_str()),
        ("code", &found.code),
        ("password", "song tao ming yue 2026"),
        ("password_again", "song tao ming yue 2026"),
    ];
    send(browser, "main form", &fields).await;
    look.around(browser, site, "person", &["/me"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_of_every_role_is_open_to_everybody_and_fits_a_phone() {
    let mut world = World::new(Backend::Sqlite).await;
    world.app.clock = Clock::system();
    juncai::demo::play(&world.app).await.unwrap();
    let app = world.app.clone().as_installed().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = format!("http://{}", listener.local_addr().unwrap());
    let serving = server::serve(listener, router(Site::new(app)), &[], std::future::pending());
    let serving = tokio::spawn(serving);
    let driver = Driver::start().await;
    let mut look = Look::default();
    // Pictures of an earlier run would show pages as they were.
    let _ = std::fs::remove_dir_all(folder());

    let public = driver.browser().await;
    look.around(&public, &site, "public", &["/sign-in", "/public/notices"]).await;
    own_pages(&mut look, &public, &site, &world.app).await;
    public.close().await.unwrap();
    let wanted = std::env::var("JUNCAI_SCREENSHOTS_OF").unwrap_or_default();
    for login in LOGINS.into_iter().filter(|login| login.contains(&wanted)) {
        let browser = driver.browser().await;
        sign_in(&browser, &site, login).await;
        look.around(&browser, &site, login, &["/"]).await;
        browser.close().await.unwrap();
        look.contact_sheet();
    }
    serving.abort();
    assert!(look.wrong.is_empty(), "{}", look.wrong.join("\n"));
    std::fs::write(folder().join("unlinked.txt"), unlinked(&look.seen).join("\n")).expect("a list");
}

/// Addresses of pages that nobody came to by links: for people to look through beside the pictures.
/// Each kind of page is opened by the first who is led to it, so what only others see there is among
/// them.
fn unlinked(seen: &BTreeSet<String>) -> Vec<String> {
    let is_at = |kind: &String, path: &str| {
        let (kind, path) = (kind.split('/'), path.split('/'));
        let same = |(one, part): (&str, &str)| part.starts_with('{') || one == part;
        kind.clone().count() == path.clone().count() && kind.zip(path).all(same)
    };
    let pages = crate::sweep::routes().into_iter().filter(|route| route.reads);
    let pages = pages.map(|route| route.path).filter(|path| !path.contains('.'));
    pages.filter(|path| !seen.iter().any(|kind| is_at(kind, path))).collect()
}
