//! Reading budget lines and recording money set aside.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use chrono::Datelike;

use super::pages::{BudgetDocument, BudgetList, BudgetRow};
use super::{books, monthly, overview, year_end};
use crate::domain::authority::Act;
use crate::domain::money::Fen;
use crate::service::Error;
use crate::service::budget::{
    self, AllocationForm, BudgetKey, BudgetLine, payer_name, source_name,
};
use crate::web::batches::minute;
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::query_of;
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::Filed;
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new()
        .route("/budget", get(list).post(record))
        .route("/budget/entries", get(books::entries))
        .route("/budget/overview", get(overview::overview))
        .route("/budget/forecast", get(overview::forecast))
        .route("/budget/monthly", get(monthly::view))
        .route("/budget/monthly.xlsx", get(monthly::xlsx))
        .route("/budget/year-end", get(year_end::form).post(year_end::close))
}

async fn list(State(site): State<Site>, who: SignedIn) -> Answer {
    let year = site.app.clock.today().year().to_string();
    let form = FormState::new("budget").with("year", year).with("payer", &who.actor.division);
    Ok(Page::ok(page(&site, &who, form).await?).into_response())
}

async fn page(site: &Site, who: &SignedIn, mut form: FormState) -> Result<BudgetList, Error> {
    let lines = budget::lines(&site.app, &who.actor, None).await?;
    let may_record = who.actor.role.may(Act::MakeBatch);
    let sources = if may_record { budget::sources(&site.app, &who.actor).await? } else { vec![] };
    let programmes = budget::programmes(&site.app).await?;
    let this_year = i64::from(site.app.clock.today().year());
    if form.value("programme").is_empty() {
        let first = programmes.keys().next().cloned().unwrap_or_default();
        form = form.with("programme", first);
    }
    if let ([only], false) = (sources.as_slice(), form.has_errors()) {
        form = form.with("source", only);
    }
    let payer = &who.actor.division;
    Ok(BudgetList {
        frame: who.frame(site, "/budget").await?,
        rows: lines
            .iter()
            .map(|line| {
                let own = may_record && line.key.payer_division == who.actor.division;
                row(line, &programmes, own && line.key.budget_year < this_year)
            })
            .collect(),
        documents: lines.iter().flat_map(documents).collect(),
        form: may_record.then_some(form),
        sources: sources
            .into_iter()
            .map(|source| Choice { label: source_name(&source), value: source })
            .collect(),
        programmes: programmes.into_iter().map(|(value, label)| Choice { value, label }).collect(),
        payers: vec![Choice { value: payer.clone(), label: payer_name(payer) }],
    })
}

/// The budget line as a part of an address.
fn line_query(key: &BudgetKey) -> String {
    let year = key.budget_year.to_string();
    query_of([
        ("year", year.as_str()),
        ("programme", &key.programme),
        ("source", &key.source),
        ("payer", &key.payer_division),
    ])
}

fn row(line: &BudgetLine, programmes: &BTreeMap<String, String>, may_close: bool) -> BudgetRow {
    let (key, figures) = (&line.key, &line.figures);
    let rest = may_close && figures.available > Fen::ZERO;
    BudgetRow {
        year: key.budget_year,
        entries_href: format!("/budget/entries?{}", line_query(key)),
        year_end_href: rest.then(|| format!("/budget/year-end?{}", line_query(key))),
        programme: programmes.get(&key.programme).unwrap_or(&key.programme).clone(),
        source: source_name(&key.source),
        payer: payer_name(&key.payer_division),
        allotted: Yuan(figures.allocated),
        carried: Yuan(figures.carried),
        frozen: Yuan(figures.frozen),
        sent: Yuan(figures.sent),
        paid: Yuan(figures.paid),
        failed: Yuan(figures.failed),
        returned: Yuan(figures.returned),
        balance: Yuan(figures.available),
    }
}

fn documents(line: &BudgetLine) -> impl Iterator<Item = BudgetDocument> {
    line.allocations.iter().map(|allocation| BudgetDocument {
        year: line.key.budget_year,
        source: source_name(&line.key.source),
        payer: payer_name(&line.key.payer_division),
        number: allocation.document_no.clone(),
        amount: Yuan::of(allocation.amount_fen),
        who: allocation.recorded_by.clone(),
        at: minute(allocation.recorded_at),
    })
}

async fn record(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let form = AllocationForm {
        programme: filed.text("programme"),
        source: filed.text("source"),
        payer_division: filed.text("payer"),
        budget_year: filed.text("year"),
        amount: filed.text("amount"),
        document_no: filed.text("document_no"),
    };
    let recorded = once(&site, &who, &filed, async {
        budget::record_allocation(&site.app, &who.actor, &form).await?;
        Ok(("/budget".to_owned(), "指标已登记。".to_owned()))
    });
    match recorded.await {
        Ok(response) => Ok(response),
        Err(error @ Error::Invalid(_)) => {
            let state = back_to_form(filed.state("budget"), error)?;
            Ok(Page::retry(page(&site, &who, state).await?).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
