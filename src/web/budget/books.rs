//! The entries behind the figures.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::{Entries, EntryRow};
use crate::domain::ledger::Account;
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::service::budget::{
    self, BudgetFilter, ENTRIES_A_PAGE, EntryLine, payer_name, source_name,
};
use crate::web::failure::Answer;
use crate::web::listing::{minute, offset, pager};
use crate::web::page::Page;
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

/// Which entries: those of a budget line, or all that one sees.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    programme: String,
    source: String,
    payer: String,
    year: String,
    page: Option<u64>,
}

impl Wanted {
    fn conditions(&self) -> [(&'static str, &str); 4] {
        [
            ("year", &self.year),
            ("programme", &self.programme),
            ("source", &self.source),
            ("payer", &self.payer),
        ]
    }

    fn filter(&self) -> BudgetFilter {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        BudgetFilter {
            programme: given(&self.programme),
            source: given(&self.source),
            payer_division: given(&self.payer),
            budget_year: self.year.parse().ok(),
        }
    }
}

/// `GET /budget/entries`.
pub(super) async fn entries(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let from = offset(wanted.page, ENTRIES_A_PAGE);
    let (app, actor) = (&site.app, &who.actor);
    let (found, total) = budget::entries(app, actor, wanted.filter(), from).await?;
    let balances = budget::balances(app, actor, wanted.filter()).await?;
    let place = (from, ENTRIES_A_PAGE, found.len());
    let balance = |(account, amount): (Account, Fen)| (account.label(), Yuan(amount));
    Ok(Page::ok(Entries {
        frame: who.frame(&site, "/budget").await?,
        rows: found.into_iter().map(row).collect(),
        balances: balances.into_iter().map(balance).collect(),
        pager: pager(("/budget/entries", &wanted.conditions()), total, place),
    })
    .into_response())
}

fn row(entry: EntryLine) -> EntryRow {
    let (kind, number) = entry.about;
    EntryRow {
        no: entry.no,
        at: minute(entry.at),
        event: entry.event.label(),
        from: entry.from.label(),
        to: entry.to.label(),
        amount: Yuan(entry.amount),
        budget_line: format!("{} · {}", entry.budget_year, source_name(&entry.source)),
        payer: payer_name(&entry.payer_division),
        award_year: entry.award_year.map(|year| year.to_string()).unwrap_or_default(),
        paid_on: entry.paid_on.map(|day| day.to_string()).unwrap_or_default(),
        about_href: match kind.as_str() {
            "batch" => Some(format!("/batches/{number}")),
            "budget_request" => Some(format!("/budget#{number}")),
            "recovery" => Some(format!("/recoveries/{number}")),
            _ => None,
        },
        about: number,
        who: entry.who,
    }
}
