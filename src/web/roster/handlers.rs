//! The list of declarations.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::{Declaration, RosterDeclarations};
use crate::clock::china_time;
use crate::service::roster::{self, Declarations, PAGE_SIZE};
use crate::web::failure::Answer;
use crate::web::page::Page;
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

/// What is declared and not yet on the roster.
pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Answer {
    let number = asked.page.parse().unwrap_or(1);
    let found = roster::declarations(&site.app, &who.actor, number).await?;
    let page = RosterDeclarations {
        frame: who.frame(&site, HERE).await?,
        pager: pager(&found),
        rows: found.rows.into_iter().map(shown).collect(),
    };
    Ok(Page::ok(page).into_response())
}

fn shown(row: roster::Declaration) -> Declaration {
    Declaration {
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
        case_no: row.case_no,
        state: row.state.to_owned(),
    }
}

fn pager(found: &Declarations) -> Pager {
    let before = (found.page - 1).saturating_mul(PAGE_SIZE);
    let shown = u64::try_from(found.rows.len()).unwrap_or(u64::MAX);
    let last = before.saturating_add(shown);
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let address = |page: u64| format!("{HERE}?page={page}");
    Pager {
        total: number(found.total),
        is_more: false,
        first: if shown == 0 { 0 } else { number(before.saturating_add(1)) },
        last: if shown == 0 { 0 } else { number(last) },
        previous: (found.page > 1).then(|| address(found.page - 1)),
        next: (shown > 0 && last < found.total).then(|| address(found.page + 1)),
    }
}
