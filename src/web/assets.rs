//! Style, script and symbol, built into the program.

use axum::extract::{Path, RawQuery};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

const STYLE: &[u8] = include_bytes!("../../assets/app.css");
const SCRIPT: &[u8] = include_bytes!("../../assets/app.js");
const DRAFT: &[u8] = include_bytes!("../../assets/draft.js");
const ICON: &[u8] = include_bytes!("../../assets/icon.svg");

const HASH: [u8; 16] =
    hexadecimal(fnv(ICON, fnv(DRAFT, fnv(SCRIPT, fnv(STYLE, 0xcbf2_9ce4_8422_2325)))));

/// Changes whenever a style sheet or script changes, so that browsers fetch it anew.
pub const VERSION: &str = match std::str::from_utf8(&HASH) {
    Ok(text) => text,
    Err(_) => panic!("hexadecimal digits are text"),
};

/// FNV-1a over `bytes`: tells versions apart, protects nothing.
const fn fnv(bytes: &[u8], mut hash: u64) -> u64 {
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0100_0000_01b3);
        i += 1;
    }
    hash
}

const fn hexadecimal(number: u64) -> [u8; 16] {
    let digits = b"0123456789abcdef";
    let mut out = [0; 16];
    let mut i = 0;
    while i < 16 {
        out[i] = digits[((number >> (60 - 4 * i)) & 15) as usize];
        i += 1;
    }
    out
}

/// Sends a file; a browser that asks for this version by name may keep it for ever.
pub async fn serve(
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let (media_type, bytes) = match name.as_str() {
        "app.css" => ("text/css; charset=utf-8", STYLE),
        "app.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "draft.js" => ("text/javascript; charset=utf-8", DRAFT),
        "icon.svg" => ("image/svg+xml; charset=utf-8", ICON),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let tag = format!("\"{VERSION}\"");
    let named = query.is_some_and(|query| query == format!("v={VERSION}"));
    let keep = if named { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == tag.as_bytes());
    let about = [(header::ETAG, tag), (header::CACHE_CONTROL, keep.to_owned())];
    if known {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    (about, [(header::CONTENT_TYPE, media_type)], bytes).into_response()
}
