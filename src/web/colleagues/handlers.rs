//! The accounts of one's own enterprise.

use axum::extract::{Path, State};
use axum::response::IntoResponse;

use super::pages::{ColleagueList, ColleagueRow};
use crate::domain::registry::Code;
use crate::service::account::{self, Colleague, Invitation, Standing};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::minute;
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/colleagues";

/// The forms as they were typed.
#[derive(Default)]
struct Typed {
    invite: Option<FormState>,
    handover: Option<FormState>,
    first_password: Option<(String, String)>,
}

async fn page(site: &Site, who: &SignedIn, typed: Typed) -> Answer {
    let found = account::colleagues(&site.app, &who.actor).await?;
    let role = |role: &crate::domain::authority::Role| (role.code(), role.label());
    let page = ColleagueList {
        frame: who.frame(site, HERE).await?,
        rows: found.iter().map(|colleague| row(colleague, &found)).collect(),
        form: typed.invite.unwrap_or_else(|| FormState::new("invite")),
        handover: typed.handover.unwrap_or_else(|| FormState::new("handover")),
        roles: Choice::list(&account::ROLES.iter().map(role).collect::<Vec<_>>()),
        first_password: typed.first_password,
    };
    let wrong = page.form.has_errors() || page.handover.has_errors();
    Ok(if wrong { Page::retry(page) } else { Page::ok(page) }.into_response())
}

fn row(colleague: &Colleague, all: &[Colleague]) -> ColleagueRow {
    let line = &colleague.line;
    let able = all.iter().filter(|other| {
        other.line.id != line.id
            && other.line.role == line.role
            && !matches!(other.line.standing, Standing::Disabled | Standing::Waiting)
    });
    let choice = |other: &Colleague| Choice {
        value: other.line.id.to_string(),
        label: format!("{}（{}）", other.line.login, other.line.name),
    };
    ColleagueRow {
        id: line.id,
        login: line.login.clone(),
        name: line.name.clone(),
        role: line.role.label().to_owned(),
        state: match line.standing {
            Standing::Active => "正常",
            Standing::Locked => "锁定",
            Standing::Waiting => "待授权",
            Standing::Fresh => "首次登录",
            Standing::Disabled => "停用",
        }
        .to_owned(),
        last_seen_at: line.last_seen_at.map_or_else(|| "从未登录".to_owned(), minute),
        open_cases: colleague.open_cases,
        open_imports: colleague.open_imports,
        successors: able.map(choice).collect(),
        may_change: !line.is_own,
    }
}

pub(super) async fn list(State(site): State<Site>, who: SignedIn) -> Answer {
    page(&site, &who, Typed::default()).await
}

/// `POST /colleagues`.
pub(super) async fn invite(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let form = Invitation {
        login: filed.text("login"),
        name: filed.text("name"),
        role: filed.text("role"),
        person_key: filed.text("person_key"),
    };
    let mut typed = Typed::default();
    match account::invite(&site.app, &who.actor, &form).await {
        Ok(made) => typed.first_password = Some((made.login, made.first_password)),
        Err(error) => typed.invite = Some(back_to_form(filed.state("invite"), error)?),
    }
    page(&site, &who, typed).await
}

/// `POST /colleagues/{id}/handover`.
pub(super) async fn hand_over(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    filed: Filed,
) -> Answer {
    match account::hand_over(&site.app, &who.actor, id, filed.text("successor")).await {
        Ok(()) => Ok(done(HERE, "账号已停用，待办已移交，其登录已全部退出。")),
        Err(error) => {
            let error = match error {
                crate::service::Error::Invalid(_) => {
                    crate::service::Error::Refused(error.to_string())
                }
                other => other,
            };
            let handover = Some(back_to_form(FormState::new("handover"), error)?);
            page(&site, &who, Typed { handover, ..Typed::default() }).await
        }
    }
}

/// `POST /colleagues/{id}/reactivation`.
pub(super) async fn take_back(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    _filed: Filed,
) -> Answer {
    account::take_back(&site.app, &who.actor, id).await?;
    Ok(done(HERE, "账号已启用。"))
}
