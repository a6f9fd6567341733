//! The ten checks of a finance office.

pub mod pages;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use axum::routing::get;
use serde::Deserialize;

use self::pages::{CheckRow, DifferenceRow, ReconciliationPage};
use crate::domain::money::Fen;
use crate::service::budget::{payer_name, visible_payer};
use crate::service::reconciliation::{self, Check, Place, Unit, Wanted};
use crate::web::failure::Answer;
use crate::web::form::{Choice, FormState};
use crate::web::page::Page;
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

const HERE: &str = "/reconciliation";

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new().route(HERE, get(view))
}

/// What is to be reconciled.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    year: String,
    batch: String,
}

async fn view(State(site): State<Site>, who: SignedIn, Query(asked): Query<Asked>) -> Answer {
    let wanted = Wanted { award_year: asked.year.trim().parse().ok(), batch_no: &asked.batch };
    let found = reconciliation::reconcile(&site.app, &who.actor, wanted).await?;
    let years: Vec<String> = found.years.iter().map(i64::to_string).collect();
    let years: Vec<_> = years.iter().map(|year| (year.as_str(), year.as_str())).collect();
    let filter = FormState::new("filter").with("year", asked.year.trim());
    Ok(Page::ok(ReconciliationPage {
        frame: who.frame(&site, HERE).await?,
        filter: filter.with("batch", asked.batch.trim()),
        years: Choice::list(&years),
        payer: visible_payer(&who.actor).map_or_else(|| "全部付款单位".to_owned(), payer_name),
        batches: found.batches,
        total: Yuan(found.total),
        wrong: found.checks.iter().filter(|check| !check.rows.is_empty()).count(),
        checks: found.checks.into_iter().map(check).collect(),
    })
    .into_response())
}

fn check(check: Check) -> CheckRow {
    let side = |amount: i64| match check.unit {
        Unit::Fen => Fen::new(amount).grouped(),
        Unit::Rows => amount.to_string(),
    };
    let href = |object: &str| match check.place {
        Place::Batch => Some(format!("/batches/{object}")),
        Place::Person => Some(format!("/engineers/{object}")),
        Place::None => None,
    };
    let rows = check.rows.iter().map(|row| DifferenceRow {
        href: href(&row.object),
        object: row.object.clone(),
        expected: side(row.expected),
        found: side(row.found),
    });
    CheckRow {
        rows: rows.collect(),
        number: check.number,
        title: check.title,
        sides: check.sides,
        is_cut: check.rows.len() >= reconciliation::MOST_ROWS,
    }
}
