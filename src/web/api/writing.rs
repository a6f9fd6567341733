//! What can be handed in. Every request carries a key, under which it has its effect once.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

use super::asked::{Access, Asked, Number, Reader, Sent};
use super::document::WriteFailures;
use super::params::{Key, Person};
use super::problem::{FieldProblem, Problem};
use super::schema::{
    Departure, NewDeparture, NewEngineers, NewEvidence, Proposed, Registered, RegisteredRow,
};
use crate::app::App;
use crate::clock::carried;
use crate::domain::identity::DocumentType;
use crate::domain::machine::ApiScope;
use crate::domain::registry::{Code, EvidenceKind};
use crate::domain::roster::DepartureReason;
use crate::service::Error;
use crate::service::machine::{
    self, Caller, ENGINEER_FIELDS, EVIDENCE_FIELDS, Field, Filed, MOST_ROWS,
};
use crate::service::once::{self, Submission, Turn};
use crate::service::roster::{self, LastDay};
use crate::web::site::Site;

const KEY: &str = "idempotency-key";
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What an effect answers: status and content.
type Done = Result<(StatusCode, Value), Problem>;
type Answer = Result<Response, Problem>;

/// What every write brings: who asks, under which key, the content. No write has a query.
pub(super) struct Write {
    app: App,
    caller: Caller,
    headers: HeaderMap,
    sent: Sent,
}

impl FromRequest<Site> for Write {
    type Rejection = Problem;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let Access(caller) = Access::from_request_parts(&mut parts, site).await?;
        let asked = Asked::from_request_parts(&mut parts, site).await?;
        let headers = parts.headers.clone();
        let sent = Sent::from_request(Request::from_parts(parts, body), site).await?;
        asked.only(&[])?;
        Ok(Self { app: site.app.clone(), caller, headers, sent })
    }
}

impl Write {
    /// Refuses unless the token has the scope.
    fn must(&self, scope: ApiScope) -> Result<(), Problem> {
        Access::allows(&self.caller, scope)
    }

    /// Has an effect once per key and content of the address `at`.
    async fn once<E>(self, at: &str, effect: impl FnOnce(App, Caller) -> E) -> Answer
    where
        E: Future<Output = Done> + Send + 'static,
    {
        let Self { app, caller, headers, sent } = self;
        let content = format!("{at}\n{}", sent.text);
        let submission = Submission::under_key(&caller.actor, &key_of(&headers)?, &content);
        let effect = effect(app.clone(), caller);
        effect_once(app, submission, effect).await
    }
}

/// Has an effect unless it was had. It runs on its own: whoever hangs up does not stop it halfway.
async fn effect_once<E>(app: App, submission: Submission, effect: E) -> Answer
where
    E: Future<Output = Done> + Send + 'static,
{
    match once::turn(&app, &submission).await? {
        Turn::New => {}
        Turn::Answered(status, body) => {
            let mut response = json(status, body);
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
            return Ok(response);
        }
        Turn::OtherContent => {
            let text = "这个 Idempotency-Key 已用于另一内容的请求，请换一个新的键";
            return Err(Problem::of(422, text).named("key-reused", "幂等键重复使用"));
        }
        Turn::UnderWay => {
            let text = "同一 Idempotency-Key 的请求正在办理，请稍后用原键重试";
            return Err(Problem::of(409, text).named("under-way", "正在办理"));
        }
    }
    let work = tokio::spawn(carried(async move {
        match effect.await {
            Ok((status, value)) => {
                let body = value.to_string();
                once::answered(&app, &submission, status.as_u16(), &body).await?;
                Ok(json(status.as_u16(), body))
            }
            // The effect may have arrived and only its answer not: it is never simply done again.
            Err(problem) if problem.status == 503 => Err(problem),
            Err(problem) => {
                once::release(&app, &submission).await?;
                Err(problem)
            }
        }
    }));
    work.await.map_err(|fault| Problem::from(Error::Internal(format!("an effect: {fault}"))))?
}

fn key_of(headers: &HeaderMap) -> Result<String, Problem> {
    let missing = || {
        let text = "写操作必须带 Idempotency-Key 请求头，1 至 255 个可见字符，例如 UUID";
        Problem::of(400, text).named("key-missing", "缺少幂等键")
    };
    let mut given = headers.get_all(KEY).iter();
    let (Some(only), None) = (given.next(), given.next()) else { return Err(missing()) };
    let text = only.to_str().map_err(|_| missing())?.trim();
    let good = (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if good { Ok(text.to_owned()) } else { Err(missing()) }
}

fn json(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn value(of: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(of).map_err(|fault| Problem::from(Error::Internal(fault.to_string())))
}

/// The rows under `list`, a text for each field; what is not text is put into the form's words.
fn rows(sent: &Sent, list: &str, fields: &[Field]) -> Result<Vec<Vec<String>>, Problem> {
    let mut wrong = Reader::new(&sent.fields, "", &[list]).wrong;
    let items = match sent.fields.get(list) {
        Some(Value::Array(items)) if (1..=MOST_ROWS).contains(&items.len()) => items.as_slice(),
        _ => {
            let message = format!("必填，应为 1 至 {MOST_ROWS} 项的数组");
            wrong.push(FieldProblem { field: list.to_owned(), message });
            &[]
        }
    };
    let known: Vec<&str> = fields.iter().map(|field| field.name).collect();
    let mut out = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let Value::Object(item) = item else {
            let field = format!("{list}[{index}]");
            wrong.push(FieldProblem { field, message: "应为 JSON 对象".to_owned() });
            continue;
        };
        let mut reader = Reader::new(item, &format!("{list}[{index}]."), &known);
        out.push(fields.iter().map(|field| cell(&mut reader, *field)).collect());
        wrong.append(&mut reader.wrong);
    }
    if wrong.is_empty() { Ok(out) } else { Err(Problem::fields(wrong)) }
}

/// One field in the words of the form.
fn cell(reader: &mut Reader<'_>, field: Field) -> String {
    let Field { name, required, .. } = field;
    let label = |truth: Option<bool>, yes: &str, no: &str| match truth {
        Some(true) => yes.to_owned(),
        Some(false) => no.to_owned(),
        None => String::new(),
    };
    let label_of = |reader: &mut Reader<'_>, known: &[(&str, &str)]| {
        let text = reader.text(name, required);
        let found = known.iter().find(|(code, _)| *code == text);
        if found.is_none() && !text.is_empty() {
            let codes: Vec<&str> = known.iter().map(|(code, _)| *code).collect();
            reader.refuse(name, format!("应为下列代码之一：{}", codes.join("、")));
        }
        found.map_or_else(String::new, |(_, label)| (*label).to_owned())
    };
    match name {
        "full_time" => label(reader.truth(name, required), "是", "否"),
        "paid_late" => label(reader.truth(name, required), "补缴", "正常"),
        "document_type" => {
            let known = DocumentType::ALL.map(|kind| (kind.code(), kind.label()));
            label_of(reader, &known)
        }
        "source" => {
            let known: Vec<_> = EvidenceKind::ALL.iter().map(|k| (k.code(), k.label())).collect();
            label_of(reader, &known)
        }
        "hired_on" | "rostered_on" => {
            reader.day(name).map_or_else(String::new, |day| day.to_string())
        }
        "month" => {
            let text = reader.text(name, required);
            let shape = text.len() == 7 && super::asked::day(&format!("{text}-01")).is_some();
            if !shape && !text.is_empty() {
                reader.refuse(name, "请按 2026-01 的格式填写");
            }
            text
        }
        _ => reader.text(name, required),
    }
}

/// What the checks of the form found, by the place in the request.
fn refused(list: &str, found: Vec<(usize, String, String)>) -> Problem {
    let problem = |(row, field, message): (usize, String, String)| {
        let at = format!("{list}[{row}]");
        let field = if field.is_empty() { at } else { format!("{at}.{field}") };
        FieldProblem { field, message }
    };
    Problem::fields(found.into_iter().map(problem).collect())
}

/// 登记核心工程师：与网页导入《核心工程师申报》相同的检查、相同的结果。
#[utoipa::path(
    post,
    path = "/engineers",
    operation_id = "register",
    params(Key),
    request_body = NewEngineers,
    responses((status = 201, description = "已登记", body = Registered), WriteFailures)
)]
pub(super) async fn register(write: Write) -> Answer {
    write.must(ApiScope::Register)?;
    let list = "engineers";
    let rows = rows(&write.sent, list, ENGINEER_FIELDS)?;
    let at = "POST /engineers";
    let effect = |app: App, caller: Caller| async move {
        let filed = machine::register(&app, &caller, &rows).await?;
        let (import_no, rows, persons) = match filed {
            Filed::Wrong(found) => return Err(refused(list, found)),
            Filed::Taken { import_no, rows, persons, .. } => (import_no, rows, persons),
        };
        let row = |(index, person_no)| RegisteredRow { index, person_no };
        let engineers = persons.into_iter().enumerate().map(row).collect();
        let told = Registered { import_no, rows: rows.0, rows_known: rows.1, engineers };
        Ok((StatusCode::CREATED, value(&told)?))
    };
    write.once(at, effect).await
}

/// 报送社保个税月份：检查与网页导入相同，保存后等待省级人社部门确认。
#[utoipa::path(
    post,
    path = "/evidence",
    operation_id = "file_evidence",
    params(Key),
    request_body = NewEvidence,
    responses((status = 202, description = "已报送，待确认", body = Proposed), WriteFailures)
)]
pub(super) async fn evidence(write: Write) -> Answer {
    write.must(ApiScope::Evidence)?;
    let list = "months";
    let rows = rows(&write.sent, list, EVIDENCE_FIELDS)?;
    let at = "POST /evidence";
    let effect = |app: App, caller: Caller| async move {
        match machine::file_evidence(&app, &caller, &rows).await? {
            Filed::Wrong(found) => Err(refused(list, found)),
            Filed::Taken { import_no, state, rows, .. } => {
                let state = state.code().to_owned();
                let told = Proposed { import_no, rows: rows.0, rows_known: rows.1, state };
                Ok((StatusCode::ACCEPTED, value(&told)?))
            }
        }
    };
    write.once(at, effect).await
}

fn last_day(fields: &Map<String, Value>) -> Result<LastDay, Problem> {
    let known = ["last_day", "reason", "note", "document_no"];
    let mut reader = Reader::new(fields, "", &known);
    let last_day = reader.day("last_day");
    let code = reader.text("reason", true);
    let reason = DepartureReason::from_code(&code);
    if reason.is_none() && !code.is_empty() {
        let codes: Vec<&str> = DepartureReason::ALL.iter().map(|known| known.code()).collect();
        reader.refuse("reason", format!("应为下列代码之一：{}", codes.join("、")));
    }
    let (note, document_no) = (reader.text("note", false), reader.text("document_no", true));
    match (last_day, reason, reader.wrong.is_empty()) {
        (Some(last_day), Some(reason), true) => Ok(LastDay { last_day, reason, note, document_no }),
        _ => Err(Problem::fields(reader.wrong)),
    }
}

/// 报告离职：结束名册记录和任职记录。
#[utoipa::path(
    post,
    path = "/engineers/{person_no}/departure",
    operation_id = "departure",
    params(Person, Key),
    request_body = NewDeparture,
    responses((status = 201, description = "已登记", body = Departure), WriteFailures)
)]
pub(super) async fn departure(Number(no): Number, write: Write) -> Answer {
    write.must(ApiScope::Register)?;
    let end = last_day(&write.sent.fields)?;
    let at = format!("POST /engineers/{no}/departure");
    let effect = |app: App, caller: Caller| async move {
        let departed = roster::end_entry(&app, &caller.actor, &no, &end).await?;
        let told = Departure {
            person_no: no,
            last_day: end.last_day.to_string(),
            entry_ended: departed.entry_ended,
            employment_ended: departed.employment_ended,
        };
        Ok((StatusCode::CREATED, value(&told)?))
    };
    write.once(&at, effect).await
}
