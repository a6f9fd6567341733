//! Lists written beside the requests: asking for one, what became of it, fetching the file, and
//! templates of what is asked for again and again.

pub mod pages;

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use hyper::body::Frame as Piece;
use serde::Deserialize;
use tokio::sync::mpsc;

use self::pages::{ExportNew, ExportRow, Exports, TemplateRow};
use crate::domain::export::{ExportList, Part};
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::export::{self, EXPORTS_A_PAGE, ExportLine, Taken, TemplateLine, Wanted};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::FormState;
use crate::web::listing::{minute, offset, pager, query_of};
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::{Filed, XLSX, done, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/exports";

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new()
        .route(HERE, get(list).post(ask))
        .route("/exports/new", get(form))
        .route("/exports/templates", post(keep))
        .route("/exports/templates/{id}", get(from_template).post(forget))
        .route("/exports/{no}/file", get(take))
}

/// Leads to where a list is asked for that is too long for an answer.
pub(super) fn ask_instead(list: ExportList, fields: &[(&str, &str)]) -> Response {
    Redirect::to(&ask_href(list, fields)).into_response()
}

/// Where a list is asked for with a purpose, with the columns that are chosen there.
pub(super) fn ask_href(list: ExportList, fields: &[(&str, &str)]) -> String {
    let all = [("list", list.code())].into_iter().chain(fields.iter().copied());
    format!("{HERE}/new?{}", query_of(all))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Shown {
    page: Option<u64>,
}

async fn list(State(site): State<Site>, who: SignedIn, Query(shown): Query<Shown>) -> Answer {
    let from = offset(shown.page, EXPORTS_A_PAGE);
    let (total, found) = export::exports(&site.app, &who.actor, from).await?;
    let templates = export::templates(&site.app, &who.actor).await?;
    let page = Exports {
        frame: who.frame(&site, HERE).await?,
        templates: templates.into_iter().map(template).collect(),
        pager: pager((HERE, &[]), total, (from, EXPORTS_A_PAGE, found.len())),
        rows: found.into_iter().map(row).collect(),
    };
    Ok(Page::ok(page).into_response())
}

fn template(line: TemplateLine) -> TemplateRow {
    TemplateRow {
        id: line.id,
        name: line.name,
        list: line.list.label().to_owned(),
        conditions: line.conditions,
    }
}

fn row(line: ExportLine) -> ExportRow {
    let kilobytes = |size: i64| format!("{} KB", (size + 1023) / 1024);
    ExportRow {
        no: line.no,
        list: line.list.label().to_owned(),
        conditions: line.conditions,
        purpose: line.purpose,
        rows: line.rows.0,
        done: line.rows.1,
        state: line.state.label().to_owned(),
        asked_at: minute(line.asked_at),
        finished_at: line.finished_at.map(minute).unwrap_or_default(),
        kept_until: line.expires_at.map(minute).unwrap_or_default(),
        size: line.size.map(kilobytes).unwrap_or_default(),
        sha256: line.sha256,
        message: line.message,
        may_take: line.state == crate::domain::export::ExportState::Ready,
    }
}

/// What an address or a form asks for: a list and the fields of its filter.
fn wanted(query: &str) -> Result<Wanted, Error> {
    let fields: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    let list = fields.iter().find(|(name, _)| name == "list");
    let list = list.and_then(|(_, code)| ExportList::from_code(code));
    let list = list.ok_or(Error::NotFound("这个名单"))?;
    Ok(Wanted::new(list, fields.into_iter().filter(|(name, _)| name != "list").collect()))
}

/// `GET /exports/new?list=engineers&...&column=...`: the list with its filter and columns, to be
/// asked for with a purpose.
async fn form(State(site): State<Site>, who: SignedIn, RawQuery(query): RawQuery) -> Answer {
    let wanted = wanted(&query.unwrap_or_default())?;
    let page = new_page(&site, &who, &wanted, FormState::new("export")).await?;
    Ok(Page::ok(page).into_response())
}

/// `GET /exports/templates/{id}`: the same with what a template holds.
async fn from_template(State(site): State<Site>, who: SignedIn, Path(id): Path<i64>) -> Answer {
    let wanted = export::wanted_of_template(&site.app, &who.actor, id).await?;
    let page = new_page(&site, &who, &wanted, FormState::new("export")).await?;
    Ok(Page::ok(page).into_response())
}

async fn new_page(
    site: &Site,
    who: &SignedIn,
    wanted: &Wanted,
    form: FormState,
) -> Result<ExportNew, Error> {
    who.actor.must(wanted.list.needs())?;
    let rows = wanted.count(&site.app, &who.actor).await?;
    let columns = wanted.columns(&site.app, &who.actor).await?;
    // The columns are fields of their own; the rest travels as it came.
    let kept = wanted.clone().only(&[]);
    let all = [("list", wanted.list.code())].into_iter().chain(kept.fields());
    Ok(ExportNew {
        frame: who.frame(site, HERE).await?,
        list: wanted.list.label().to_owned(),
        conditions: kept.words(),
        columns,
        rows: i64::try_from(rows).unwrap_or(i64::MAX),
        form: form.with("wanted", query_of(all)),
    })
}

/// What the form asks for; the columns only when some are left out.
async fn asked(site: &Site, who: &SignedIn, filed: &Filed) -> Result<Wanted, Error> {
    let wanted = wanted(filed.text("wanted"))?;
    who.actor.must(wanted.list.needs())?;
    let ticked = filed.all("column");
    let all = wanted.columns(&site.app, &who.actor).await?;
    let is_whole = all.iter().all(|(key, _)| ticked.contains(&key.as_str()));
    Ok(if is_whole { wanted } else { wanted.only(&ticked) })
}

/// `POST /exports`. Fields: wanted, purpose, and `column` often.
async fn ask(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let wanted = asked(&site, &who, &filed).await?;
    let effect = async {
        let no = export::ask(&site.app, &who.actor, &wanted, filed.text("purpose")).await?;
        Ok((HERE.to_owned(), format!("已受理 {no}，生成后会通知您；可以离开本页。")))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(response) => Ok(response),
        Err(error) => {
            again(&site, &who, &wanted, back_to_form(filed.state("export"), error)?).await
        }
    }
}

/// `POST /exports/templates`. Fields: wanted, template_name, and `column` often.
async fn keep(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let (wanted, name) = (asked(&site, &who, &filed).await?, filed.text("template_name"));
    match export::keep_template(&site.app, &who.actor, name, &wanted).await {
        Ok(()) => Ok(done(HERE, "模板已保存。")),
        Err(error) => {
            again(&site, &who, &wanted, back_to_form(filed.state("export"), error)?).await
        }
    }
}

/// The form once more, with what has to be put right.
async fn again(site: &Site, who: &SignedIn, wanted: &Wanted, form: FormState) -> Answer {
    let page = new_page(site, who, wanted, form).await?;
    Ok(Page::retry(page).into_response())
}

/// `POST /exports/templates/{id}`: drops it.
async fn forget(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    _filed: Filed,
) -> Answer {
    export::forget_template(&site.app, &who.actor, id).await?;
    Ok(done(HERE, "模板已删除。"))
}

/// `GET /exports/{no}/file`, whole or in parts: `Range`, and `If-Range` with the entity tag.
async fn take(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let said = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    // Official numbers are never given twice: the number is as good a tag as the hash.
    let tag = format!("\"{no}\"");
    let same = said(header::IF_RANGE).is_none_or(|known| known == tag);
    let range = said(header::RANGE).filter(|_| same);
    match export::take(&site.app, &who.actor, &no, range).await {
        Ok(taken) => Ok(answer(taken, &tag)),
        Err(Error::Invalid(faults)) if faults.iter().any(|(field, _)| field == "range") => {
            let size = faults.into_iter().next().map(|(_, size)| size).unwrap_or_default();
            let status = StatusCode::RANGE_NOT_SATISFIABLE;
            Ok((status, [(header::CONTENT_RANGE, size)]).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn answer(taken: Taken, tag: &str) -> Response {
    let (part, size) = (taken.part, taken.size);
    let Part { from, through } = part.unwrap_or(Part { from: 0, through: size.saturating_sub(1) });
    let mut response = download(&taken.name, XLSX, Vec::new());
    let headers = response.headers_mut();
    let mut say = |name, text: String| {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    };
    say(header::ACCEPT_RANGES, "bytes".to_owned());
    say(header::ETAG, tag.to_owned());
    say(header::CONTENT_LENGTH, (through + 1 - from).to_string());
    if part.is_some() {
        say(header::CONTENT_RANGE, format!("bytes {from}-{through}/{size}"));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    *response.body_mut() = Body::new(Stream::of(taken));
    response
}

/// The pieces of a file as the body of an answer, a few ahead of the reader.
struct Stream(mpsc::Receiver<Result<Bytes, Error>>);

impl Stream {
    fn of(mut taken: Taken) -> Self {
        let (sender, receiver) = mpsc::channel(2);
        tokio::spawn(async move {
            loop {
                let piece = taken.next().await.transpose();
                let Some(piece) = piece.map(|piece| piece.map(Bytes::from)) else { return };
                let is_last = piece.is_err();
                // Whoever hung up wants no more.
                if sender.send(piece).await.is_err() || is_last {
                    return;
                }
            }
        });
        Self(receiver)
    }
}

impl hyper::body::Body for Stream {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Piece<Bytes>, Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Piece::data)))
    }
}
