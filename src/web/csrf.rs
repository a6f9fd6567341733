//! Forms come from our own pages only. Two independent guards: the browser's word about where
//! a request started (`Sec-Fetch-Site`, else `Origin`), and a token that only our pages carry.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use subtle::ConstantTimeEq;
use tower_http::csrf::ProtectionError;

use super::errors::pages::Trouble;
use super::failure::Failure;
use crate::service::Error;
use crate::vault::{Vault, random_token};

/// A token for one rendering of a page. It differs each time, so that a compressed page does not
/// reveal the secret by its length.
///
/// # Errors
/// When the machine gives no randomness.
pub fn token(vault: &Vault, secret: &str) -> Result<String, Error> {
    let nonce = random_token::<16>()?;
    let seal = seal(vault, secret, &nonce);
    Ok(format!("{nonce}.{seal}"))
}

/// Whether `token` was made for `secret`. Takes the same time wherever they differ.
pub fn matches(vault: &Vault, secret: &str, token: &str) -> bool {
    let Some((nonce, stated)) = token.split_once('.') else { return false };
    let expected = seal(vault, secret, nonce);
    !secret.is_empty() && bool::from(expected.as_bytes().ct_eq(stated.as_bytes()))
}

fn seal(vault: &Vault, secret: &str, nonce: &str) -> String {
    vault.index("form token", &format!("{nonce}.{secret}"))
}

/// What a form without the right token is answered.
pub fn stale_form() -> Failure {
    let trouble = Trouble {
        what: "页面已过期，内容没有提交".into(),
        advice: "请回到原页面刷新后重新提交；若您刚刚重新登录过，旧页面不能再用。".into(),
        ..Trouble::of(403)
    };
    Failure::from(trouble)
}

/// What a request that another site started is answered.
pub fn foreign(_error: ProtectionError) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.extensions_mut().insert(Trouble {
        what: "请求不是从本系统的页面发出的，已拒绝".into(),
        advice: "请直接打开本系统办理，不要从其他网站跳转提交。".into(),
        ..Trouble::of(403)
    });
    response
}
