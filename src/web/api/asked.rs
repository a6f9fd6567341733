//! Who asks and for what: token, query, body, each refused with a problem that names what is wrong.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use chrono::{Datelike, NaiveDate};
use serde_json::{Map, Value};

use super::problem::{FieldProblem, Problem};
use crate::domain::machine::ApiScope;
use crate::domain::registry::Code;
use crate::service::machine::{self, Caller};
use crate::web::site::Site;

/// Longest text of a field, in characters.
const MAX_CHARS: usize = 200;
/// Rows of a piece when nothing is said, and most of them.
const USUAL_LIMIT: u64 = 100;
const MOST_LIMIT: u64 = 200;

/// A caller whose token was recognised and who does not ask too often.
#[derive(Debug)]
pub(super) struct Access(pub(super) Caller);

impl Access {
    /// Refuses unless the token has the scope.
    pub(super) fn must(&self, scope: ApiScope) -> Result<(), Problem> {
        Self::allows(&self.0, scope)
    }

    /// Refuses unless the token of a caller has the scope.
    pub(super) fn allows(caller: &Caller, scope: ApiScope) -> Result<(), Problem> {
        if caller.scopes.contains(&scope) {
            return Ok(());
        }
        let text = format!("令牌没有“{}”权限（{}），请联系管理员签发", scope.label(), scope.code());
        Err(Problem::of(403, text).named("scope", "令牌无此权限"))
    }
}

impl FromRequestParts<Site> for Access {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Problem> {
        let refused = || {
            let text =
                "请在 Authorization 请求头中以 Bearer 方式提供有效的令牌；令牌可能已到期或被吊销";
            Problem::of(401, text)
        };
        let mut given = parts.headers.get_all(header::AUTHORIZATION).iter();
        let (Some(only), None) = (given.next(), given.next()) else { return Err(refused()) };
        let text = only.to_str().map_err(|_| refused())?;
        let (scheme, secret) = text.split_once(' ').ok_or_else(refused)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(refused());
        }
        let address = site.address(&parts.headers, &parts.extensions);
        let caller = machine::recognise(&site.app, secret.trim(), &address).await?;
        let caller = caller.ok_or_else(refused)?;
        site.pass(caller.token_id, caller.per_minute).map_err(|seconds| {
            let rate = caller.per_minute;
            let text = format!("该令牌每分钟最多 {rate} 次请求，请在 {seconds} 秒后再试");
            Problem { retry_after: Some(seconds), ..Problem::of(429, text) }
        })?;
        if caller.is_due {
            // Beside the request: an answer must not wait for a writer.
            let (app, id) = (site.app.clone(), caller.token_id);
            tokio::spawn(async move {
                if let Err(error) = machine::touch(&app, id).await {
                    tracing::warn!(?error, "a token's use could not be noted");
                }
            });
        }
        Ok(Self(caller))
    }
}

/// The last part of an address: an official number.
#[derive(Debug)]
pub(super) struct Number(pub(super) String);

impl FromRequestParts<Site> for Number {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Problem> {
        let found = Path::<String>::from_request_parts(parts, site).await;
        let plain = |text: &String| {
            (1..=40).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        match found.ok().map(|Path(text)| text).filter(plain) {
            Some(text) => Ok(Self(text)),
            None => Err(Problem::of(404, "编号由字母、数字和连字符组成，请核对")),
        }
    }
}

/// The query of a request.
#[derive(Debug)]
pub(super) struct Asked(Vec<(String, String)>);

impl FromRequestParts<Site> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _site: &Site) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = serde_urlencoded::from_str(query);
        pairs.map(Self).map_err(|_| Problem::of(400, "查询参数无法识别，请按 URL 编码填写"))
    }
}

impl Asked {
    /// Refuses names that the address does not know, and names that occur twice.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        let mut wrong = Vec::new();
        for (index, (name, _)) in self.0.iter().enumerate() {
            let again = self.0.iter().take(index).any(|(earlier, _)| earlier == name);
            let message = match () {
                () if !known.contains(&name.as_str()) => "没有这个参数，请核对接口说明",
                () if again => "参数重复，请只填写一次",
                () => continue,
            };
            let name: String = name.chars().take(60).collect();
            wrong.push(FieldProblem { field: name, message: message.to_owned() });
        }
        if wrong.is_empty() { Ok(()) } else { Err(Problem::fields(wrong)) }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Where the piece begins.
    pub(super) fn after(&self) -> Result<Option<String>, Problem> {
        let plain = |text: &str| {
            (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        match self.get("after") {
            None => Ok(None),
            Some(text) if plain(text) => Ok(Some(text.to_owned())),
            Some(_) => Err(Problem::field("after", "请原样填写上一次返回的 next")),
        }
    }

    /// Rows of the piece.
    pub(super) fn limit(&self) -> Result<u64, Problem> {
        let Some(text) = self.get("limit") else { return Ok(USUAL_LIMIT) };
        let number = text.parse::<u64>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
        number
            .filter(|number| (1..=MOST_LIMIT).contains(number))
            .ok_or_else(|| Problem::field("limit", format!("请填写 1 至 {MOST_LIMIT} 的整数")))
    }

    /// An award year; the usual one when nothing is said.
    pub(super) fn year(&self, usual: i32) -> Result<i32, Problem> {
        let Some(text) = self.get("year") else { return Ok(usual) };
        let year = text.parse::<i32>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
        year.filter(|year| (2000..=2100).contains(year))
            .ok_or_else(|| Problem::field("year", "请填写 2000 至 2100 的年度，例如 2026"))
    }

    /// A day; `today` when nothing is said.
    pub(super) fn day(&self, name: &str, today: NaiveDate) -> Result<NaiveDate, Problem> {
        self.get(name).map_or(Ok(today), |text| {
            day(text).ok_or_else(|| Problem::field(name, "请按 2026-11-23 的格式填写"))
        })
    }
}

/// A day exactly as ISO 8601 writes it, of this age.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    let shape = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| shape)?;
    (1900..=2200).contains(&day.year()).then_some(day)
}

/// A body of JSON, an object, with the text it was sent as.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) text: String,
    pub(super) fields: Map<String, Value>,
}

impl FromRequest<Site> for Sent {
    type Rejection = Problem;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::of(415, "请求内容应为 application/json"));
        }
        let bytes = Bytes::from_request(request, site).await.map_err(|refused| {
            let status = refused.status().as_u16();
            match status {
                413 => Problem::of(413, "请求内容最多 1 MB，请分批提交"),
                _ => Problem::of(400, "请求内容没有收全，请重新提交"),
            }
        })?;
        let unreadable = || Problem::of(400, "请求内容不是 UTF-8 编码的 JSON，请检查格式");
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| unreadable())?;
        match serde_json::from_str(&text).map_err(|_| unreadable())? {
            Value::Object(fields) => Ok(Self { text, fields }),
            _ => Err(Problem::field("", "请求内容应为 JSON 对象")),
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let plain = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    plain.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"))
}

/// Reads the fields of a JSON object one by one and gathers everything that is wrong.
pub(super) struct Reader<'a> {
    fields: &'a Map<String, Value>,
    /// Put before the names of fields.
    at: String,
    pub(super) wrong: Vec<FieldProblem>,
}

impl<'a> Reader<'a> {
    /// A reader of an object that knows only the fields `known`.
    pub(super) fn new(fields: &'a Map<String, Value>, at: &str, known: &[&str]) -> Self {
        let mut reader = Self { fields, at: at.to_owned(), wrong: Vec::new() };
        for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
            let name: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
            reader.refuse(&name, "没有这个字段，请核对接口说明");
        }
        reader
    }

    /// Says what is wrong with a field.
    pub(super) fn refuse(&mut self, name: &str, message: impl Into<String>) {
        let field = format!("{}{name}", self.at);
        self.wrong.push(FieldProblem { field, message: message.into() });
    }

    /// A text; empty when it is missing and need not be there.
    pub(super) fn text(&mut self, name: &str, required: bool) -> String {
        let message = match self.fields.get(name) {
            None if !required => return String::new(),
            None => "必填",
            Some(Value::String(text)) if text.trim().is_empty() && required => "不能为空",
            Some(Value::String(text)) if text.chars().any(char::is_control) => {
                "含有换行等控制字符，请删除"
            }
            Some(Value::String(text)) if text.chars().count() > MAX_CHARS => "最多 200 个字",
            Some(Value::String(text)) => return text.clone(),
            Some(_) => "应为字符串",
        };
        self.refuse(name, message);
        String::new()
    }

    /// A day, `None` when it is wrong.
    pub(super) fn day(&mut self, name: &str) -> Option<NaiveDate> {
        let text = self.text(name, true);
        let found = day(&text);
        if found.is_none() && !text.is_empty() {
            self.refuse(name, "请按 2026-11-23 的格式填写真实的日期");
        }
        found
    }

    /// Yes or no; `None` when it is missing or wrong.
    pub(super) fn truth(&mut self, name: &str, required: bool) -> Option<bool> {
        match self.fields.get(name) {
            Some(Value::Bool(truth)) => return Some(*truth),
            None if !required => return None,
            None => self.refuse(name, "必填"),
            Some(_) => self.refuse(name, "应为 true 或 false"),
        }
        None
    }
}
