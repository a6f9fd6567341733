//! Cookies in and out. All are host-only, unreadable for scripts and sent to this site only.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use super::site::Site;

/// The value of a cookie in a request.
pub fn read<'a>(site: &Site, headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let wanted = site.cookie_name(name);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == wanted)
        .map(|(_, value)| value)
}

/// Sets a cookie for `max_age` seconds; 0 removes it, `None` keeps it until the browser closes.
/// `value` consists of letters, digits, `-`, `_` and `.`.
pub fn set(site: &Site, response: &mut Response, name: &str, value: &str, max_age: Option<u32>) {
    let name = site.cookie_name(name);
    let age = max_age.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
    let secure = if site.app.secure_cookies { "; Secure" } else { "" };
    let line = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}");
    if let Ok(line) = HeaderValue::from_str(&line) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}
