//! What a handler answers when it cannot do what was asked, and the layer that makes a page of it.

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::errors::pages::{ErrorPage, PublicErrorPage, Recovery, Trouble};
use super::form::FormState;
use super::menu::act_name;
use super::page::Page;
use super::session::{Guest, SignedIn};
use super::site::Site;
use crate::domain::authority::{Act, Role};
use crate::domain::registry::Code;
use crate::service::{self, Error, Outage};

/// What handlers return.
pub type Answer = Result<Response, Failure>;

/// Browsers are told to come again after so many seconds when nothing could be done.
const OUTAGE_RETRY_S: &str = "30";

/// Why there is no page. The outer layer dresses it in the frame of whoever asked.
#[derive(Debug)]
pub struct Failure(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    trouble: Trouble,
    denied: Option<Act>,
    /// For the log only.
    internal: Option<String>,
    /// The database cannot even be asked who is asking.
    is_away: bool,
}

impl Failure {
    /// There is no room for one more request: the database is not even asked who is asking.
    pub fn crowded() -> Self {
        let advice =
            "没有保存任何更改。请稍等几秒再打开或重新提交，已填写的内容可用浏览器“后退”找回。";
        let what = "现在使用的人很多，系统暂时忙不过来";
        let trouble = Trouble { what: what.into(), advice: advice.into(), ..Trouble::of(503) };
        Self(Box::new(Inner { trouble, denied: None, internal: None, is_away: true }))
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self(Box::new(Inner { trouble, denied: None, internal: None, is_away: false }))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        let is_away = matches!(error, Error::Outage(Outage::Unreachable, _));
        let (trouble, denied, internal) = match error {
            Error::Forbidden(act) => (Trouble::of(403).because(who_may(act)), Some(act), None),
            Error::NotFound(what) => {
                let what = format!("没有找到{what}");
                (Trouble { what, ..Trouble::of(404) }, None, None)
            }
            Error::Refused(_) => (refused(text, "请按上面的说明处理后再办。"), None, None),
            Error::Stale(_) => (Trouble::of(409).because(text), None, None),
            Error::Invalid(_) => (Trouble::of(422).because(text), None, None),
            Error::Outage(outage, inside) => (out(outage, text), None, Some(inside)),
            Error::Internal(inside) => (Trouble::of(500), None, Some(inside)),
        };
        Self(Box::new(Inner { trouble, denied, internal, is_away }))
    }
}

/// The page while nothing can be done. A commit whose answer did not come may have arrived.
fn out(outage: Outage, what: String) -> Trouble {
    let (status, advice) = match outage {
        Outage::Full => (507, "没有保存任何更改。请联系系统管理员清理磁盘，然后重新提交。"),
        Outage::Unreachable | Outage::Disk => (
            503,
            "请过几分钟打开原页面，先看是否已经办理，没有再重新提交。仍不行时，             请将下面的请求编号告诉系统管理员。",
        ),
    };
    Trouble { status, what, advice: advice.into(), ..Trouble::of(503) }
}

fn refused(text: String, advice: &str) -> Trouble {
    Trouble {
        what: "没有办理成功，未保存任何更改".into(),
        detail: text,
        advice: advice.into(),
        ..Trouble::of(409)
    }
}

fn who_may(act: Act) -> String {
    let roles: Vec<&str> =
        Role::ALL.iter().filter(|role| role.may(act)).map(|role| role.label()).collect();
    format!("“{}”需要角色：{}。", act_name(act), roles.join("、"))
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.trouble.status)
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        if matches!(self.0.trouble.status, 503 | 507) {
            let again = HeaderValue::from_static(OUTAGE_RETRY_S);
            response.headers_mut().insert(header::RETRY_AFTER, again);
        }
        response.extensions_mut().insert(*self.0);
        response
    }
}

/// Makes a page of every answer that says no and has none: failures of handlers, addresses that
/// do not exist, bodies that are too large, panics, timeouts.
pub async fn dress(State(site): State<Site>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let mut asked = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    if !needs_page(&response) {
        return response;
    }
    let status = response.status();
    let inner = response.extensions().get::<Inner>().cloned();
    let bare = response.extensions().get::<Trouble>().cloned();
    let inner = inner
        .unwrap_or_else(|| *Failure::from(bare.unwrap_or_else(|| Trouble::of(status.as_u16()))).0);
    let Inner { mut trouble, denied, internal, is_away } = inner;
    if let Some(internal) = internal {
        let request_id = super::session::request_id(&asked);
        tracing::error!(%request_id, %internal, "a request failed");
    }
    if super::me::is_own(asked.uri.path()) {
        trouble.links = vec![Recovery { label: "返回我的奖补".into(), href: "/me".into() }];
    }
    offer_way_back(&mut trouble, &asked);
    let mut page = page(&site, &mut asked, (status, trouble, denied, is_away)).await;
    const KEPT: [header::HeaderName; 4] =
        [header::ALLOW, header::CONTENT_RANGE, header::SET_COOKIE, header::RETRY_AFTER];
    for (name, value) in response.headers() {
        if KEPT.contains(name) {
            page.headers_mut().append(name.clone(), value.clone());
        }
    }
    page
}

fn needs_page(response: &Response) -> bool {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    (status.is_client_error() || status.is_server_error())
        && kind.is_none_or(|value| value.as_bytes().starts_with(b"text/plain"))
}

/// The page the request came from, when it is one of ours.
fn offer_way_back(trouble: &mut Trouble, asked: &Parts) {
    if !matches!(trouble.status, 403 | 409 | 413 | 422) {
        return;
    }
    let text = |name| asked.headers.get(name).and_then(|v| v.to_str().ok());
    let (Some(from), Some(host)) = (text(header::REFERER), text(header::HOST)) else { return };
    let path = from.split_once("://").and_then(|(_, rest)| rest.strip_prefix(host));
    if let Some(path) = path.filter(|path| path.starts_with('/') && !path.starts_with("//")) {
        trouble.links.insert(0, Recovery { label: "返回上一页".into(), href: path.to_owned() });
    }
}

async fn page(
    site: &Site,
    asked: &mut Parts,
    (status, mut trouble, denied, is_away): (StatusCode, Trouble, Option<Act>, bool),
) -> Response {
    let own = super::me::is_own(asked.uri.path());
    let who =
        if own || is_away { None } else { SignedIn::known(site, asked).await.unwrap_or_default() };
    if let Some(who) = who {
        if let Some(act) = denied {
            trouble.detail.push_str(&format!("您当前的角色是：{}。", who.actor.role.label()));
            let noted = service::session::note_denied(&site.app, &who.actor, act).await;
            if let Err(error) = noted {
                tracing::error!(?error, "a refusal could not be logged");
            }
        }
        if let Ok(frame) = who.frame(site, "").await {
            return Page(status, ErrorPage { frame, trouble }).into_response();
        }
    }
    let frame = Guest::from_parts(site, asked).plain_frame(site);
    Page(status, PublicErrorPage { frame, trouble }).into_response()
}

/// What the user can mend, put beside the fields of the form; everything else stays a failure.
///
/// # Errors
/// When the error is none of the form's.
pub fn back_to_form(mut form: FormState, error: Error) -> Result<FormState, Failure> {
    match error {
        Error::Invalid(fields) => {
            for (field, text) in fields {
                form = form.wrong(&field, text);
            }
            Ok(form)
        }
        Error::Refused(text) | Error::Stale(text) => Ok(form.refused(text)),
        other => Err(Failure::from(other)),
    }
}
