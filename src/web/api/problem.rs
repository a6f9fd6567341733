//! What machines are told when something is not done (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::Error;

/// Media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

// Descriptions below are read by users of the interface, hence in their language.

/// 某个字段的问题。
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// 字段位置，例如 `engineers[3].document_no`；整个请求的问题为空。
    pub field: String,
    /// 问题和改正办法。
    pub message: String,
}

/// 请求没有办成的原因（RFC 9457）。未保存任何更改。
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// 问题类型，固定不变，供程序判断，例如 `urn:juncai:problem:invalid`。
    #[serde(rename = "type")]
    pub kind: String,
    /// 问题类型的名称。
    pub title: String,
    /// HTTP 状态码。
    pub status: u16,
    /// 本次问题的说明。
    pub detail: String,
    /// 逐项问题；没有时为空数组。
    pub errors: Vec<FieldProblem>,
    /// 本次请求的编号，咨询时请提供；没有时为空。
    pub instance: String,
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) retry_after: Option<i64>,
    /// For the log only.
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) internal: Option<String>,
}

/// A program comes again after so many seconds when nothing could be done.
const OUTAGE_RETRY_S: i64 = 30;

/// Status, last part of the type, title.
const KINDS: &[(u16, &str, &str)] = &[
    (400, "bad-request", "请求无法识别"),
    (401, "unauthorized", "没有有效的令牌"),
    (403, "forbidden", "令牌无此权限"),
    (404, "not-found", "没有找到"),
    (405, "method-not-allowed", "该地址不支持此方法"),
    (409, "conflict", "与当前状态冲突"),
    (413, "too-large", "请求内容过大"),
    (415, "media-type", "内容格式不受支持"),
    (422, "invalid", "内容有误"),
    (429, "too-many-requests", "请求过于频繁"),
    (500, "internal", "系统内部错误"),
    (503, "unavailable", "暂时无法办理"),
];

impl Problem {
    /// A problem of the usual kind of a status.
    pub fn of(status: u16, detail: impl Into<String>) -> Self {
        let known = KINDS.iter().find(|(known, _, _)| *known == status);
        let (status, kind, title) = known.copied().unwrap_or((500, "internal", "系统内部错误"));
        Self {
            kind: format!("urn:juncai:problem:{kind}"),
            title: title.to_owned(),
            status,
            detail: detail.into(),
            errors: Vec::new(),
            instance: String::new(),
            retry_after: None,
            internal: None,
        }
    }

    /// The same of a kind of its own.
    #[must_use]
    pub fn named(mut self, kind: &str, title: &str) -> Self {
        self.kind = format!("urn:juncai:problem:{kind}");
        self.title = title.to_owned();
        self
    }

    /// Fields that are wrong.
    pub fn fields(errors: Vec<FieldProblem>) -> Self {
        let detail = format!("有 {} 处需要更正，未保存任何更改", errors.len());
        Self { errors, ..Self::of(422, detail) }
    }

    /// One field that is wrong.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::fields(vec![FieldProblem { field: field.into(), message: message.into() }])
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Forbidden(_) => Self::of(403, text),
            Error::NotFound(_) => Self::of(404, text),
            Error::Refused(_) => Self::of(409, text),
            Error::Stale(_) => Self::of(409, text).named("stale", "状态刚刚改变"),
            Error::Invalid(fields) => Self::fields(
                fields
                    .into_iter()
                    .map(|(field, message)| FieldProblem { field, message })
                    .collect(),
            ),
            Error::Outage(_, inside) => Self {
                internal: Some(inside),
                retry_after: Some(OUTAGE_RETRY_S),
                ..Self::of(503, text)
            },
            Error::Internal(inside) => Self { internal: Some(inside), ..Self::of(500, text) },
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_never_leaves() {
        let problem = Problem::from(Error::Internal("SELECT secret".to_owned()));
        let told = serde_json::to_string(&problem).unwrap();
        assert!(!told.contains("SELECT"), "{told}");
        assert!(told.contains("urn:juncai:problem:internal"));
    }

    #[test]
    fn each_wrong_field_is_named() {
        let problem = Problem::from(Error::Invalid(vec![("after".into(), "无效".into())]));
        assert_eq!((problem.status, problem.errors[0].field.as_str()), (422, "after"));
    }
}
