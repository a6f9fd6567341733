//! Drafts of long forms: saved by a button or while typing, offered when the form is opened again,
//! and saved as well when a session ended before the form was sent.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;

use super::cookie;
use super::failure::Answer;
use super::form::FormState;
use super::frame::Flash;
use super::listing::minute;
use super::send::{Filed, done};
use super::session::{SESSION, SignedIn};
use super::site::Site;
use crate::domain::draft::{DraftForm, kept};
use crate::domain::registry::Code;
use crate::service::draft::{self, Draft, DraftKey};
use crate::service::{Actor, Error};

const FORM: &str = "draft_form";
const SUBJECT: &str = "draft_subject";
/// Largest body of a form that is saved after its session ended.
const LIMIT: usize = 1 << 20;

/// The addresses of this area.
pub fn routes() -> axum::Router<Site> {
    axum::Router::new().route("/drafts", post(save)).route("/drafts/discard", post(discard))
}

/// What a form says about its draft.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftNote {
    /// Code of the form.
    pub form: &'static str,
    /// About what.
    pub subject: String,
    /// When what it shows was saved; `None` when it shows no draft.
    pub saved_at: Option<String>,
}

impl DraftNote {
    /// A form without a draft.
    pub fn fresh(form: DraftForm, subject: &str) -> Self {
        Self { form: form.code(), subject: subject.to_owned(), saved_at: None }
    }

    /// For samples of pages: restored.
    pub fn sample(form: DraftForm, subject: &str) -> Self {
        Self { saved_at: Some("2026-11-24 09:41".into()), ..Self::fresh(form, subject) }
    }
}

/// The form with what its draft holds, and what to say about it.
pub fn restored(
    mut form: FormState,
    (kind, subject): (DraftForm, &str),
    draft: Option<&Draft>,
) -> (FormState, DraftNote) {
    let mut note = DraftNote::fresh(kind, subject);
    if let Some(draft) = draft {
        note.saved_at = Some(minute(draft.at));
        for (field, text) in &draft.fields {
            form = form.with(field, text.clone());
        }
    }
    (form, note)
}

/// The form about a subject as it is opened: with its draft alone, if there is one, so that what was
/// cleared stays empty.
///
/// # Errors
/// When the database fails.
pub async fn opened(
    site: &Site,
    actor: &Actor,
    form: FormState,
    (kind, subject): (DraftForm, &str),
) -> Result<(FormState, DraftNote), Error> {
    let Some(key) = DraftKey::read(kind.code(), subject) else {
        return Ok((form, DraftNote::fresh(kind, "")));
    };
    let draft = draft::find(&site.app, actor, &key).await?;
    let form = if draft.is_some() { FormState::new(&form.prefix) } else { form };
    Ok(restored(form, (kind, subject), draft.as_ref()))
}

/// The draft of a form that came in.
fn key_of(filed: &Filed) -> Option<DraftKey> {
    DraftKey::read(filed.text(FORM), filed.text(SUBJECT))
}

/// What a form that came back says about its draft.
pub fn note_of(filed: &Filed, kind: DraftForm) -> DraftNote {
    DraftNote::fresh(kind, &key_of(filed).map(|key| key.subject).unwrap_or_default())
}

/// The form had its effect: its draft is dropped. That it could not be is no reason to tell the
/// user that the effect did not happen.
pub async fn sent(site: &Site, actor: &Actor, filed: &Filed) {
    let Some(key) = key_of(filed) else { return };
    if let Err(error) = draft::discard(&site.app, actor, &key).await {
        tracing::warn!(?error, "the draft of a form that was sent could not be dropped");
    }
}

/// Where the form of a draft is.
fn place(key: &DraftKey) -> String {
    let (no, act) = key.subject.split_once('/').unwrap_or((&key.subject, ""));
    match key.form {
        DraftForm::Recognition if key.subject.is_empty() => "/recognitions/new".to_owned(),
        DraftForm::Recognition => format!("/recognitions/new?person={no}"),
        DraftForm::Application => "/applications/new".to_owned(),
        DraftForm::CaseAct => format!("/cases/{no}#act-{act}"),
        DraftForm::VisitPlan if key.subject.is_empty() => "/visits/new".to_owned(),
        DraftForm::VisitPlan => format!("/visits/{no}/plan"),
        DraftForm::VisitClaim => format!("/visits/{no}/claim"),
        DraftForm::Agreement => "/agreements/new".to_owned(),
        DraftForm::Expert => "/experts/new".to_owned(),
        DraftForm::YearReport => "/annual-reports".to_owned(),
        DraftForm::Standard => "/pilots".to_owned(),
    }
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.starts_with("application/json"))
}

fn unknown() -> Error {
    Error::Invalid(vec![("form".to_owned(), "这份表单不能存为草稿".to_owned())])
}

async fn keep(
    site: &Site,
    account_id: i64,
    filed: &Filed,
) -> Result<(DraftKey, String, bool), Error> {
    let key = key_of(filed).ok_or_else(unknown)?;
    let kept = kept(filed.pairs()).ok_or_else(unknown)?;
    let at = draft::save(&site.app, account_id, &key, &kept).await?;
    Ok((key, minute(at), kept.left_out))
}

const LEFT_OUT: &str = "含完整证件号码或银行账号的栏目没有存入草稿。";

/// `POST /drafts`: the fields of the form that is being filled in.
async fn save(State(site): State<Site>, who: SignedIn, headers: HeaderMap, filed: Filed) -> Answer {
    let (key, at, left_out) = keep(&site, who.actor.account_id, &filed).await?;
    let rest = if left_out { LEFT_OUT } else { "" };
    if wants_json(&headers) {
        let told = serde_json::json!({ "text": format!("草稿已保存于 {at}。{rest}") });
        return Ok(([(header::CONTENT_TYPE, "application/json")], told.to_string()).into_response());
    }
    Ok(done(&place(&key), &format!("草稿已保存于 {at}，还没有提交。{rest}")))
}

/// `POST /drafts/discard`.
async fn discard(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let key = key_of(&filed).ok_or_else(unknown)?;
    draft::discard(&site.app, &who.actor, &key).await?;
    Ok(done(&place(&key), "草稿已丢弃。"))
}

/// Saves what was typed into a form of a session that ended by itself meanwhile; everything else
/// goes on as it came. Only the browser of that session has its cookie and its token, and nothing
/// but the draft is written.
pub async fn rescue(State(site): State<Site>, request: Request, next: Next) -> Response {
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let token = cookie::read(&site, request.headers(), SESSION).map(str::to_owned);
    let (Method::POST, true, Some(token)) = (request.method().clone(), is_form, token) else {
        return next.run(request).await;
    };
    let (mut parts, body) = request.into_parts();
    match SignedIn::known(&site, &mut parts).await {
        Ok(None) => {}
        _ => return next.run(Request::from_parts(parts, body)).await,
    }
    let Ok(Some(lapsed)) = draft::lapsed(&site.app, &token).await else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    let Ok(bytes) = to_bytes(body, LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let whole = Body::from(bytes.clone());
    let filed = Filed::read(&site, &parts, whole, Some(lapsed.form_secret)).await;
    let saved = match filed {
        Ok(filed) => keep(&site, lapsed.account_id, &filed).await.ok(),
        Err(_) => None,
    };
    match saved {
        Some((key, _, _)) => sign_in_again(&parts.headers, &key),
        None => next.run(Request::from_parts(parts, Body::from(bytes))).await,
    }
}

fn sign_in_again(headers: &HeaderMap, key: &DraftKey) -> Response {
    if wants_json(headers) {
        let text = "登录已超时。已填内容存为草稿，请重新登录后刷新本页接着填写。";
        let told = serde_json::json!({ "text": text }).to_string();
        let json = [(header::CONTENT_TYPE, "application/json")];
        return (StatusCode::UNAUTHORIZED, json, told).into_response();
    }
    let back = place(key);
    let page = back.split('#').next().unwrap_or_default();
    let query = serde_urlencoded::to_string([("next", page)]).unwrap_or_default();
    let mut response = Redirect::to(&format!("/sign-in?{query}")).into_response();
    let text = "登录已超时，没有提交；填写的内容已存为草稿，重新登录后可以接着办。".to_owned();
    response.extensions_mut().insert(Flash { kind: "bad", text });
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_leads_back_to_its_form() {
        let at = |form: &str, subject: &str| place(&DraftKey::read(form, subject).unwrap());
        assert_eq!(at("recognition", ""), "/recognitions/new");
        assert_eq!(at("recognition", "E000001"), "/recognitions/new?person=E000001");
        assert_eq!(at("case_act", "RD2026-1/pass-4"), "/cases/RD2026-1#act-pass-4");
        assert_eq!(at("visit_plan", ""), "/visits/new");
        assert_eq!(at("visit_plan", "LF2027-00001"), "/visits/LF2027-00001/plan");
        assert_eq!(at("visit_claim", "LF2027-00001"), "/visits/LF2027-00001/claim");
        assert_eq!(DraftKey::read("case_act", "//evil.example?x"), None);
        assert_eq!(DraftKey::read("password", ""), None);
    }
}
