//! Every address of the site, found in its source: what answers nobody, what answers each role when
//! asked for something that is not theirs or does not exist.

use std::collections::BTreeSet;
use std::path::Path;

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use juncai::domain::registry::Code;

use crate::browser_like::Visitor;
use crate::on_both;
use crate::world::World;

on_both! {
    no_address_answers_who_has_not_signed_in => nobody;
    no_role_reads_or_changes_what_does_not_exist_and_nothing_breaks => everybody;
}

/// An address of the site.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// With names in braces for what varies.
    pub path: String,
    pub reads: bool,
    pub writes: bool,
}

impl Route {
    /// An address of this kind at which there is nothing.
    fn empty(&self) -> String {
        let part = |part: &str| if part.starts_with('{') { "9999999" } else { part }.to_owned();
        self.path.split('/').map(part).collect::<Vec<_>>().join("/")
    }

    /// Whether it names something.
    fn names(&self) -> bool {
        self.path.contains('{')
    }
}

/// Every `.route("…", …)` under `src/web`, but for those that are put together of parts.
pub fn routes() -> Vec<Route> {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|ext| ext == "rs") {
                found.extend(routes_in(&std::fs::read_to_string(entry).unwrap()));
            }
        }
    }
    assert!(found.len() > 250, "the source was read: {}", found.len());
    found.into_iter().collect()
}

fn routes_in(source: &str) -> Vec<Route> {
    let call = |text: &str| {
        let (path, rest) = text.trim_start().strip_prefix('"')?.split_once('"')?;
        // The methods follow the path; the call ends where the next begins.
        let methods = rest.split(".route(").next().unwrap_or_default();
        let methods = methods.split("\n}").next().unwrap_or_default();
        let reads = methods.contains("get(");
        let writes = ["post(", "put(", "patch(", "delete("].iter().any(|m| methods.contains(m));
        Some(Route { path: path.to_owned(), reads, writes })
    };
    source.split(".route(").skip(1).filter_map(call).collect()
}

/// Whether a visitor was led to one of the two doors.
fn asks_to_sign_in(at: &str) -> bool {
    at.split('?').next().is_some_and(|path| path.ends_with("/sign-in"))
}

/// What anybody may ask: signing in, what is published, what machines and monitors use.
fn is_public(path: &str) -> bool {
    // The figures lie behind a door of their own.
    const WHOLE: [&str; 7] = [
        "/sign-in",
        "/healthz",
        "/readyz",
        "/metrics",
        "/me/sign-in",
        "/me/activation",
        "/favicon.ico",
    ];
    const UNDER: [&str; 6] = ["/assets/", "/public/", "/verify", "/api/", "/test-date", "/setup/"];
    WHOLE.contains(&path) || UNDER.iter().any(|start| path.starts_with(start))
}

async fn nobody(world: World) {
    let mut wrong = Vec::new();
    for route in routes().into_iter().filter(|route| !is_public(&route.path)) {
        let path = route.empty();
        let mut guest = Visitor::new(&world.app);
        if route.reads {
            let seen = guest.get(&path).await;
            if !asks_to_sign_in(&guest.at) {
                wrong.push(format!("GET {path}: {} at {}", seen.status, guest.at));
            }
        }
        if route.writes {
            guest.get("/sign-in").await;
            let seen = guest.post(&path, &[]).await;
            let refused = seen.status.is_client_error() || asks_to_sign_in(&guest.at);
            if !refused {
                wrong.push(format!("POST {path}: {} at {}", seen.status, guest.at));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Acts that need no field and are about the one who does them: signing out, one's own message.
const HARMLESS: &[&str] = &["/sign-out", "/me/sign-out", "/notifications/{id}/read"];

async fn everybody(world: World) {
    let all = routes();
    let mut wrong = Vec::new();
    for role in Role::ALL.iter().filter(|role| !role.is_system()) {
        let mut visitor = crate::app::visitor(&world, *role).await;
        // Forms are sent with the token of this page.
        visitor.get("/account").await;
        for route in all.iter().filter(|route| !is_public(&route.path)) {
            let path = route.empty();
            if route.reads {
                let mut visitor = visitor.clone();
                let seen = visitor.get(&path).await;
                let refused = seen.status.is_client_error() || asks_to_sign_in(&visitor.at);
                let nothing = refused || !route.names();
                if seen.status.is_server_error() || !nothing {
                    wrong.push(format!("{} GET {path}: {}", role.code(), seen.status));
                }
            }
            if route.writes && !HARMLESS.contains(&route.path.as_str()) {
                let mut visitor = visitor.clone();
                let seen = visitor.post(&path, &[]).await;
                let refused = seen.status.is_client_error() || asks_to_sign_in(&visitor.at);
                let nothing = refused || !route.names();
                if seen.status.is_server_error() || !nothing {
                    wrong.push(format!(
                        "{} POST {path}: {} at {}",
                        role.code(),
                        seen.status,
                        visitor.at
                    ));
                }
                assert_ne!(seen.status, StatusCode::METHOD_NOT_ALLOWED, "{path} takes a form");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
