//! All addresses, and what surrounds every request.

use std::any::Any;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};
use tracing::Instrument;

use super::site::{RequestId, Site};
use super::{
    access, account_filings, accounts, agreements, api, assets, audit, authorisations, batches,
    budget, calendars, campaigns, cases, catalogue, certificates, change_requests, checks,
    colleagues, confirmations, csrf, drafts, duplicates, engineers, enterprises, entitlements,
    exchange_rates, experts, exports, failure, flash, freezes, holds, home, imports, institutions,
    key_enterprises, lists, lookups, me, measures, notices, notifications, objections, overview,
    pilots, policies, privacy, programmes, ready, reconciliation, recoveries, reveals, room,
    roster, runs, scenarios, search, send, step_up, tax, test_date, tips, trainings, visits,
};
use crate::vault::random_token;

/// A body may be the largest file and what a form puts around it.
const BODY_LIMIT: usize = send::FILE_LIMIT + (1 << 20);
/// A body that stands still is given up.
const BODY_PAUSE: Duration = Duration::from_secs(15);
/// A request is answered within this time or rolled back.
const REQUEST_TIME: Duration = Duration::from_secs(120);

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";
const HSTS: &str = "max-age=31536000; includeSubDomains";

/// The whole site.
pub fn router(site: Site) -> Router {
    let pages = Router::new()
        .merge(access::routes())
        .merge(account_filings::routes())
        .merge(change_requests::routes())
        .merge(accounts::routes())
        .merge(colleagues::routes())
        .merge(confirmations::routes())
        .merge(audit::routes())
        .merge(authorisations::routes())
        .merge(home::routes())
        .merge(overview::routes())
        .merge(me::routes())
        .merge(enterprises::routes())
        .merge(engineers::routes())
        .merge(roster::routes())
        .merge(duplicates::routes())
        .merge(drafts::routes())
        .merge(cases::routes())
        .merge(pilots::routes())
        .merge(programmes::routes())
        .merge(trainings::routes())
        .merge(institutions::routes())
        .merge(agreements::routes())
        .merge(visits::routes())
        .merge(experts::routes())
        .merge(campaigns::routes())
        .merge(calendars::routes())
        .merge(freezes::routes())
        .merge(exchange_rates::routes())
        .merge(certificates::routes())
        .merge(key_enterprises::routes())
        .merge(checks::routes())
        .merge(notices::routes())
        .merge(privacy::routes())
        .merge(objections::routes())
        .merge(tips::routes())
        .merge(notifications::routes())
        .merge(imports::routes())
        .merge(runs::routes())
        .merge(entitlements::routes())
        .merge(batches::routes())
        .merge(budget::routes())
        .merge(holds::routes())
        .merge(tax::routes())
        .merge(recoveries::routes())
        .merge(reveals::routes())
        .merge(reconciliation::routes())
        .merge(policies::routes())
        .merge(measures::routes())
        .merge(catalogue::routes())
        .merge(scenarios::routes())
        .merge(search::routes())
        .merge(exports::routes())
        .merge(lookups::routes())
        .merge(lists::routes())
        .layer(from_fn_with_state(site.clone(), drafts::rescue))
        .layer(from_fn_with_state(site.clone(), step_up::carry));
    let pages = if site.app.clock.is_settable() { pages.merge(test_date::routes()) } else { pages };
    let all = surround(site.clone(), pages).nest_service(api::ROOT, api::service(site.clone()));
    all.layer(from_fn_with_state(site, test_date::set))
}

/// Puts around handlers what surrounds every request: limits, guards, error pages, headers.
pub fn surround(site: Site, pages: Router<Site>) -> Router {
    pages
        .route("/assets/{name}", get(assets::serve))
        .route("/healthz", get(ready::health))
        .route("/readyz", get(ready::ready))
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(from_fn(refuse_nul))
        .layer(CsrfLayer::new().with_rejection_response(csrf::foreign))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .layer(RequestBodyTimeoutLayer::new(BODY_PAUSE))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIME))
        .layer(from_fn_with_state(site.clone(), room::let_in))
        .layer(from_fn_with_state(site.clone(), failure::dress))
        .layer(from_fn_with_state(site.clone(), flash::carry))
        .layer(from_fn_with_state(site.clone(), harden))
        .layer(CompressionLayer::new().compress_when(worth_compressing()))
        .layer(from_fn(observe))
        .with_state(site)
}

/// What is compressed on its way. Workbooks are already, and a part of one has to stay as long as
/// was asked for.
fn worth_compressing() -> impl Predicate {
    let workbooks = NotForContentType::const_new("application/vnd.openxmlformats");
    DefaultPredicate::new().and(workbooks)
}

/// No address of ours holds a zero byte, and a database refuses one.
async fn refuse_nul(request: Request, next: Next) -> Response {
    let asked = request.uri().path_and_query().map_or("", |p| p.as_str());
    if asked.contains("%00") {
        StatusCode::BAD_REQUEST.into_response()
    } else {
        next.run(request).await
    }
}

/// A handler panicked: its transaction is rolled back, the user reads the page for faults.
fn panicked(_panic: Box<dyn Any + Send + 'static>) -> Response<Body> {
    tracing::error!("a handler panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// What browsers are told to refuse; pages are never kept.
pub(super) async fn harden(State(site): State<Site>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut unless_said = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    unless_said(header::CONTENT_SECURITY_POLICY, CSP);
    unless_said(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    unless_said(header::X_FRAME_OPTIONS, "DENY");
    unless_said(header::REFERRER_POLICY, "same-origin");
    unless_said(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    unless_said(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    unless_said(HeaderName::from_static("permissions-policy"), PERMISSIONS);
    unless_said(header::CACHE_CONTROL, "no-store");
    if site.app.secure_cookies {
        unless_said(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    response
}

/// Numbers the request, keeps the number beside everything that is logged for it, writes one line about
/// it and counts it; by its route, since an address could hold a name.
pub(super) async fn observe(mut request: Request, next: Next) -> Response {
    let number = random_token::<4>().unwrap_or_default().to_uppercase();
    let id =
        number.get(..4).zip(number.get(4..)).map_or(String::new(), |(a, b)| format!("{a}-{b}"));
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "-".to_owned());
    let span = tracing::info_span!(
        "request",
        otel.name = %format_args!("{method} {route}"),
        otel.kind = "server",
        request = %id,
        %method,
        %route,
        status = tracing::field::Empty,
    );
    let begun = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    let (took, status) = (begun.elapsed(), response.status().as_u16());
    span.record("status", status);
    span.in_scope(|| tracing::info!(ms = took.as_millis(), "answered"));
    let told = [("method", method.to_string()), ("route", route), ("status", status.to_string())];
    metrics::counter!("juncai_requests_total", &told).increment(1);
    metrics::histogram!("juncai_request_seconds").record(took.as_secs_f64());
    response
}
