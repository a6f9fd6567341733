//! A program of an enterprise that talks to the registry with a token.

use std::time::Duration;

use reqwest::Client;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};

use crate::Outcome;
use crate::database::Db;
use crate::visitor::{PATIENCE, Visitor, fill};

/// A program with its token.
#[derive(Debug, Clone)]
pub struct Program {
    http: Client,
    site: String,
    token: String,
}

/// What it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Status.
    pub status: u16,
    /// Content.
    pub body: String,
    /// Whether it says that it was answered before.
    pub replayed: bool,
    /// From the question to the last byte.
    pub took: Duration,
}

impl Program {
    /// Lets the administrators make a system account of an enterprise, with a token that may do
    /// everything a program may.
    ///
    /// # Errors
    /// When a page is not as expected.
    pub async fn authorised(site: &str, db: &Db) -> Outcome<Self> {
        let told = |halt: crate::visitor::Halt| halt.told();
        let mut system = Visitor::new(site, false)?;
        system.sign_in("admin").await.map_err(told)?;
        let mut security = Visitor::new(site, false)?;
        security.sign_in("security-admin").await.map_err(told)?;
        let office = "SELECT CAST(organisation_id AS TEXT) FROM account WHERE login = 'clerk-01'";
        let office = db.rows(office).await?.into_iter().flatten().next().ok_or("no clerk-01")?;
        let page = system.page("/accounts/systems").await.map_err(told)?;
        let typed =
            [("login", "trust-system"), ("name", "接口测试系统"), ("organisation", &*office)];
        let form = fill(&page, "/accounts/systems", &typed).map_err(told)?;
        system.send(&form).await.map_err(told)?;
        authorise(&mut security).await?;
        let account = "SELECT CAST(id AS TEXT) FROM account WHERE login = 'trust-system'";
        let account = db.rows(account).await?.into_iter().flatten().next();
        let account = account.ok_or("the system account was not made")?;
        let page = system.page("/accounts/systems").await.map_err(told)?;
        let typed = [
            ("account", &*account),
            ("scopes", "read"),
            ("scopes", "register"),
            ("scopes", "evidence"),
            ("valid_through", "2027-12-31"),
            ("per_minute", "6000"),
        ];
        let form = fill(&page, "/accounts/systems/tokens", &typed).map_err(told)?;
        let made = system.send(&form).await.map_err(told)?;
        let first = code(&made.body).ok_or_else(|| {
            format!(
                "no first half of a token: {} {}",
                made.status,
                crate::visitor::said(&made.body)
            )
        })?;
        let page = authorise(&mut security).await?;
        let second = code(&page).ok_or("no second half of a token")?;
        Self::new(site, first + &second)
    }

    fn new(site: &str, token: String) -> Outcome<Self> {
        let http = Client::builder().no_proxy().timeout(PATIENCE).build();
        let http = http.map_err(|error| error.to_string())?;
        Ok(Self { http, site: site.to_owned(), token })
    }

    /// The same program at the restarted server.
    ///
    /// # Errors
    /// When the client cannot be made.
    pub fn at(&self, site: &str) -> Outcome<Self> {
        Self::new(site, self.token.clone())
    }

    /// Hands something in under a key.
    ///
    /// # Errors
    /// When nothing answers.
    pub async fn post(&self, path: &str, key: &str, body: String) -> Outcome<Told> {
        let begun = std::time::Instant::now();
        let asked = self
            .http
            .post(format!("{}/api/v1{path}", self.site))
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .header(CONTENT_TYPE, "application/json")
            .header("idempotency-key", key)
            .body(body);
        let answer = asked.send().await.map_err(|error| format!("{path}: {error:?}"))?;
        let status = answer.status().as_u16();
        let replayed = answer.headers().contains_key("idempotency-replayed");
        let body = answer.text().await.map_err(|error| format!("{path}: {error:?}"))?;
        Ok(Told { status, body, replayed, took: begun.elapsed() })
    }
}

/// The security administrator authorises what waits; the last page is given back.
async fn authorise(security: &mut Visitor) -> Outcome<String> {
    let told = |halt: crate::visitor::Halt| halt.told();
    let list = security.page("/authorisations").await.map_err(told)?;
    let waiting = list.split("最近办结").next().unwrap_or_default().to_owned();
    let mut last = String::new();
    for link in waiting.split("<a href=\"/authorisations/").skip(1) {
        let number: String = link.chars().take_while(char::is_ascii_digit).collect();
        if number.is_empty() {
            continue;
        }
        let at = format!("/authorisations/{number}");
        let page = security.page(&at).await.map_err(told)?;
        let form = fill(&page, &format!("{at}/authorisation"), &[]).map_err(told)?;
        let reply = security.send(&form).await.map_err(told)?;
        last = reply.body;
        if reply.status == 303 {
            last = security.page(&reply.location).await.map_err(told)?;
        }
    }
    Ok(last)
}

/// The half of a token that a page shows.
fn code(page: &str) -> Option<String> {
    let is_half = |text: &&str| {
        let bare = text.strip_prefix("jc_").unwrap_or(text);
        bare.len() >= 16 && bare.chars().all(|c| c.is_ascii_hexdigit())
    };
    let mut codes = page.split("<code>").skip(1).filter_map(|rest| rest.split("</code>").next());
    codes.find(is_half).map(str::to_owned)
}
