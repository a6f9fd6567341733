//! The policies that runs apply.

use axum::extract::{Path, State};
use axum::response::IntoResponse;

use super::drafts;
use super::pages::{EditionRow, PolicyList, PolicyParameter, PolicyRow, PolicyView};
use crate::domain::authority::{Act, Scope};
use crate::domain::period::Period;
use crate::service::policy as texts;
use crate::service::stipend::{self, DEFAULT_RULES, LoadedText, PolicyLine};
use crate::service::visit::{self, ALLOWANCE, TRAVEL};
use crate::web::failure::Answer;
use crate::web::listing::minute;
use crate::web::page::Page;
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/policies";

pub(super) fn valid(period: &Period) -> String {
    match period.through {
        Some(last) => format!("{} 至 {last}", period.from),
        None => format!("{} 起", period.from),
    }
}

fn row(line: PolicyLine) -> PolicyRow {
    PolicyRow {
        valid: valid(&line.valid),
        id: line.id,
        title: line.title,
        document_no: line.document,
        defaults: i64::try_from(line.defaults).unwrap_or(i64::MAX),
    }
}

pub(super) async fn list(State(site): State<Site>, who: SignedIn) -> Answer {
    let policies = stipend::policies(&site.app, &who.actor).await?;
    let frame = who.frame(&site, HERE).await?;
    let rows = policies.into_iter().map(row).collect();
    Ok(Page::ok(PolicyList { frame, rows }).into_response())
}

pub(super) async fn policy(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let found = stipend::policy_page(&site.app, &who.actor, &id).await?;
    let parameter = |parameter: stipend::PolicyParameter| PolicyParameter {
        valid: valid(&parameter.valid),
        name: parameter.name,
        value: parameter.value,
        basis: parameter.basis,
        is_default: parameter.is_default,
    };
    let is_run = id == stipend::CORE_ENGINEER;
    let proposed = match who.actor.scope {
        Scope::Province if is_run => texts::drafts(&site.app, &who.actor, &id).await?,
        _ => Vec::new(),
    };
    let rules = match id.as_str() {
        stipend::CORE_ENGINEER => Some(DEFAULT_RULES),
        ALLOWANCE | TRAVEL => Some(visit::DEFAULT_RULES),
        _ => None,
    };
    let page = PolicyView {
        drafts: proposed.iter().map(drafts::row).collect(),
        sees_scenarios: who.actor.scope == Scope::Province,
        may_draft: who.actor.role.may(Act::DraftPolicies),
        is_run,
        frame: who.frame(&site, HERE).await?,
        default_rules: rules.filter(|_| found.line.defaults > 0).map(str::to_owned),
        facts: row(found.line),
        editions: found.texts.into_iter().map(edition).collect(),
        parameters: found.parameters.into_iter().map(parameter).collect(),
        text: found.clause,
    };
    Ok(Page::ok(page).into_response())
}

fn edition(text: LoadedText) -> EditionRow {
    EditionRow {
        label: format!("第 {} 版", text.number),
        valid: valid(&text.valid),
        recorded_at: minute(text.recorded_at),
        document: text.title,
        origin: text.document,
        draft_no: text.draft_no,
        hash: text.sha256,
        state: if text.is_current { "现行" } else { "历史" }.to_owned(),
    }
}
