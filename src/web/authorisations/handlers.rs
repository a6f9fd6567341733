//! The console of the security administrator.

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::{
    LockRow, ProposalRow, ProposalView, Proposals, SessionRow, Sessions, rules_in_words,
};
use crate::domain::authorisation::RequestKind;
use crate::domain::machine::scopes_of;
use crate::domain::registry::Code;
use crate::service::account::{self, LiveSession, LockedOut, Proposal};
use crate::web::access::device;
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::FormState;
use crate::web::listing::{minute, offset, pager};
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::step_up::Confirmed;

const HERE: &str = "/authorisations";
const SESSIONS: &str = "/sessions";
/// Sessions of one page.
const PAGE: u64 = 50;

pub(super) async fn list(State(site): State<Site>, who: SignedIn) -> Answer {
    let (waiting, decided) = account::proposals(&site.app, &who.actor).await?;
    let page = Proposals {
        frame: who.frame(&site, HERE).await?,
        waiting: waiting.into_iter().map(row).collect(),
        decided: decided.into_iter().map(row).collect(),
    };
    Ok(Page::ok(page).into_response())
}

fn row(found: Proposal) -> ProposalRow {
    let duty = |(role, office): &(crate::domain::authority::Role, String)| {
        format!("{} · {office}", role.label())
    };
    let (state, reason) = match &found.decided {
        None => ("待授权", String::new()),
        Some((outcome, at, reason)) => {
            let said = format!("{} {reason}", minute(*at));
            (outcome.label(), said.trim().to_owned())
        }
    };
    let token = found.token.as_ref().map(|(no, scopes, last)| {
        let rights: Vec<&str> = scopes_of(scopes).into_iter().map(Code::label).collect();
        format!("{no}：{}，有效至 {last}", rights.join("、"))
    });
    ProposalRow {
        id: found.id,
        kind: found.kind.label().to_owned(),
        now: duty(&found.now),
        wanted: match found.kind {
            RequestKind::Duty => duty(&found.wanted),
            _ => String::new(),
        },
        token: token.unwrap_or_default(),
        login: found.login,
        name: found.name,
        staff_no: found.staff_no,
        same_person: found.same_person,
        asked_by: format!("{}（{}）", found.asked_by.0, found.asked_by.1),
        asked_at: minute(found.asked_at),
        state: state.to_owned(),
        reason,
        why_not: found.why_not.unwrap_or_default().to_owned(),
    }
}

/// The page of one request; `told` is the half of a secret just authorised.
async fn page(
    site: &Site,
    who: &SignedIn,
    id: i64,
    form: FormState,
    told: Option<String>,
) -> Answer {
    let found = account::one_proposal(&site.app, &who.actor, id).await?;
    let wrong = form.has_errors();
    let frame = who.frame(site, HERE).await?;
    let is_token = found.kind == RequestKind::Token;
    let page = ProposalView { frame, row: row(found), form, told, is_token };
    Ok(if wrong { Page::retry(page) } else { Page::ok(page) }.into_response())
}

pub(super) async fn view(State(site): State<Site>, who: SignedIn, Path(id): Path<i64>) -> Answer {
    page(&site, &who, id, FormState::new("refusal"), None).await
}

/// `POST /authorisations/{id}/authorisation`.
pub(super) async fn authorise(
    State(site): State<Site>,
    Path(id): Path<i64>,
    Confirmed { who, .. }: Confirmed,
) -> Answer {
    let made = account::authorise(&site.app, &who.actor, id).await?;
    match made.second_half {
        Some(half) => page(&site, &who, id, FormState::new("refusal"), Some(half)).await,
        None => {
            let said = format!("账号 {} 的“{}”已授权。", made.login, made.kind.label());
            Ok(done(HERE, &said))
        }
    }
}

/// `POST /authorisations/{id}/refusal`. Field: reason.
pub(super) async fn refuse(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    filed: Filed,
) -> Answer {
    match account::refuse(&site.app, &who.actor, id, filed.text("reason")).await {
        Ok(()) => Ok(done(HERE, "申请已退回，不会生效。")),
        Err(error) => {
            let form = back_to_form(filed.state("refusal"), error)?;
            page(&site, &who, id, form, None).await
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    q: String,
    page: Option<u64>,
}

pub(super) async fn sessions(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let q = wanted.q.trim();
    let found = account::live_sessions(&site.app, &who.actor, q).await?;
    let locked = account::locked_out(&site.app, &who.actor).await?;
    let total = u64::try_from(found.len()).unwrap_or(u64::MAX);
    let from = offset(wanted.page, PAGE);
    let skip = usize::try_from(from).unwrap_or(usize::MAX);
    let rows: Vec<SessionRow> = found
        .into_iter()
        .skip(skip)
        .take(usize::try_from(PAGE).unwrap_or(usize::MAX))
        .map(|row| session_row(row, who.session_id))
        .collect();
    let page = Sessions {
        frame: who.frame(&site, SESSIONS).await?,
        filter: FormState::new("filter").with("q", q),
        pager: pager((SESSIONS, &[("q", q)]), total, (from, PAGE, rows.len())),
        rows,
        locked: locked.into_iter().map(lock_row).collect(),
        rules: rules_in_words(&site.app.access),
    };
    Ok(Page::ok(page).into_response())
}

fn session_row(row: LiveSession, own: i64) -> SessionRow {
    SessionRow {
        is_this: row.id == own,
        id: row.id,
        login: row.login,
        name: row.name,
        role: row.role.label().to_owned(),
        organisation: row.organisation,
        device: device::name(&row.user_agent),
        address: row.address,
        signed_in_at: minute(row.opened_at),
        last_seen_at: minute(row.last_seen_at),
    }
}

fn lock_row(row: LockedOut) -> LockRow {
    LockRow {
        id: row.id,
        login: row.login,
        name: row.name,
        organisation: row.organisation,
        until: minute(row.until),
    }
}

pub(super) async fn end_session(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    _filed: Filed,
) -> Answer {
    account::end_session(&site.app, &who.actor, id).await?;
    Ok(done(SESSIONS, "该登录已强制退出。"))
}

pub(super) async fn unlock(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    _filed: Filed,
) -> Answer {
    account::unlock(&site.app, &who.actor, id).await?;
    Ok(done(SESSIONS, "账号已解锁，可以重新登录。"))
}
