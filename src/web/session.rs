//! Who asks: somebody signed in, or a guest before sign-in.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{Datelike, NaiveDate};

use super::failure::Failure;
use super::frame::{Flash, Frame, PublicFrame, Ribbon, menu};
use super::site::{RequestId, Site};
use super::{cookie, csrf, flash};
use crate::domain::registry::Code;
use crate::service::session::First;
use crate::service::{self, Actor, Error};
use crate::vault::random_token;

/// Cookie of the session.
pub(super) const SESSION: &str = "juncai";
/// Cookie that ties the forms before sign-in to one browser.
const VISIT: &str = "juncai-visit";
/// What someone whose password has to be changed can still open.
const BEFORE_PASSWORD: &[&str] = &["/password", "/sign-out"];
/// What someone who has to enrol a second factor can still open.
const BEFORE_FACTOR: &[&str] =
    &["/account/second-factor", "/account/second-factor/codes", "/password", "/sign-out"];

/// Somebody signed in. As an argument of a handler it sends everybody else to the sign-in page.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who acts.
    pub actor: Actor,
    /// The session of the request.
    pub session_id: i64,
    /// What comes before anything else.
    pub first: Option<First>,
    pub(super) form_secret: String,
    flash: Option<Flash>,
    request_id: String,
}

impl SignedIn {
    /// Whoever is signed in with the request's cookie. Looked up once per request.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known(site: &Site, parts: &mut Parts) -> Result<Option<Self>, Error> {
        if let Some(who) = parts.extensions.get::<Self>() {
            return Ok(Some(who.clone()));
        }
        let Some(token) = cookie::read(site, &parts.headers, SESSION) else { return Ok(None) };
        let address = site.address(&parts.headers, &parts.extensions);
        let Some(known) = service::session::recognise(&site.app, token, &address).await? else {
            return Ok(None);
        };
        if known.is_due {
            // Beside the request: a page must not wait for a writer.
            let (app, id) = (site.app.clone(), known.session_id);
            tokio::spawn(async move {
                if let Err(error) = service::session::touch(&app, id).await {
                    tracing::warn!(?error, "a session's use could not be noted");
                }
            });
        }
        let who = Self {
            actor: known.actor,
            session_id: known.session_id,
            first: known.first,
            form_secret: known.form_secret,
            flash: flash::read(site, &parts.headers),
            request_id: request_id(parts),
        };
        parts.extensions.insert(who.clone());
        Ok(Some(who))
    }

    /// The surroundings of a page at the menu line `current`: menu by role, tokens, message.
    ///
    /// # Errors
    /// When the database or the machine's randomness fails.
    pub async fn frame(&self, site: &Site, current: &'static str) -> Result<Frame, Error> {
        let today = site.app.clock.today();
        let allowed = super::menu::allowed(self.actor.role);
        let badges = service::directory::badges(&site.app, &self.actor).await?;
        Ok(Frame {
            user_name: self.actor.name.clone(),
            role_label: self.actor.role.label().to_owned(),
            organisation: self.actor.organisation.clone(),
            csrf: csrf::token(&site.app.vault, &self.form_secret)?,
            form_key: random_token::<16>()?,
            menu: menu(&allowed, current, &badges),
            notices: service::freeze::announcements(&site.app, &self.actor).await?,
            year: site.app.clock.award_year(),
            ribbon: ribbon(site),
            today: day_with_weekday(today),
            flash: self.flash.clone(),
            request_id: self.request_id.clone(),
        })
    }

    /// A failure of a use case, for handlers that look at it first.
    pub fn fail(&self, _site: &Site, error: impl Into<Error>) -> Failure {
        Failure::from(error.into())
    }
}

impl FromRequestParts<Site> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        let known = Self::known(site, parts).await;
        match known.map_err(|error| Failure::from(error).into_response())? {
            Some(who) => {
                let (open, to) = match who.first {
                    None => return Ok(who),
                    Some(First::SecondFactor) => (BEFORE_FACTOR, "/account/second-factor"),
                    Some(_) => (BEFORE_PASSWORD, "/password"),
                };
                let is_open = open.contains(&parts.uri.path());
                if is_open { Ok(who) } else { Err(Redirect::to(to).into_response()) }
            }
            None => Err(send_to_sign_in(parts)),
        }
    }
}

impl OptionalFromRequestParts<Site> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Option<Self>, Failure> {
        Ok(Self::known(site, parts).await?)
    }
}

fn send_to_sign_in(parts: &Parts) -> Response {
    let wants = |kind| {
        let accept = parts.headers.get(header::ACCEPT).and_then(|v| v.to_str().ok());
        accept.is_some_and(|accept| accept.starts_with(kind))
    };
    if wants("application/json") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if parts.method != Method::GET {
        let mut response = Redirect::to("/sign-in").into_response();
        let text = "登录已超时，刚才提交的内容没有保存。请重新登录后再办。".to_owned();
        response.extensions_mut().insert(Flash { kind: "bad", text });
        return response;
    }
    let wanted = parts.uri.path_and_query().map_or("/", |p| p.as_str());
    if wanted == "/" {
        return Redirect::to("/sign-in").into_response();
    }
    let query = serde_urlencoded::to_string([("next", wanted)]).unwrap_or_default();
    Redirect::to(&format!("/sign-in?{query}")).into_response()
}

/// Somebody before sign-in.
#[derive(Debug, Clone)]
pub struct Guest {
    /// Network address.
    pub address: String,
    /// What the browser calls itself.
    pub user_agent: String,
    cookies: HeaderMap,
    visit: Option<String>,
    flash: Option<Flash>,
    request_id: String,
}

impl Guest {
    /// The value of a cookie that came along.
    pub(super) fn cookie(&self, site: &Site, name: &str) -> Option<String> {
        cookie::read(site, &self.cookies, name).map(str::to_owned)
    }

    /// The guest behind a request.
    pub fn from_parts(site: &Site, parts: &Parts) -> Self {
        let agent = parts.headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok());
        Self {
            address: site.address(&parts.headers, &parts.extensions),
            user_agent: agent.unwrap_or_default().chars().take(200).collect(),
            cookies: cookies(&parts.headers),
            visit: visit_secret(site, parts),
            flash: flash::read(site, &parts.headers),
            request_id: request_id(parts),
        }
    }

    /// Surroundings of a page without forms.
    pub fn plain_frame(&self, site: &Site) -> PublicFrame {
        PublicFrame {
            ribbon: ribbon(site),
            flash: self.flash.clone(),
            request_id: self.request_id.clone(),
            ..PublicFrame::default()
        }
    }

    /// Answers with the page that `render` makes of its surroundings, and ties its forms to this
    /// browser.
    ///
    /// # Errors
    /// When the machine gives no randomness.
    pub fn answer<R: IntoResponse>(
        &self,
        site: &Site,
        render: impl FnOnce(PublicFrame) -> R,
    ) -> Result<Response, Error> {
        let secret = match &self.visit {
            Some(secret) => secret.clone(),
            None => random_token::<32>()?,
        };
        let frame = PublicFrame {
            csrf: csrf::token(&site.app.vault, &secret)?,
            form_key: random_token::<16>()?,
            ..self.plain_frame(site)
        };
        let mut response = render(frame).into_response();
        if self.visit.is_none() {
            cookie::set(site, &mut response, VISIT, &secret, None);
        }
        Ok(response)
    }
}

impl FromRequestParts<Site> for Guest {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Self::Rejection> {
        Ok(Self::from_parts(site, parts))
    }
}

/// The cookies among the headers of a request.
fn cookies(headers: &HeaderMap) -> HeaderMap {
    let lines = headers.get_all(header::COOKIE).iter();
    lines.map(|line| (header::COOKIE, line.clone())).collect()
}

/// The secret that the forms of a guest are tied to.
pub(super) fn visit_secret(site: &Site, parts: &Parts) -> Option<String> {
    cookie::read(site, &parts.headers, VISIT).filter(|v| v.len() == 64).map(str::to_owned)
}

/// Number of the request.
pub(super) fn request_id(parts: &Parts) -> String {
    parts.extensions.get::<RequestId>().map_or_else(String::new, |id| id.0.clone())
}

pub(super) fn ribbon(site: &Site) -> Option<Ribbon> {
    if site.app.clock.is_settable() {
        return Some(Ribbon::test(site.app.clock.today()));
    }
    site.app.demo.then(Ribbon::demonstration)
}

pub(super) fn day_with_weekday(day: NaiveDate) -> String {
    const NAMES: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];
    let number = usize::try_from(day.weekday().num_days_from_monday()).unwrap_or(0);
    format!("{day} 星期{}", NAMES[number % 7])
}
