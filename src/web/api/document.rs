//! The description of the interface, OpenAPI 3.1.

use std::collections::BTreeMap;

use axum::Json;
use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, HttpMethod, OpenApi as Document, PathItem, Paths, Ref, RefOr, Required,
    Response, ResponseBuilder,
};
use utoipa::{IntoResponses, Modify, OpenApi};

use super::problem::{FieldProblem, MEDIA_TYPE, Problem};
use super::{reading, schema, writing};
use crate::domain::registry::Code;
use crate::domain::webhook::{EventKind, TEST_KIND};

/// Answers that every address can give.
pub(super) struct Failures;

/// Answers that every address that changes something can give besides.
pub(super) struct WriteFailures;

fn told(list: &[(&str, &str)]) -> BTreeMap<String, RefOr<Response>> {
    let response = |text: &str| {
        let schema = Ref::from_schema_name("Problem");
        let content = ContentBuilder::new().schema(Some(schema)).build();
        ResponseBuilder::new().description(text).content(MEDIA_TYPE, content).build()
    };
    list.iter().map(|(status, text)| ((*status).to_owned(), response(text).into())).collect()
}

impl IntoResponses for Failures {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        told(&[
            ("400", "请求无法识别"),
            ("401", "没有有效的令牌"),
            ("403", "令牌无此权限"),
            ("404", "没有找到，或不在本账号的范围内"),
            ("422", "参数或内容有误，errors 逐项说明"),
            ("429", "请求过于频繁，按 Retry-After 等待"),
            ("500", "系统内部错误，未保存任何更改"),
            ("503", "暂时无法办理"),
        ])
    }
}

impl IntoResponses for WriteFailures {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let more = told(&[
            ("409", "与当前状态冲突，或同一 Idempotency-Key 的请求正在办理"),
            ("413", "请求内容过大"),
            ("415", "内容格式不受支持"),
        ]);
        Failures::responses().into_iter().chain(more).collect()
    }
}

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_with(Default::default);
        let text = "系统账号的令牌，由系统管理员签发，只显示一次";
        let scheme =
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(text)).build();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// What is sent to endpoints of programs, by kind.
struct Webhooks;

impl Modify for Webhooks {
    fn modify(&self, document: &mut Document) {
        let mut paths = Paths::new();
        for kind in EventKind::ALL {
            paths.paths.insert(kind.code().to_owned(), told_of(kind.label()));
        }
        paths.paths.insert(TEST_KIND.to_owned(), told_of("测试通知"));
        document.webhooks = Some(paths);
    }
}

fn told_of(label: &str) -> PathItem {
    let header = |(name, text): (&str, &str)| {
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some(text))
            .build()
    };
    let event = ContentBuilder::new().schema(Some(Ref::from_schema_name("Event"))).build();
    let body = RequestBodyBuilder::new()
        .content("application/json", event)
        .required(Some(Required::True))
        .build();
    let text = "十秒内返回 2xx 即为收到；其他情况隔 1、5、30 分钟至 18 小时重试，共 8 次";
    let taken = ResponseBuilder::new().description(text).build();
    let operation = OperationBuilder::new()
        .summary(Some(label))
        .parameter(header(("webhook-id", "通知编号，重发不变，用于去重")))
        .parameter(header((
            "webhook-timestamp",
            "本次发送的秒数（Unix 时间），请拒绝相差 5 分钟以上的",
        )))
        .parameter(header((
            "webhook-signature",
            "v1,BASE64(HMAC-SHA256(密钥, 编号.秒数.正文))；更换密钥后一天内有两个，以空格分隔",
        )))
        .request_body(Some(body))
        .response("2XX", taken)
        .build();
    PathItem::new(HttpMethod::Post, operation)
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "骏才接口",
        version = "1",
        description = "供企业人力系统登记核心工程师、报送社保个税月份、报告离职、查询状态，以及只读查询登记库。\n\n\
        写操作必须带 Idempotency-Key：同一键和同一内容重复提交只办一次，返回第一次的结果；同一键换了内容返回 422。\
        办成的结果保留 30 天。没有办成的请求不占用键，更正后可用原键重新提交。\n\n\
        日期为 ISO 8601，法定日期均为中国日期；金额以整数分为准。完整证件号码和银行账号只收不发。\
        出错时返回 application/problem+json（RFC 9457）。"
    ),
    servers((url = "/api/v1")),
    paths(
        serve,
        reading::token,
        reading::engineers,
        writing::register,
        reading::engineer,
        writing::departure,
        writing::evidence,
        reading::filing,
        reading::case,
        reading::quotas,
        reading::entitlements,
        reading::enterprises,
    ),
    components(schemas(Problem, FieldProblem, schema::Event)),
    modifiers(&Token, &Webhooks),
    security(("token" = []))
)]
struct Interface;

/// The document.
pub fn document() -> Document {
    Interface::openapi()
}

/// 本说明。无需令牌。
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "document",
    security(()),
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value), Failures)
)]
pub(super) async fn serve() -> Json<Document> {
    Json(document())
}
