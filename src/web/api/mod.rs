//! `/api/v1`: what programs of enterprises and offices ask and hand in. No cookies, hence no
//! protection against forged forms; a token in a header instead. The same use cases as the pages.
#![expect(clippy::result_large_err, reason = "a problem is the answer itself, made once")]

mod asked;
mod document;
mod params;
mod problem;
mod reading;
pub mod schema;
mod writing;

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

pub use document::document;
pub use problem::{MEDIA_TYPE, Problem};

use super::room::let_in;
use super::router::{harden, observe};
use super::site::{RequestId, Site};

/// Where the interface lies.
pub const ROOT: &str = "/api/v1";
/// Largest body.
const BODY_LIMIT: usize = 1 << 20;
/// A body that stands still is given up.
const BODY_PAUSE: Duration = Duration::from_secs(15);
/// A request is answered within this time.
const REQUEST_TIME: Duration = Duration::from_secs(60);

macro_rules! addresses {
    ($($method:ident $path:literal => $handler:path;)+) => {
        /// Method and address, below [`ROOT`], of everything that the interface answers. The
        /// router is made of the same table.
        pub const ADDRESSES: &[(&str, &str)] = &[$((stringify!($method), $path)),+];

        fn table() -> Router<Site> {
            Router::new()$(.route($path, routing::$method($handler)))+
        }
    };
}

addresses! {
    get "/openapi.json" => document::serve;
    get "/token" => reading::token;
    get "/engineers" => reading::engineers;
    post "/engineers" => writing::register;
    get "/engineers/{person_no}" => reading::engineer;
    post "/engineers/{person_no}/departure" => writing::departure;
    post "/evidence" => writing::evidence;
    get "/imports/{import_no}" => reading::filing;
    get "/cases/{case_no}" => reading::case;
    get "/quotas" => reading::quotas;
    get "/entitlements" => reading::entitlements;
    get "/enterprises" => reading::enterprises;
}

/// The interface as a service of its own, without its [`ROOT`].
pub fn service(site: Site) -> Router {
    table()
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(RequestBodyTimeoutLayer::new(BODY_PAUSE))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIME))
        .layer(from_fn_with_state(site.clone(), let_in))
        .layer(from_fn(tell))
        .layer(from_fn_with_state(site.clone(), harden))
        .layer(CompressionLayer::new())
        .layer(from_fn(observe))
        .with_state(site)
}

fn panicked(_panic: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// Makes a problem of every answer that says no: those of handlers get the number of the request,
/// those of the layers below a body.
async fn tell(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map_or_else(String::new, |id| id.0.clone());
    let response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let known = response.extensions().get::<Problem>().cloned();
    let mut problem = known.unwrap_or_else(|| bare(status));
    if let Some(internal) = &problem.internal {
        tracing::error!(request_id = %id, %internal, "a request failed");
    }
    problem.instance = format!("urn:juncai:request:{id}");
    let mut told = problem.into_response();
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = response.headers().get(&name) {
            told.headers_mut().insert(name, HeaderValue::clone(value));
        }
    }
    told
}

fn bare(status: StatusCode) -> Problem {
    let text = match status.as_u16() {
        404 => "没有这个地址，请核对接口说明",
        405 => "请按 Allow 响应头列出的方法访问",
        413 => "请求内容最多 1 MB，请分批提交",
        500 => "系统内部错误，未保存任何更改；请稍后再试",
        503 => "没有在规定时间内办完；写操作请用同一 Idempotency-Key 重试",
        _ => "请求无法识别，请核对接口说明",
    };
    let known = match status.as_u16() {
        status @ (404 | 405 | 413 | 500 | 503) => status,
        _ if status.is_server_error() => 500,
        _ => 400,
    };
    Problem::of(known, text)
}
