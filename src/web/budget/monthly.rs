//! The report of a month.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::{MonthPage, MonthRow};
use crate::domain::money::Fen;
use crate::service::budget::{self, MonthLine, payer_name, source_name, visible_payer};
use crate::web::failure::Answer;
use crate::web::form::FormState;
use crate::web::page::Page;
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
    let month = found.month.format("%Y-%m").to_string();
    Ok(Page::ok(MonthPage {
        frame: who.frame(&site, "/budget").await?,
        filter: FormState::new("filter").with("month", &month),
        month: found.month.format("%Y 年 %-m 月").to_string(),
        payer: visible_payer(&who.actor).map_or_else(|| "全部付款单位".to_owned(), payer_name),
        sums: sums(&found.lines),
        rows: found.lines.into_iter().map(row).collect(),
    })
    .into_response())
}

fn row(line: MonthLine) -> MonthRow {
    MonthRow {
        name: format!("{} · {}", line.key.budget_year, source_name(&line.key.source)),
        payer: payer_name(&line.key.payer_division),
        figures: figures(&line).map(Yuan),
    }
}

fn figures(line: &MonthLine) -> [Fen; 9] {
    [
        line.opening,
        line.allotted,
        line.frozen,
        line.failed,
        line.set_off,
        line.carried,
        line.closing,
        line.paid,
        line.recovered,
    ]
}

fn sums(lines: &[MonthLine]) -> [Yuan; 9] {
    let mut sums = [Fen::ZERO; 9];
    for line in lines {
        for (sum, amount) in sums.iter_mut().zip(figures(line)) {
            *sum = sum.checked_add(amount).unwrap_or(*sum);
        }
    }
    sums.map(Yuan)
}
