//! Somebody at a browser: cookies, pages, forms.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, RETRY_AFTER, SET_COOKIE};
use reqwest::{Client, Method, redirect};

use crate::Outcome;

/// Nobody waits longer for a page.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// Password of all accounts of the demonstration.
pub const PASSWORD: &str = "Juncai-Demo-2026";

/// What a server answered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Status of the answer.
    pub status: u16,
    /// Where to go on.
    pub location: String,
    /// When to come again.
    pub retry_after: String,
    /// The page.
    pub body: String,
    /// From the question to the last byte.
    pub took: Duration,
}

/// A form that is ready to be sent, as often as one likes.
#[derive(Debug, Clone)]
pub struct Filled {
    /// Where it goes.
    pub path: String,
    kind: String,
    body: Vec<u8>,
}

impl Filled {
    /// A form with these fields.
    pub fn of(path: &str, fields: &[(String, String)]) -> Self {
        let body = serde_urlencoded::to_string(fields).unwrap_or_default();
        let kind = "application/x-www-form-urlencoded".to_owned();
        Self { path: path.to_owned(), kind, body: body.into_bytes() }
    }

    /// The same form, key and all, with something else in one field.
    #[must_use]
    pub fn with(&self, field: &str, value: &str) -> Self {
        let fields: Vec<(String, String)> =
            serde_urlencoded::from_bytes(&self.body).unwrap_or_default();
        let mut fields: Vec<(String, String)> =
            fields.into_iter().filter(|(name, _)| name != field).collect();
        fields.push((field.to_owned(), value.to_owned()));
        let body = serde_urlencoded::to_string(&fields).unwrap_or_default();
        Self { body: body.into_bytes(), ..self.clone() }
    }

    /// The text of a field; empty when it has none.
    pub fn text(&self, field: &str) -> String {
        let fields: Vec<(String, String)> =
            serde_urlencoded::from_bytes(&self.body).unwrap_or_default();
        let found = fields.into_iter().find(|(name, _)| name == field);
        found.map(|(_, value)| value).unwrap_or_default()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone)]
pub enum Halt {
    /// The connection was refused or cut, or nothing came in time.
    Cut(String),
    /// The server answered, and not as it should: what was asked, and the answer.
    Refused(String, Box<Reply>),
    /// Something else is not as expected.
    Odd(String),
}

impl Halt {
    /// In a few words.
    pub fn told(&self) -> String {
        match self {
            Self::Cut(text) => format!("no answer: {text}"),
            Self::Odd(text) => text.clone(),
            Self::Refused(what, reply) => {
                let (status, ms) = (reply.status, reply.took.as_millis());
                format!("{what}: {status} {} after {ms} ms", said(&reply.body))
            }
        }
    }
}

/// Words that belong into a log and never onto a page.
const INTERNALS: [&str; 6] =
    ["sqlx", "SQLITE", "error returned", "os error", "panicked", "Connection refused"];

impl Reply {
    /// Whether it tells people, in a page, that the program cannot do it now: with a status that
    /// says so, when to come again, and nothing that is for the log.
    pub fn is_readable_outage(&self) -> bool {
        matches!(self.status, 503 | 507)
            && !self.retry_after.is_empty()
            && self.body.contains("<h1")
            && !INTERNALS.iter().any(|word| self.body.contains(word))
    }
}

/// A person with a browser.
#[derive(Debug, Clone)]
pub struct Visitor {
    http: Client,
    site: String,
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    /// Somebody unknown at a site. With `afresh`, every request has a connection of its own.
    ///
    /// # Errors
    /// When the client cannot be made.
    pub fn new(site: &str, afresh: bool) -> Outcome<Self> {
        let http =
            Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(PATIENCE);
        let http = if afresh { http.pool_max_idle_per_host(0) } else { http };
        let http = http.build().map_err(|error| error.to_string())?;
        Ok(Self { http, site: site.to_owned(), cookies: BTreeMap::new() })
    }

    /// The same person at the restarted server.
    ///
    /// # Errors
    /// When the client cannot be made.
    pub fn at(&self, site: &str) -> Outcome<Self> {
        Ok(Self { cookies: self.cookies.clone(), ..Self::new(site, false)? })
    }

    /// Signs in with the demonstration's password.
    ///
    /// # Errors
    /// When the server does not let the account in.
    pub async fn sign_in(&mut self, login: &str) -> Result<(), Halt> {
        let page = self.get("/sign-in").await?;
        let form = fill(&page.body, "/sign-in", &[("login", login), ("password", PASSWORD)])?;
        let reply = self.send(&form).await?;
        if reply.status == 303 {
            return Ok(());
        }
        Err(Halt::Refused(format!("sign-in of {login}"), Box::new(reply)))
    }

    /// Opens a page.
    ///
    /// # Errors
    /// When nothing answers.
    pub async fn get(&mut self, path: &str) -> Result<Reply, Halt> {
        self.ask(Method::GET, path, None).await
    }

    /// Opens a page that has to be there.
    ///
    /// # Errors
    /// When it is not.
    pub async fn page(&mut self, path: &str) -> Result<String, Halt> {
        let reply = self.get(path).await?;
        if reply.status == 200 {
            return Ok(reply.body);
        }
        Err(Halt::Refused(format!("GET {path}"), Box::new(reply)))
    }

    /// Sends a form.
    ///
    /// # Errors
    /// When nothing answers.
    pub async fn send(&mut self, form: &Filled) -> Result<Reply, Halt> {
        self.ask(Method::POST, &form.path, Some(form)).await
    }

    async fn ask(&mut self, how: Method, path: &str, form: Option<&Filled>) -> Result<Reply, Halt> {
        let begun = Instant::now();
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let cookies: Vec<String> = cookies.collect();
        let mut request = self.http.request(how, format!("{}{path}", self.site));
        request = request.header(COOKIE, cookies.join("; "));
        if let Some(form) = form {
            request = request.header(CONTENT_TYPE, &form.kind).body(form.body.clone());
        }
        let cut = |error: reqwest::Error| Halt::Cut(format!("{path}: {error:?}"));
        let answer = request.send().await.map_err(cut)?;
        for set in answer.headers().get_all(SET_COOKIE) {
            let pair = set.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.trim().to_owned(), value.to_owned());
            }
        }
        let header = |name| {
            let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let (location, retry_after) = (header(LOCATION), header(RETRY_AFTER));
        let status = answer.status().as_u16();
        let body = answer.text().await.map_err(cut)?;
        Ok(Reply { status, location, retry_after, body, took: begun.elapsed() })
    }
}

/// The inputs of the form that goes to `action`: hidden ones and those with something in them.
fn inputs(page: &str, action: &str) -> Result<Vec<(String, String)>, Halt> {
    inputs_of(page, action, "")
}

/// The same where several forms go to one address: those of the one with `mark` in it.
fn inputs_of(page: &str, action: &str, mark: &str) -> Result<Vec<(String, String)>, Halt> {
    let begin = format!("method=\"post\" action=\"{action}\"");
    let mut forms = page.split(&begin).skip(1).filter_map(|rest| rest.split("</form>").next());
    let Some(form) = forms.find(|form| form.contains(mark)) else {
        return Err(Halt::Odd(format!("the page has no form for {action}: {}", said(page))));
    };
    let mut fields = Vec::new();
    for tag in form.split("<input ").skip(1) {
        let tag = tag.split_once('>').map_or(tag, |(tag, _)| tag);
        let kind = attribute(tag, "type").unwrap_or_default();
        if let (Some(name), Some(value)) = (attribute(tag, "name"), attribute(tag, "value"))
            && (kind == "hidden" || kind == "text" || kind.is_empty())
        {
            fields.push((name, value));
        }
    }
    Ok(fields)
}

/// The value of an attribute in a tag.
pub fn attribute(tag: &str, name: &str) -> Option<String> {
    let spaced = format!(" {tag}");
    let (_, rest) = spaced.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'")];
    let value = plain.iter().fold(value.to_owned(), |text, (from, to)| text.replace(from, to));
    Some(value.replace("&#38;", "&").replace("&amp;", "&"))
}

/// A form of a page with what somebody typed into it.
///
/// # Errors
/// When the page has no such form.
pub fn fill(page: &str, action: &str, typed: &[(&str, &str)]) -> Result<Filled, Halt> {
    finish(action, inputs(page, action)?, typed)
}

fn finish(
    action: &str,
    mut fields: Vec<(String, String)>,
    typed: &[(&str, &str)],
) -> Result<Filled, Halt> {
    fields.retain(|(name, _)| typed.iter().all(|(other, _)| other != name));
    fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let body =
        serde_urlencoded::to_string(&fields).map_err(|error| Halt::Odd(error.to_string()))?;
    let kind = "application/x-www-form-urlencoded".to_owned();
    Ok(Filled { path: action.to_owned(), kind, body: body.into_bytes() })
}

/// One of several forms that go to one address: the one with `mark` in it.
///
/// # Errors
/// When the page has no such form.
pub fn fill_marked(
    page: &str,
    (action, mark): (&str, &str),
    typed: &[(&str, &str)],
) -> Result<Filled, Halt> {
    let fields = inputs_of(page, action, mark)?;
    finish(action, fields, typed)
}

/// The form that accepts every payment of the sample on a page.
///
/// # Errors
/// When the page has no such form.
pub fn fill_check(page: &str, action: &str) -> Result<Filled, Halt> {
    let mut fields = inputs(page, action)?;
    let seen = fields.iter().filter(|(name, _)| name == "seq");
    let seen: Vec<String> = seen.map(|(_, seq)| format!("finding-{seq}")).collect();
    fields.extend(seen.into_iter().map(|name| (name, "matches".to_owned())));
    let body =
        serde_urlencoded::to_string(&fields).map_err(|error| Halt::Odd(error.to_string()))?;
    let kind = "application/x-www-form-urlencoded".to_owned();
    Ok(Filled { path: action.to_owned(), kind, body: body.into_bytes() })
}

/// A form with a file.
///
/// # Errors
/// When the page has no such form.
pub fn fill_file(
    page: &str,
    action: &str,
    typed: &[(&str, &str)],
    (name, content): (&str, &str),
) -> Result<Filled, Halt> {
    const BORDER: &str = "faults-9f2d7c51e0b84a63";
    let mut body = String::new();
    let typed = typed.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned()));
    for (field, value) in inputs(page, action)?.into_iter().chain(typed) {
        body.push_str(&format!(
            "--{BORDER}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str(&format!(
        "--{BORDER}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{content}\r\n--{BORDER}--\r\n"
    ));
    let kind = format!("multipart/form-data; boundary={BORDER}");
    Ok(Filled { path: action.to_owned(), kind, body: body.into_bytes() })
}

/// The words of a page's main part, cut short, for a report.
pub fn said(page: &str) -> String {
    let main = page.split_once("<main").map_or(page, |(_, main)| main);
    let mut words = String::new();
    let mut is_tag = true;
    for c in main.chars() {
        match c {
            '<' => is_tag = true,
            '>' => is_tag = false,
            c if !is_tag => words.push(c),
            _ => {}
        }
    }
    let words: Vec<&str> = words.split_whitespace().collect();
    words.join(" ").chars().take(160).collect()
}
