//! Another date for what one asks, in an installation that was made to test with: programs say it
//! in a header of each request, browsers keep it in a cookie. Everywhere else both mean nothing.

use axum::Router;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};

use super::api::Problem;
use super::cookie;
use super::send::done;
use super::site::Site;
use crate::clock::{self, Clock, same_time_on};

/// A day (`2027-03-05`) or an instant (RFC 3339) for one request; answers say which it was.
const HEADER: HeaderName = HeaderName::from_static("x-juncai-date");
/// Keeps the day of a browser until it is closed.
const COOKIE: &str = "juncai-date";

/// The addresses of this area, where dates can be set.
pub fn routes() -> Router<Site> {
    Router::new().route("/test-date", get(choose))
}

/// Answers a request at the time that it asks for.
pub(super) async fn set(State(site): State<Site>, request: Request, next: Next) -> Response {
    let clock = &site.app.clock;
    if !clock.is_settable() {
        return next.run(request).await;
    }
    let asked = match request.headers().get(HEADER) {
        Some(said) => match said.to_str().ok().and_then(|text| instant(clock, text)) {
            Some(instant) => Some(instant),
            None => {
                let text = "X-Juncai-Date 请写 2027-03-05 这样的日期，或 RFC 3339 时刻";
                return Problem::of(400, text).into_response();
            }
        },
        None => {
            cookie::read(&site, request.headers(), COOKIE).and_then(|text| instant(clock, text))
        }
    };
    let answer = async {
        let now = clock.now();
        let mut response = next.run(request).await;
        let told = now.to_rfc3339_opts(SecondsFormat::Secs, true);
        if let Ok(told) = HeaderValue::from_str(&told) {
            response.headers_mut().insert(HEADER, told);
        }
        response
    };
    match asked {
        Some(instant) => clock::at(instant, answer).await,
        None => answer.await,
    }
}

/// What a text means: on a day it is as late as on the machine's clock.
fn instant(clock: &Clock, text: &str) -> Option<DateTime<Utc>> {
    let sane = |year: i32| (2000..=2100).contains(&year);
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return sane(day.year()).then(|| same_time_on(day, clock.machine_now()));
    }
    let instant = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    sane(instant.year()).then_some(instant)
}

/// Keeps a day for the browser, or the machine's again without one; back to where it came from.
/// What it changes is only what this browser is shown, so the form needs no token of a session.
async fn choose(
    State(site): State<Site>,
    headers: HeaderMap,
    Query(wanted): Query<Vec<(String, String)>>,
) -> Response {
    let foreign = headers.get("sec-fetch-site").is_some_and(|from| from == "cross-site");
    if foreign {
        return StatusCode::FORBIDDEN.into_response();
    }
    // The second button says an empty day after the field's.
    let day = wanted.iter().rfind(|(name, _)| name == "day").map_or("", |(_, day)| day.trim());
    let to = came_from(&headers);
    let known = NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok();
    let known = known && instant(&site.app.clock, day).is_some();
    if !day.is_empty() && !known {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    let text = match day {
        "" => "已恢复为当前日期。".to_owned(),
        day => format!("本浏览器的系统日期已设为 {day}。"),
    };
    let mut response = done(&to, &text);
    let age = if day.is_empty() { Some(0) } else { None };
    cookie::set(&site, &mut response, COOKIE, day, age);
    response
}

/// The page of ours that a request came from, else the first one.
fn came_from(headers: &HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let path = text(header::REFERER).zip(text(header::HOST)).and_then(|(from, host)| {
        from.split_once("://").and_then(|(_, rest)| rest.strip_prefix(host))
    });
    let ours = |path: &&str| path.starts_with('/') && !path.starts_with("//");
    path.filter(ours).unwrap_or("/").to_owned()
}
