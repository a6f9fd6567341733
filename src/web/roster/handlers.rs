//! The list of declarations, and their confirmation.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::{ConfirmationResult, Declaration, RosterDeclarations};
use crate::clock::china_time;
use crate::service::Error;
use crate::service::roster::{self, Confirmation, Declarations, PAGE_SIZE};
use crate::web::failure::Answer;
use crate::web::form::FormState;
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Pager;

const HERE: &str = "/roster/declarations";

/// Which page of the list.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    page: String,
}

/// What waits for confirmation.
pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Answer {
    let number = asked.page.parse().unwrap_or(1);
    let page = page(&site, &who, number, FormState::new("confirm"), &[]).await?;
    Ok(Page::ok(page).into_response())
}

/// Confirms what was ticked. Everything confirmed leads back to the list; refusals are shown row
/// by row, and sending the same form again changes nothing.
pub(super) async fn confirm(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let ids: Vec<i64> = filed.all("entry").iter().filter_map(|id| id.parse().ok()).collect();
    let outcome = roster::confirm(&site.app, &who.actor, &ids, filed.text("document_no")).await;
    match outcome {
        Ok(confirmation) if confirmation.confirmed == confirmation.rows.len() => {
            Ok(done(HERE, &format!("已确认{}人，自所列日期起在册", confirmation.confirmed)))
        }
        Ok(confirmation) => {
            let mut page = page(&site, &who, 1, FormState::new("confirm"), &[]).await?;
            page.results = results(&confirmation);
            Ok(Page::ok(page).into_response())
        }
        Err(Error::Invalid(faults)) => {
            let mut form = FormState::new("confirm").with("document_no", filed.text("document_no"));
            for (field, text) in faults {
                // The boxes are many: what is wrong with choosing is said above the list.
                form = if field == "entry" { form.refused(text) } else { form.wrong(&field, text) };
            }
            let page = page(&site, &who, 1, form, &ids).await?;
            Ok(Page::retry(page).into_response())
        }
        Err(error) => Err(who.fail(&site, error)),
    }
}

async fn page(
    site: &Site,
    who: &SignedIn,
    number: u64,
    form: FormState,
    chosen: &[i64],
) -> Result<RosterDeclarations, Error> {
    let found = roster::declarations(&site.app, &who.actor, number).await?;
    Ok(RosterDeclarations {
        frame: who.frame(site, HERE).await?,
        form,
        pager: pager(&found),
        rows: found.rows.into_iter().map(|row| shown(row, chosen)).collect(),
        results: Vec::new(),
    })
}

fn shown(row: roster::Declaration, chosen: &[i64]) -> Declaration {
    Declaration {
        chosen: chosen.contains(&row.id),
        id: row.id,
        no: row.person_no,
        name: row.name,
        document: row.document,
        enterprise: row.enterprise,
        enterprise_uscc: row.uscc,
        post: row.post,
        starts_on: row.starts_on.to_string(),
        declared_at: china_time(row.declared_at).format("%Y-%m-%d %H:%M").to_string(),
        declared_by: row.declared_by,
        remarks: row.remarks,
        blocked: row.blocked,
    }
}

fn results(confirmation: &Confirmation) -> Vec<ConfirmationResult> {
    let row = |row: &roster::RowResult| ConfirmationResult {
        name: row.name.clone(),
        enterprise: row.enterprise.clone(),
        done: row.confirmed,
        text: row.text.clone(),
    };
    confirmation.rows.iter().map(row).collect()
}

fn pager(found: &Declarations) -> Pager {
    let before = (found.page - 1).saturating_mul(PAGE_SIZE);
    let shown = u64::try_from(found.rows.len()).unwrap_or(u64::MAX);
    let last = before.saturating_add(shown);
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let address = |page: u64| format!("{HERE}?page={page}");
    Pager {
        total: number(found.total),
        first: if shown == 0 { 0 } else { number(before.saturating_add(1)) },
        last: if shown == 0 { 0 } else { number(last) },
        previous: (found.page > 1).then(|| address(found.page - 1)),
        next: (shown > 0 && last < found.total).then(|| address(found.page + 1)),
    }
}
