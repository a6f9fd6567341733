//! What the end of a budget year leaves.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::handlers::line_query;
use super::pages::{CarryOverPage, LeftRow, RestRow};
use crate::domain::authority::Act;
use crate::domain::money::Fen;
use crate::service::budget::{
    self, OpenBatch, RestLine, WaitingLine, batch_state, payer_name, source_name, visible_payer,
};
use crate::web::failure::Answer;
use crate::web::form::FormState;
use crate::web::listing::{minute, query_of};
use crate::web::page::Page;
use crate::web::send::{XLSX, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

/// Rows of one kind that the page shows; the workbook has all.
const SHOWN: usize = 100;

/// Which year.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    year: String,
}

/// `GET /budget/carry-over`.
pub(super) async fn view(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let found = budget::carry_over(&site.app, &who.actor, &wanted.year).await?;
    let programmes = budget::programmes(&site.app).await?;
    let year = found.year.to_string();
    let may_close = found.is_over && who.actor.role.may(Act::MakeBatch);
    let row = |rest: RestLine| {
        let (key, figures) = (rest.line.key, rest.line.figures);
        let open = may_close && figures.available > Fen::ZERO;
        RestRow {
            href: open.then(|| format!("/budget/year-end?{}", line_query(&key))),
            programme: programmes.get(&key.programme).unwrap_or(&key.programme).clone(),
            source: source_name(&key.source),
            payer: payer_name(&key.payer_division),
            frozen: Yuan(figures.frozen),
            sent: Yuan(figures.sent),
            returned: Yuan(figures.returned),
            rest: Yuan(figures.available),
            proposed: Yuan(rest.proposed),
        }
    };
    let left = found.open.len() + found.failed.len() + found.held.len();
    let open = found.open.iter().take(SHOWN).map(open_row);
    let failed = found.failed.iter().take(SHOWN).map(|line| waiting_row("退票待重发", line));
    let held = found.held.iter().take(SHOWN).map(|line| waiting_row("暂缓发放", line));
    let shown: Vec<LeftRow> = open.chain(failed).chain(held).collect();
    Ok(Page::ok(CarryOverPage {
        frame: who.frame(&site, "/budget").await?,
        filter: FormState::new("filter").with("year", &year),
        export_href: format!("/budget/carry-over.xlsx?{}", query_of([("year", year.as_str())])),
        payer: visible_payer(&who.actor).map_or_else(|| "全部付款单位".to_owned(), payer_name),
        is_over: found.is_over,
        rows: found.lines.into_iter().map(row).collect(),
        not_shown: left - shown.len(),
        left: shown,
        year: found.year,
    })
    .into_response())
}

fn open_row(open: &OpenBatch) -> LeftRow {
    LeftRow {
        kind: "在途和占用",
        batch_no: open.batch_no.clone(),
        name: format!("{} 笔", open.lines),
        reason: batch_state(&open.state).to_owned(),
        amount: Yuan::of(open.amount_fen),
        ..LeftRow::default()
    }
}

fn waiting_row(kind: &'static str, line: &WaitingLine) -> LeftRow {
    LeftRow {
        kind,
        batch_no: line.batch_no.clone(),
        name: line.name.clone(),
        award_year: line.award_year.to_string(),
        since: line.since.map(minute).unwrap_or_default(),
        reason: line.reason.clone(),
        amount: Yuan::of(line.amount_fen),
    }
}

/// `GET /budget/carry-over.xlsx`.
pub(super) async fn xlsx(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let (name, bytes) = budget::carry_over_workbook(&site.app, &who.actor, &wanted.year).await?;
    Ok(download(&name, XLSX, bytes))
}
