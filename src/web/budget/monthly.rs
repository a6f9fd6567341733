//! The report of a month or a year.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::{MonthPage, MonthRow};
use crate::domain::money::Fen;
use crate::service::budget::{self, MonthLine, payer_name, source_name, visible_payer};
use crate::service::heads;
use crate::web::failure::Answer;
use crate::web::form::FormState;
use crate::web::listing::{minute, query_of};
use crate::web::page::Page;
use crate::web::send::{XLSX, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

/// Which month.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    month: String,
}

/// `GET /budget/monthly`.
pub(super) async fn view(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let found = budget::month_report(&site.app, &who.actor, &wanted.month).await?;
    let typed = found.typed();
    Ok(Page::ok(MonthPage {
        frame: who.frame(&site, "/budget").await?,
        filter: FormState::new("filter").with("month", &typed),
        title: found.title(),
        export_href: format!("/budget/monthly.xlsx?{}", query_of([("month", typed.as_str())])),
        payer: visible_payer(&who.actor).map_or_else(|| "全部付款单位".to_owned(), payer_name),
        sealed: heads::last_sealed(&site.app)
            .await?
            .map(|last| (last.seal, minute(last.at), last.hash)),
        sums: sums(found.lines.iter().map(MonthLine::figures)),
        rows: found.lines.into_iter().map(row).collect(),
    })
    .into_response())
}

/// `GET /budget/monthly.xlsx`.
pub(super) async fn xlsx(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let (name, bytes) = budget::month_workbook(&site.app, &who.actor, &wanted.month).await?;
    Ok(download(&name, XLSX, bytes))
}

fn row(line: MonthLine) -> MonthRow {
    MonthRow {
        name: format!("{} · {}", line.key.budget_year, source_name(&line.key.source)),
        payer: payer_name(&line.key.payer_division),
        figures: line.figures().map(Yuan),
    }
}

/// The sums of columns of figures.
pub(super) fn sums<const N: usize>(rows: impl IntoIterator<Item = [Fen; N]>) -> [Yuan; N] {
    let mut sums = [Fen::ZERO; N];
    for row in rows {
        for (sum, amount) in sums.iter_mut().zip(row) {
            *sum = sum.checked_add(amount).unwrap_or(*sum);
        }
    }
    sums.map(Yuan)
}
