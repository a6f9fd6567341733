//! The policies that runs apply.

use axum::extract::{Path, State};
use axum::response::IntoResponse;

use super::drafts;
use super::pages::{EditionRow, PolicyList, PolicyParameter, PolicyRow, PolicyView};
use crate::domain::authority::{Act, Scope};
use crate::domain::period::Period;
use crate::service::policy::{self as texts, LoadedText, PolicyLine};
use crate::service::stipend::{self, DEFAULT_RULES};
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
        ending: line.ending.map(|ending| ending.words()).unwrap_or_default(),
        waiting: 0,
    }
}

pub(super) async fn list(State(site): State<Site>, who: SignedIn) -> Answer {
    let policies = texts::policies(&site.app, &who.actor).await?;
    let frame = who.frame(&site, HERE).await?;
    let mut rows: Vec<PolicyRow> = policies.into_iter().map(row).collect();
    if who.actor.scope == Scope::Province {
        let waiting = texts::waiting(&site.app, &who.actor).await?;
        for row in &mut rows {
            row.waiting = waiting.get(&row.id).copied().unwrap_or(0);
        }
    }
    Ok(Page::ok(PolicyList { frame, rows }).into_response())
}

pub(super) async fn policy(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let found = texts::policy_page(&site.app, &who.actor, &id).await?;
    let parameter = |parameter: texts::PolicyParameter| PolicyParameter {
        valid: valid(&parameter.valid),
        name: parameter.name,
        value: parameter.value,
        basis: parameter.basis,
        is_default: parameter.is_default,
    };
    let sees_drafts = who.actor.scope == Scope::Province && found.changed_at.is_none();
    let proposed = match sees_drafts {
        true => texts::drafts(&site.app, &who.actor, &id).await?,
        false => Vec::new(),
    };
    let rules = match id.as_str() {
        stipend::CORE_ENGINEER => Some(DEFAULT_RULES),
        ALLOWANCE | TRAVEL => Some(visit::DEFAULT_RULES),
        _ => None,
    };
    let page = PolicyView {
        drafts: proposed.iter().map(drafts::row).collect(),
        sees_scenarios: sees_drafts && id == stipend::CORE_ENGINEER,
        may_draft: sees_drafts && who.actor.role.may(Act::DraftPolicies),
        has_cases: found.has_cases,
        changed_at: found.changed_at.map(str::to_owned),
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
