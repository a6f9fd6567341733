//! Endpoints of a system account: where its program is told of what happened.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use zeroize::Zeroizing;

use crate::domain::registry::Code;
use crate::domain::webhook::{EventKind, TEST_KIND};
use crate::service::Error;
use crate::service::once::{self, Submission, Taken};
use crate::service::webhook::{self, DeliveryLine, EndpointLine, NewEndpoint, SystemEndpoints};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::listing::{minute, second};
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

/// A delivery.
#[derive(Debug, Clone, Default)]
pub struct DeliveryRow {
    pub message_id: String,
    pub kind: String,
    pub written_at: String,
    pub state: String,
    pub attempts: i64,
    pub tried_at: String,
    /// When it is tried next.
    pub due_at: String,
    /// What was answered, or why it was not taken.
    pub answer: String,
    pub may_repeat: bool,
}

/// An endpoint.
#[derive(Debug, Clone, Default)]
pub struct EndpointRow {
    pub no: String,
    pub url: String,
    pub kinds: String,
    pub is_enabled: bool,
    pub made_at: String,
    /// Since when nothing was taken; empty when all is well.
    pub failing_since: String,
    pub old_secret_until: String,
    pub deliveries: Vec<DeliveryRow>,
}

/// `/accounts/systems/{id}/webhooks`.
#[derive(Debug, Clone, Template)]
#[template(path = "accounts/webhooks.html")]
pub struct Webhooks {
    pub frame: Frame,
    pub account_id: i64,
    pub login: String,
    pub organisation: String,
    pub rows: Vec<EndpointRow>,
    /// Fields: url, kinds (often).
    pub form: FormState,
    pub kinds: Vec<(Choice, bool)>,
    /// The secret just made, shown once.
    pub secret: Option<String>,
}

impl Webhooks {
    /// In use and off, just made, mistakes, none.
    pub fn samples() -> Vec<Self> {
        let delivery = |id: &str, state: &str, attempts, answer: &str| DeliveryRow {
            message_id: format!("msg_{id}"),
            kind: EventKind::CaseChanged.label().into(),
            written_at: "2026-11-24 09:58:07".into(),
            state: state.into(),
            attempts,
            tried_at: "2026-11-24 10:03".into(),
            due_at: if state == "待送" { "2026-11-24 10:33".into() } else { String::new() },
            answer: answer.into(),
            may_repeat: state != "待送",
        };
        let used = EndpointRow {
            no: "WH000001".into(),
            url: "hr.example.com/hooks/juncai".into(),
            kinds: "办件状态变化、人员年度奖补发放进展".into(),
            is_enabled: true,
            made_at: "2026-11-20 09:00".into(),
            failing_since: "2026-11-24 10:03".into(),
            old_secret_until: "2026-11-25 09:00".into(),
            deliveries: vec![
                delivery("03c2", "待送", 2, "对方返回 503"),
                delivery("02b1", "已送达", 1, "204"),
                delivery("01a0", "已放弃", 8, "对方 10 秒内没有应答"),
            ],
        };
        let off = EndpointRow {
            no: "WH000002".into(),
            is_enabled: false,
            failing_since: String::new(),
            old_secret_until: String::new(),
            deliveries: vec![],
            ..used.clone()
        };
        let page = |rows: Vec<EndpointRow>| Self {
            frame: Frame::sample_admin("/accounts"),
            account_id: 7,
            login: "hr-system".into(),
            organisation: "福州某某智能科技有限公司".into(),
            rows,
            form: FormState::new("webhook"),
            kinds: kinds(&[]),
            secret: None,
        };
        let mut made = page(vec![used.clone()]);
        made.secret = Some("whsec_c2FtcGxl".into());
        let mut wrong = page(vec![]);
        wrong.form = FormState::new("webhook").wrong("url", "请填写以 https:// 开头的网址");
        vec![page(vec![used, off]), made, wrong, page(vec![])]
    }
}

fn kinds(chosen: &[String]) -> Vec<(Choice, bool)> {
    let one = |kind: &EventKind| {
        let label = format!("{}（{}）", kind.label(), kind.code());
        let choice = Choice { value: kind.code().to_owned(), label };
        (choice, chosen.iter().any(|code| code == kind.code()))
    };
    EventKind::ALL.iter().map(one).collect()
}

fn delivery(line: DeliveryLine) -> DeliveryRow {
    let kind = EventKind::from_code(&line.kind).map(|kind| kind.label().to_owned());
    let test = (line.kind == TEST_KIND).then(|| "测试通知".to_owned());
    let code = line.response_code.map(|code| code.to_string()).unwrap_or_default();
    DeliveryRow {
        message_id: line.message_id,
        kind: kind.or(test).unwrap_or(line.kind),
        written_at: second(line.written_at),
        state: line.state.label().to_owned(),
        attempts: line.attempts,
        tried_at: line.tried_at.map(minute).unwrap_or_default(),
        due_at: line.due_at.map(minute).unwrap_or_default(),
        answer: if line.fault.is_empty() { code } else { line.fault },
        may_repeat: line.due_at.is_none(),
    }
}

fn row(line: EndpointLine) -> EndpointRow {
    let kinds: Vec<&str> = line.kinds.iter().map(|kind| kind.label()).collect();
    EndpointRow {
        no: line.no,
        url: line.url,
        kinds: kinds.join("、"),
        is_enabled: line.is_enabled,
        made_at: minute(line.made_at),
        failing_since: line.failing_since.map(minute).unwrap_or_default(),
        old_secret_until: line.old_secret_until.map(minute).unwrap_or_default(),
        deliveries: line.deliveries.into_iter().map(delivery).collect(),
    }
}

fn here(account_id: i64) -> String {
    format!("/accounts/systems/{account_id}/webhooks")
}

/// The form as it was typed, or the secret of an endpoint just made.
#[derive(Default)]
struct Typed {
    form: Option<(FormState, Vec<String>)>,
    secret: Option<String>,
}

async fn page(site: &Site, who: &SignedIn, account_id: i64, typed: Typed) -> Answer {
    let found = webhook::endpoints(&site.app, &who.actor, account_id).await?;
    let SystemEndpoints { login, organisation, endpoints } = found;
    let (form, chosen) = typed.form.unwrap_or_else(|| (FormState::new("webhook"), Vec::new()));
    let page = Webhooks {
        frame: who.frame(site, "/accounts").await?,
        account_id,
        login,
        organisation,
        rows: endpoints.into_iter().map(row).collect(),
        kinds: kinds(&chosen),
        form,
        secret: typed.secret,
    };
    let wrong = page.form.has_errors();
    Ok(if wrong { Page::retry(page) } else { Page::ok(page) }.into_response())
}

pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Path(account_id): Path<i64>,
) -> Answer {
    page(&site, &who, account_id, Typed::default()).await
}

/// `POST /accounts/systems/{id}/webhooks`: the secret is on the answer and nowhere else, so a
/// second click leads to the list without one.
pub(super) async fn create(
    State(site): State<Site>,
    who: SignedIn,
    Path(account_id): Path<i64>,
    filed: Filed,
) -> Answer {
    let kinds: Vec<String> = filed.all("kinds").into_iter().map(str::to_owned).collect();
    let new = NewEndpoint { url: filed.text("url").to_owned(), kinds };
    let submission = Submission::new(&who.actor, filed.key(), &here(account_id));
    if let Taken::Earlier(to) = once::take(&site.app, &submission).await? {
        return Ok(Redirect::to(&to).into_response());
    }
    let made = webhook::make(&site.app, &who.actor, account_id, &new);
    match settled(&site, (&submission, account_id), made).await {
        Ok(secret) => page(&site, &who, account_id, secret).await,
        Err(error) => {
            let form = Some((back_to_form(filed.state("webhook"), error)?, new.kinds));
            page(&site, &who, account_id, Typed { form, ..Typed::default() }).await
        }
    }
}

/// The secret that a submission taken on made, for the page that tells it.
async fn settled(
    site: &Site,
    (submission, account_id): (&Submission, i64),
    made: impl Future<Output = Result<Zeroizing<String>, Error>>,
) -> Result<Typed, Error> {
    match made.await {
        Ok(secret) => {
            once::settle(&site.app, submission, &here(account_id)).await?;
            Ok(Typed { secret: Some(secret.to_string()), ..Typed::default() })
        }
        Err(error) => {
            once::release(&site.app, submission).await?;
            Err(error)
        }
    }
}

/// `POST …/{no}/secret`: as with a new endpoint.
pub(super) async fn rotate(
    State(site): State<Site>,
    who: SignedIn,
    Path((account_id, no)): Path<(i64, String)>,
    filed: Filed,
) -> Answer {
    let submission = Submission::new(&who.actor, filed.key(), &no);
    if let Taken::Earlier(to) = once::take(&site.app, &submission).await? {
        return Ok(Redirect::to(&to).into_response());
    }
    let made = webhook::rotate(&site.app, &who.actor, (account_id, &no));
    let secret = settled(&site, (&submission, account_id), made).await?;
    page(&site, &who, account_id, secret).await
}

/// `POST …/{no}/{act}`: enabling, suspension, deletion, test.
pub(super) async fn act(
    State(site): State<Site>,
    who: SignedIn,
    Path((account_id, no, act)): Path<(i64, String, String)>,
    _filed: Filed,
) -> Answer {
    let (app, actor, which) = (&site.app, &who.actor, (account_id, no.as_str()));
    let text = match act.as_str() {
        "reactivation" => {
            webhook::set_enabled(app, actor, which, true).await?;
            format!("接收地址 {no} 已启用。")
        }
        "suspension" => {
            webhook::set_enabled(app, actor, which, false).await?;
            format!("接收地址 {no} 已停用，停用期间的事件不会补发。")
        }
        "deletion" => {
            webhook::delete(app, actor, which).await?;
            format!("接收地址 {no} 已删除。")
        }
        "test" => {
            webhook::test(app, actor, which).await?;
            "测试通知已排队，几秒后刷新本页查看结果。".to_owned()
        }
        _ => return Err(Error::NotFound("这个事项").into()),
    };
    Ok(done(&here(account_id), &text))
}

/// `POST …/{no}/deliveries/{message}`.
pub(super) async fn send_again(
    State(site): State<Site>,
    who: SignedIn,
    Path((account_id, no, message)): Path<(i64, String, String)>,
    _filed: Filed,
) -> Answer {
    webhook::send_again(&site.app, &who.actor, (account_id, &no), &message).await?;
    Ok(done(&here(account_id), "已重新排队，几秒后刷新本页查看结果。"))
}
