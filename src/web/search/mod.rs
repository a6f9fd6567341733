//! The search box of the top bar.
//!
//! It is sent by POST, since somebody may type the number of a document into it; what is no such
//! number goes on to an address that can be kept and sent on.

pub mod pages;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;

use self::pages::{SearchPage, SearchRow, SearchSection};
use crate::domain::registry::Code;
use crate::domain::search::Typed;
use crate::service::Error;
use crate::service::directory::{self, EngineerLine, EnterpriseLine};
use crate::service::import::ImportSummary;
use crate::service::search::{self, BatchHit, Found, Hits, RunHit, Target};
use crate::web::failure::{Answer, Failure};
use crate::web::form::FormState;
use crate::web::listing::minute;
use crate::web::page::Page;
use crate::web::send::Filed;
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::{Yuan, count};

const HERE: &str = "/search";

/// The addresses of this area.
pub fn routes() -> axum::Router<Site> {
    axum::Router::new().route(HERE, get(found).post(asked))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    q: String,
}

/// `GET /search?q=`. A text that looks like the number of a document is neither searched for nor
/// shown: the exact search takes it.
async fn found(State(site): State<Site>, who: SignedIn, Query(wanted): Query<Wanted>) -> Answer {
    let typed = Typed::of(&wanted.q);
    let frame = who.frame(&site, "").await?;
    let found = search::search(&site.app, &who.actor, &typed, frame.year).await?;
    if let Some(target) = found.target(&typed) {
        return Ok(Redirect::to(&address(&target)).into_response());
    }
    let text = if typed.is_private() { "" } else { wanted.q.trim() };
    let page = SearchPage {
        frame,
        query: text.to_owned(),
        is_private: typed.is_private(),
        exact: FormState::new("exact"),
        sections: sections(&typed, found),
    };
    Ok(Page::ok(page).into_response())
}

fn address(target: &Target) -> String {
    match target {
        Target::Engineer(no) => format!("/engineers/{no}"),
        Target::Enterprise(uscc) => format!("/enterprises/{uscc}"),
        Target::Batch(no) => format!("/batches/{no}"),
        Target::Import(no) => format!("/imports/{no}"),
        Target::Run(no) => format!("/runs/{no}"),
        Target::File(no) => format!("/cases/{no}"),
        Target::Recovery(no) => format!("/recoveries/{no}"),
    }
}

/// `POST /search`. Field: q.
async fn asked(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let text = filed.text("q");
    match Typed::of(text) {
        typed @ (Typed::Private | Typed::MaybePrivate) => private(&site, &who, text, &typed).await,
        _ => {
            let query = serde_urlencoded::to_string([("q", text)]).unwrap_or_default();
            Ok(Redirect::to(&format!("{HERE}?{query}")).into_response())
        }
    }
}

/// Looks for the holder of a document, and for a certificate when it may be one. The text stays
/// out of the answer.
async fn private(
    site: &Site,
    who: &SignedIn,
    text: &str,
    typed: &Typed,
) -> Result<Response, Failure> {
    let nobody = "管理范围内没有持有该证件的人员，请核对号码";
    let wrong = match directory::lookup(&site.app, &who.actor, text).await {
        Ok(Some(no)) => return Ok(Redirect::to(&format!("/engineers/{no}")).into_response()),
        Ok(None) => nobody.to_owned(),
        Err(error @ Error::Invalid(_)) => error.to_string(),
        Err(error) => return Err(error.into()),
    };
    let frame = who.frame(site, "").await?;
    let mut found = Found::default();
    if *typed == Typed::MaybePrivate {
        found.certificates = search::certificates(&site.app, &who.actor, text, frame.year).await?;
    }
    let sections = sections(typed, found);
    let exact = FormState::new("exact");
    let status = if sections.is_empty() { StatusCode::NOT_FOUND } else { StatusCode::OK };
    let exact = if sections.is_empty() { exact.wrong("document_no", wrong) } else { exact };
    let page = SearchPage { frame, query: String::new(), is_private: true, exact, sections };
    Ok(Page(status, page).into_response())
}

fn sections(typed: &Typed, found: Found) -> Vec<SearchSection> {
    let text = match typed {
        Typed::Text(text) => text.as_str(),
        _ => "",
    };
    let all = |path: &str| {
        let query = serde_urlencoded::to_string([("q", text)]).unwrap_or_default();
        (!text.is_empty()).then(|| format!("{path}?{query}"))
    };
    let found = [
        section(("engineers", "核心工程师", "人"), found.engineers, all("/engineers"), engineer),
        section(("certificates", "人才证书", "人"), found.certificates, None, engineer),
        section(
            ("enterprises", "骨干企业", "家"),
            found.enterprises,
            all("/enterprises"),
            enterprise,
        ),
        section(("batches", "发放批次", "个"), found.batches, Some("/batches".into()), batch),
        section(("imports", "导入", "次"), found.imports, Some("/imports".into()), import),
        section(("runs", "年度核定", "次"), found.runs, Some("/runs".into()), run),
    ];
    found.into_iter().filter(|section| !section.rows.is_empty()).collect()
}

fn section<T>(
    (id, title, noun): (&'static str, &'static str, &'static str),
    hits: Hits<T>,
    all_href: Option<String>,
    row: impl Fn(T) -> SearchRow,
) -> SearchSection {
    let shown = count(i64::try_from(hits.rows.len()).unwrap_or(i64::MAX));
    let least = if hits.has_more { "至少 " } else { "" };
    SearchSection {
        id,
        title,
        count: format!("{least}{shown} {noun}"),
        all_href: all_href.filter(|_| hits.has_more),
        rows: hits.rows.into_iter().map(row).collect(),
    }
}

fn engineer(line: EngineerLine) -> SearchRow {
    SearchRow {
        href: format!("/engineers/{}", line.no),
        name: line.name,
        no: line.no,
        detail: [line.enterprise, line.document_masked].join("　").trim().to_owned(),
        state: line.standing.map_or("未入册", Code::label).to_owned(),
    }
}

fn enterprise(line: EnterpriseLine) -> SearchRow {
    SearchRow {
        href: format!("/enterprises/{}", line.uscc),
        name: line.name,
        no: line.uscc,
        detail: line.place,
        state: line.listing.label().to_owned(),
    }
}

fn batch(hit: BatchHit) -> SearchRow {
    SearchRow {
        href: format!("/batches/{}", hit.no),
        name: format!("{} 年度发放批次", hit.award_year),
        detail: format!("{} 笔，{} 元", count(hit.lines), Yuan(hit.total)),
        no: hit.no,
        state: hit.state.label().to_owned(),
    }
}

fn import(line: ImportSummary) -> SearchRow {
    SearchRow {
        href: format!("/imports/{}", line.import_no),
        name: line.kind.title().to_owned(),
        no: line.import_no,
        detail: format!("{}　{}", line.file_name, minute(line.uploaded_at)),
        state: line.state.label().to_owned(),
    }
}

fn run(hit: RunHit) -> SearchRow {
    SearchRow {
        href: format!("/runs/{}", hit.no),
        name: format!("{} 年度核定", hit.year),
        no: hit.no,
        detail: String::new(),
        state: hit.state.label().to_owned(),
    }
}
