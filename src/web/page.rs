//! A page with its status, turned into a response.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Shown when a template itself fails: static on purpose, it depends on nothing.
const LAST_RESORT: &str = "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
<title>系统出错 · 骏才</title></head><body><main><h1>系统出错，页面没有显示出来</h1>\
<p>您的数据没有改动。请稍后重试；仍不行时请联系系统管理员。</p>\
<p><a href=\"/\">返回工作台</a></p></main></body></html>";

/// A template to send with a status. A template that fails is answered by a plain page and 500.
#[derive(Debug)]
pub struct Page<T: Template>(pub StatusCode, pub T);

impl<T: Template> Page<T> {
    /// A page that answers 200.
    pub const fn ok(template: T) -> Self {
        Self(StatusCode::OK, template)
    }

    /// A form shown again because something in it has to be corrected: answers 422.
    pub const fn retry(template: T) -> Self {
        Self(StatusCode::UNPROCESSABLE_ENTITY, template)
    }
}

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        const HTML: [(header::HeaderName, &str); 1] =
            [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
        match self.1.render() {
            Ok(body) => (self.0, HTML, body).into_response(),
            Err(error) => {
                tracing::error!(%error, "a template failed");
                (StatusCode::INTERNAL_SERVER_ERROR, HTML, LAST_RESORT).into_response()
            }
        }
    }
}
