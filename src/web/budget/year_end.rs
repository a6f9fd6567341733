//! What becomes of the rest of a year.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::YearEndPage;
use crate::domain::ledger::BudgetAct;
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::budget::{self, BudgetKey, YearEndForm, source_name};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::Filed;
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

/// Which budget line.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    programme: String,
    source: String,
    year: String,
}

/// `GET /budget/year-end`.
pub(super) async fn form(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let form = FormState::new("year-end")
        .with("programme", &wanted.programme)
        .with("source", &wanted.source)
        .with("year", &wanted.year);
    Ok(Page::ok(page(&site, &who, form).await?).into_response())
}

async fn page(site: &Site, who: &SignedIn, mut form: FormState) -> Result<YearEndPage, Error> {
    let key = BudgetKey {
        programme: form.value("programme").to_owned(),
        source: form.value("source").to_owned(),
        payer_division: who.actor.division.clone(),
        budget_year: form.value("year").parse().unwrap_or(0),
    };
    let left = budget::left_of(&site.app, &who.actor, &key).await?;
    if form.value("amount").is_empty() {
        form = form.with("amount", left.to_string());
    }
    let programmes = budget::programmes(&site.app).await?;
    let programme = programmes.get(&key.programme).unwrap_or(&key.programme);
    Ok(YearEndPage {
        frame: who.frame(site, "/budget").await?,
        line: format!("{} 年度 · {programme} · {}", key.budget_year, source_name(&key.source)),
        left: Yuan(left),
        form,
        ways: [BudgetAct::CarryOver, BudgetAct::Lapse]
            .map(|act| Choice { value: act.code().to_owned(), label: act.label().to_owned() })
            .to_vec(),
    })
}

/// `POST /budget/year-end`.
pub(super) async fn close(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let form = YearEndForm {
        programme: filed.text("programme"),
        source: filed.text("source"),
        budget_year: filed.text("year"),
        how: BudgetAct::from_code(filed.text("how")),
        amount: filed.text("amount"),
        document_no: filed.text("document_no"),
    };
    let closed = once(&site, &who, &filed, async {
        let no = budget::propose_year_end(&site.app, &who.actor, &form).await?;
        Ok(("/budget".to_owned(), super::handlers::proposed(&no)))
    });
    match closed.await {
        Ok(response) => Ok(response),
        Err(error @ Error::Invalid(_)) => {
            let state = back_to_form(filed.state("year-end"), error)?;
            Ok(Page::retry(page(&site, &who, state).await?).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
