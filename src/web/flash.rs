//! A message about the action just done, carried over one redirect in a signed cookie.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use subtle::ConstantTimeEq;

use super::cookie;
use super::frame::Flash;
use super::site::Site;

const COOKIE: &str = "juncai-flash";
/// Longer messages are cut: a cookie holds 4096 bytes.
const MAX_CHARS: usize = 300;
const SECONDS: u32 = 60;

/// The message that this request brings along, if it is one of ours.
pub fn read(site: &Site, headers: &HeaderMap) -> Option<Flash> {
    let (content, stated) = cookie::read(site, headers, COOKIE)?.split_once('.')?;
    let expected = site.app.vault.index("flash", content);
    if !bool::from(expected.as_bytes().ct_eq(stated.as_bytes())) {
        return None;
    }
    let text = String::from_utf8(BASE64.decode(content).ok()?).ok()?;
    let kind = match text.chars().next()? {
        '+' => "good",
        _ => "bad",
    };
    Some(Flash { kind, text: text.chars().skip(1).collect() })
}

/// Puts the message of a redirect into the cookie, and removes the cookie once a page showed it.
pub async fn carry(State(site): State<Site>, request: Request, next: Next) -> Response {
    let brought = cookie::read(&site, request.headers(), COOKIE).is_some();
    let mut response = next.run(request).await;
    if let Some(flash) = response.extensions().get::<Flash>() {
        let sign = if flash.kind == "good" { '+' } else { '-' };
        let text: String =
            std::iter::once(sign).chain(flash.text.chars()).take(MAX_CHARS).collect();
        let content = BASE64.encode(text);
        let seal = site.app.vault.index("flash", &content);
        cookie::set(&site, &mut response, COOKIE, &format!("{content}.{seal}"), Some(SECONDS));
    } else if brought && is_page(&response) {
        cookie::set(&site, &mut response, COOKIE, "", Some(0));
    }
    response
}

fn is_page(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}
