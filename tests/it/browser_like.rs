//! A visitor without a screen: keeps cookies, follows redirects, fills in forms the way a browser
//! does, and reads what the pages say.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use juncai::app::App;
use juncai::domain::authority::Role;
use juncai::domain::registry::Code;
use juncai::file::hash::sha256_hex;
use juncai::service::{Actor, account};
use juncai::store::account::NewOrganisation;
use juncai::store::session::{NewSession, open};
use juncai::web::router::router;
use juncai::web::site::{Peer, Site};
use scraper::{ElementRef, Html, Selector};
use tower::ServiceExt;

use crate::world::employ;

/// The host the visitor thinks it talks to.
pub const HOST: &str = "juncai.test";

/// An answer as a visitor sees it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Seen {
    /// The body as text.
    pub fn body(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// What the page says: all its text, runs of space as one.
    pub fn text(&self) -> String {
        let html = Html::parse_document(&self.body());
        html.root_element()
            .text()
            .collect::<String>()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The texts of all elements that match.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let html = Html::parse_document(&self.body());
        let plain = |e: ElementRef<'_>| e.text().collect::<String>().trim().to_owned();
        html.select(&Selector::parse(selector).expect("a selector")).map(plain).collect()
    }

    /// The targets of all links.
    pub fn links(&self) -> Vec<String> {
        self.attributes("a[href]", "href")
    }

    /// One attribute of all elements that match.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let html = Html::parse_document(&self.body());
        html.select(&Selector::parse(selector).expect("a selector"))
            .filter_map(|e| e.attr(name).map(str::to_owned))
            .collect()
    }

    /// Where a redirect leads.
    pub fn location(&self) -> Option<&str> {
        self.headers.get(header::LOCATION).and_then(|v| v.to_str().ok())
    }

    /// The fields of the form that posts to this action: hidden ones, what was typed, what is chosen.
    pub fn form(&self, action: &str) -> Option<Vec<(String, String)>> {
        let html = Html::parse_document(&self.body());
        let form = html
            .select(&Selector::parse("form[method=post]").expect("a selector"))
            .find(|form| form.attr("action") == Some(action))?;
        let all = Selector::parse("input[name], textarea[name], select[name]").expect("a selector");
        let mut fields = Vec::new();
        for field in form.select(&all) {
            let name = field.attr("name").unwrap_or_default().to_owned();
            let kind = field.attr("type").unwrap_or("text");
            let value = match field.value().name() {
                "textarea" => field.text().collect(),
                "select" => {
                    let chosen = Selector::parse("option[selected]").expect("a selector");
                    let option = field.select(&chosen).next();
                    option.and_then(|o| o.attr("value")).unwrap_or_default().to_owned()
                }
                _ => field.attr("value").unwrap_or_default().to_owned(),
            };
            let ticked = !matches!(kind, "checkbox" | "radio") || field.attr("checked").is_some();
            if ticked && kind != "file" {
                fields.push((name, value));
            }
        }
        Some(fields)
    }
}

/// Somebody with a browser.
#[derive(Clone)]
pub struct Visitor {
    router: Router,
    app: App,
    cookies: BTreeMap<String, String>,
    address: IpAddr,
    /// The last page seen; forms are taken from it.
    pub page: Option<Seen>,
    /// The path of the last page.
    pub at: String,
}

impl Visitor {
    /// A visitor who is not signed in.
    pub fn new(app: &App) -> Self {
        Self::of_site(app, router(Site::new(app.clone())))
    }

    /// A visitor of a site with other addresses.
    pub fn of_site(app: &App, router: Router) -> Self {
        Self {
            router,
            app: app.clone(),
            cookies: BTreeMap::new(),
            address: IpAddr::from([127, 0, 0, 1]),
            page: None,
            at: "/".to_owned(),
        }
    }

    /// The same visitor at another network address.
    pub fn sitting_at(mut self, address: [u8; 4]) -> Self {
        self.address = IpAddr::from(address);
        self
    }

    /// A visitor signed in with the account of this sign-in name.
    pub async fn signed_in(app: &App, login: &str) -> Self {
        let full = juncai::store::account::by_login(app.db.read(), login).await;
        let full = full.expect("a database").expect("an account");
        let mut visitor = Self::new(app);
        let token = juncai::vault::random_token::<32>().expect("randomness");
        let now = app.clock.now();
        let tx = app.db.begin().await.expect("a transaction");
        let new = NewSession {
            token_hash: &sha256_hex(token.as_bytes()),
            account_id: full.account.id,
            csrf_token: &juncai::vault::random_token::<32>().expect("randomness"),
            address: "127.0.0.1",
            user_agent: "test",
            at: now,
            expires_at: now + chrono::TimeDelta::hours(10),
            stepped_up_until: Some(now + chrono::TimeDelta::minutes(5)),
        };
        open(&tx, &new).await.expect("a session");
        tx.commit().await.expect("committed");
        visitor.cookies.insert("juncai".to_owned(), token);
        visitor
    }

    /// A visitor with a new account of `role`, working for `division` (350000 is the province).
    /// One natural person per sign-in name; offices are made as needed. Not for enterprises.
    pub async fn with_role(app: &App, login: &str, role: Role, division: &str) -> Self {
        let kind = match role {
            role if role.is_administrator() => "administration",
            Role::Auditor => "audit_office",
            Role::FinanceMaker | Role::FinanceChecker | Role::FinanceApprover => "finance_office",
            _ => "hr_office",
        };
        let office = NewOrganisation {
            code: &format!("{kind}-{division}"),
            kind,
            name: &format!("{kind} {division}"),
            division,
            enterprise_id: None,
        };
        make_account(app, login, role, &office).await;
        Self::signed_in(app, login).await
    }

    /// A visitor with a new account of an enterprise of the registry.
    pub async fn of_enterprise(app: &App, login: &str, role: Role, enterprise_id: i64) -> Self {
        let office = NewOrganisation {
            code: &format!("enterprise-{enterprise_id}"),
            kind: "enterprise",
            name: &format!("企业{enterprise_id}"),
            division: "350102",
            enterprise_id: Some(enterprise_id),
        };
        make_account(app, login, role, &office).await;
        Self::signed_in(app, login).await
    }

    /// The same for an enterprise that the registry does not know yet; it has no facts.
    pub async fn of_new_enterprise(app: &App, login: &str, role: Role, uscc: &str) -> Self {
        use sea_orm::{ActiveValue::Set, EntityTrait};
        let row = entity::enterprise::ActiveModel {
            uscc: Set(uscc.to_owned()),
            created_at: Set(app.clock.now()),
            ..Default::default()
        };
        let made = entity::enterprise::Entity::insert(row).exec(app.db.read()).await;
        Self::of_enterprise(app, login, role, made.expect("an enterprise").last_insert_id).await
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Puts a cookie into the jar.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// Opens a page, following redirects.
    pub async fn get(&mut self, path: &str) -> Seen {
        let mut seen = self.send(Method::GET, path, None, &[]).await;
        let mut at = path.to_owned();
        for _ in 0..5 {
            let Some(to) = seen.location().map(str::to_owned) else { break };
            seen = self.send(Method::GET, &to, None, &[]).await;
            at = to;
        }
        self.at = at;
        self.page = Some(seen.clone());
        seen
    }

    /// Opens an address once; a redirect is not followed and the last page stays.
    pub async fn peek(&mut self, path: &str) -> Seen {
        self.send(Method::GET, path, None, &[]).await
    }

    /// Sends the form with the action `path` of the last page, with these fields typed in; then
    /// follows the redirect. Without such a form it sends the fields with any token of the page.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let form = self.filled(path, fields);
        let body = serde_urlencoded::to_string(&form).expect("a form");
        let kind = "application/x-www-form-urlencoded";
        let seen = self.submit(path, body.into_bytes(), kind).await;
        self.arrive(path, seen).await
    }

    /// The same for a form with a file.
    pub async fn post_file(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        (field, name, bytes): (&str, &str, &[u8]),
    ) -> Seen {
        const EDGE: &str = "----juncai-test";
        let mut body = Vec::new();
        for (key, value) in self.filled(path, fields) {
            let part = format!(
                "--{EDGE}\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!(
            "--{EDGE}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{EDGE}--\r\n").as_bytes());
        let seen = self.submit(path, body, &format!("multipart/form-data; boundary={EDGE}")).await;
        self.arrive(path, seen).await
    }

    /// The form of the last page, with fields typed over.
    fn filled(&self, path: &str, fields: &[(&str, &str)]) -> Vec<(String, String)> {
        let page = self.page.as_ref();
        let mut form = page.and_then(|page| page.form(path)).unwrap_or_else(|| {
            let tokens = page.map(|p| p.attributes("input[name=csrf_token]", "value"));
            let token = tokens.and_then(|t| t.first().cloned()).unwrap_or_default();
            let key = juncai::vault::random_token::<16>().expect("randomness");
            vec![("csrf_token".to_owned(), token), ("idempotency_key".to_owned(), key)]
        });
        form.retain(|(name, _)| !fields.iter().any(|(typed, _)| typed == name));
        form.extend(fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        form
    }

    async fn submit(&mut self, path: &str, body: Vec<u8>, kind: &str) -> Seen {
        let from = format!("http://{HOST}{}", self.at);
        let origin = format!("http://{HOST}");
        let headers = [
            (header::CONTENT_TYPE.as_str(), kind),
            (header::ORIGIN.as_str(), origin.as_str()),
            (header::REFERER.as_str(), from.as_str()),
            ("sec-fetch-site", "same-origin"),
        ];
        self.send(Method::POST, path, Some(body), &headers).await
    }

    async fn arrive(&mut self, path: &str, seen: Seen) -> Seen {
        if let Some(to) = seen.location().map(str::to_owned) {
            return self.get(&to).await;
        }
        let is_page = seen.headers.get(header::CONTENT_TYPE);
        if is_page.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
            self.at = path.to_owned();
            self.page = Some(seen.clone());
        }
        seen
    }

    /// Sends exactly this request with the cookies of the jar.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        headers: &[(&str, &str)],
    ) -> Seen {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, HOST)
            .extension(Peer(self.address));
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        for line in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(line.to_str().expect("a cookie of plain text"));
        }
        let bytes = to_bytes(body, 64 << 20).await.expect("a whole body").to_vec();
        Seen { status: parts.status, headers: parts.headers, bytes }
    }

    fn keep(&mut self, line: &str) {
        let (name, rest) = line.split_once('=').expect("a cookie has a name");
        let value = rest.split(';').next().unwrap_or_default();
        if rest.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// The same visitor after the clock moved: later requests see the time of `app`.
    pub fn at_time_of(mut self, app: &App) -> Self {
        self.app = app.clone();
        self.router = router(Site::new(app.clone()));
        self
    }
}

/// The security administrator authorises everything that waits, in the order in which it was asked
/// for. Returns the halves of secrets that this told.
pub async fn authorise_all(app: &App) -> Vec<String> {
    let office = NewOrganisation {
        code: "administration-350000",
        kind: "administration",
        name: "administration 350000",
        division: "350000",
        enterprise_id: None,
    };
    let login = "all-authorising";
    if juncai::store::account::by_login(app.db.read(), login).await.expect("a database").is_none() {
        make_account(app, login, Role::SecurityAdministrator, &office).await;
    }
    let full = juncai::store::account::by_login(app.db.read(), login).await.expect("a database");
    let security = Actor::new(&full.expect("an account"), "127.0.0.1").expect("a known role");
    let (waiting, _) = account::proposals(app, &security).await.expect("a list");
    let mut told = Vec::new();
    for proposal in waiting {
        let done = account::authorise(app, &security, proposal.id).await.expect("authorised");
        told.extend(done.second_half);
    }
    told
}

/// Makes an account whose password nobody knows.
pub async fn make_account(app: &App, login: &str, role: Role, office: &NewOrganisation<'_>) -> i64 {
    let now = app.clock.now();
    let tx = app.db.begin().await.expect("a transaction");
    let person = (format!("staff-{login}"), format!("{login}的持有人"));
    let person = (person.0.as_str(), person.1.as_str());
    let actor = employ(&tx, office, person, (login, role.code()), now).await;
    tx.commit().await.expect("committed");
    actor.account_id
}
