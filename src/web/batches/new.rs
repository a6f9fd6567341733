//! Drawing up a batch.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::BatchNew;
use super::{fill, ready};
use crate::service::Error;
use crate::service::batch_pages::{self, Choices, USUAL_LINES, choices};
use crate::service::budget::{payer_name, source_name};
use crate::service::payment::{self, Criteria};
use crate::web::failure::Answer;
use crate::web::form::{Choice, FormState};
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::Filed;
use crate::web::session::SignedIn;
use crate::web::site::Site;

/// What the batch is to be about.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NewQuery {
    programme: String,
    award_year: String,
    source: String,
    payer_division: String,
    city_unit: String,
    enterprise: String,
    max_lines: String,
}

impl NewQuery {
    fn is_untouched(&self) -> bool {
        self.programme.is_empty() && self.award_year.is_empty() && self.source.is_empty()
    }

    fn from_form(filed: &Filed) -> Self {
        let text = |field| filed.text(field).to_owned();
        Self {
            programme: text("programme"),
            award_year: text("award_year"),
            source: text("source"),
            payer_division: text("payer_division"),
            city_unit: text("city_unit"),
            enterprise: text("enterprise"),
            max_lines: text("max_lines"),
        }
    }

    fn criteria(&self, choices: &Choices, purpose: &str, payer_account: &str) -> Criteria {
        Criteria {
            programme: self.programme.clone(),
            award_year: self.award_year.parse().unwrap_or(0),
            budget_year: choices.budget_year,
            source: self.source.clone(),
            payer_division: self.payer_division.clone(),
            city_unit: self.city_unit.clone(),
            enterprise_uscc: self.enterprise.clone(),
            purpose: purpose.to_owned(),
            payer_account: payer_account.to_owned(),
            max_lines: self.max_lines.parse().unwrap_or(0),
        }
    }

    /// What payees read unless somebody writes something else.
    fn usual_purpose(&self, choices: &Choices) -> String {
        let title = choices.programmes.get(&self.programme).map_or("", String::as_str);
        batch_pages::usual_purpose(&self.award_year, title)
    }
}

pub(super) async fn choose(
    State(site): State<Site>,
    who: SignedIn,
    Query(query): Query<NewQuery>,
) -> Answer {
    let choices = choices(&site.app, &who.actor).await?;
    let details = FormState::new("details")
        .with("purpose", query.usual_purpose(&choices))
        .with("payer_account", &choices.payer_account);
    let (status, page) = page(&site, &who, &choices, query, details).await?;
    Ok(Page(status, page).into_response())
}

/// The page with what would be in the batch, or with what is wrong about the choice.
async fn page(
    site: &Site,
    who: &SignedIn,
    choices: &Choices,
    mut query: NewQuery,
    details: FormState,
) -> Result<(StatusCode, BatchNew), Error> {
    let untouched = query.is_untouched();
    if untouched {
        query.programme = choices.programmes.keys().next().cloned().unwrap_or_default();
        query.payer_division.clone_from(&choices.payer_division);
        if let [only] = choices.sources.as_slice() {
            query.source.clone_from(only);
        }
        query.award_year = choices.years.first().map_or_else(String::new, i64::to_string);
        query.max_lines = USUAL_LINES.to_string();
    }
    let mut form = FormState::new("batch")
        .with("programme", &query.programme)
        .with("award_year", &query.award_year)
        .with("source", &query.source)
        .with("payer_division", &query.payer_division)
        .with("city_unit", &query.city_unit)
        .with("enterprise", &query.enterprise)
        .with("max_lines", &query.max_lines);
    let mut preview = None;
    if !untouched {
        // Purpose and account are typed later; they do not change who is paid.
        let criteria = query.criteria(choices, "用途", "付款账户");
        match payment::preview(&site.app, &who.actor, &criteria).await {
            Ok(found) => preview = Some(fill::preview(&found)?),
            Err(Error::Invalid(faults)) => {
                form =
                    faults.into_iter().fold(form, |form, (field, text)| form.wrong(&field, text));
            }
            Err(other) => return Err(other),
        }
    }
    let ready = match preview {
        Some(_) => Vec::new(),
        None => batch_pages::ready(&site.app, &who.actor).await?,
    };
    let wrong = form.has_errors() || details.has_errors();
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let choice = |value: &str, label: String| Choice { value: value.to_owned(), label };
    let programmes = choices.programmes.iter();
    let page = BatchNew {
        frame: who.frame(site, "/batches").await?,
        form,
        details,
        programmes: programmes.map(|(code, title)| choice(code, title.clone())).collect(),
        years: choices
            .years
            .iter()
            .map(|year| choice(&year.to_string(), format!("{year} 年度")))
            .collect(),
        sources: choices.sources.iter().map(|code| choice(code, source_name(code))).collect(),
        payers: vec![choice(&choices.payer_division, payer_name(&choices.payer_division))],
        cities: choices.cities.iter().map(|(code, name)| choice(code, name.clone())).collect(),
        enterprises: choices
            .enterprises
            .iter()
            .map(|(code, name)| choice(code, name.clone()))
            .collect(),
        budget_year: choices.budget_year,
        ready: ready.iter().map(|line| ready::row(&choices.payer_division, line)).collect(),
        preview,
    };
    Ok((status, page))
}

pub(super) async fn create(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let choices = choices(&site.app, &who.actor).await?;
    let query = NewQuery::from_form(&filed);
    let criteria = query.criteria(&choices, filed.text("purpose"), filed.text("payer_account"));
    let all = !filed.text("all").is_empty();
    let made = once(&site, &who, &filed, async {
        if all {
            let made = payment::create_all(&site.app, &who.actor, criteria).await?;
            return Ok(("/batches".to_owned(), said_of(&made)));
        }
        let no = payment::create(&site.app, &who.actor, criteria).await?;
        Ok((format!("/batches/{no}"), format!("批次 {no} 已编制，核对后请冻结。")))
    });
    match made.await {
        Ok(response) => Ok(response),
        Err(Error::Invalid(faults)) => again(&site, &who, &choices, query, &filed, &faults).await,
        Err(error) => Err(error.into()),
    }
}

/// The page with what was typed and what is wrong about it.
async fn again(
    site: &Site,
    who: &SignedIn,
    choices: &Choices,
    query: NewQuery,
    filed: &Filed,
    faults: &[(String, String)],
) -> Answer {
    let mut details = FormState::new("details")
        .with("purpose", filed.text("purpose"))
        .with("payer_account", filed.text("payer_account"));
    for field in ["purpose", "payer_account", "max_lines", "form"] {
        if let Some((_, text)) = faults.iter().find(|(at, _)| at == field) {
            details = details.wrong(field, text.clone());
        }
    }
    let (_, page) = page(site, who, choices, query, details).await?;
    Ok(Page::retry(page).into_response())
}

/// `POST /batches/ready`: drafts of everything that could be paid now.
pub(super) async fn create_ready(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let account = filed.text("payer_account");
    let made = once(&site, &who, &filed, async {
        let made = batch_pages::create_ready(&site.app, &who.actor, account).await?;
        Ok(("/batches".to_owned(), said_of(&made)))
    });
    match made.await {
        Ok(response) => Ok(response),
        Err(Error::Invalid(faults)) => {
            let choices = choices(&site.app, &who.actor).await?;
            again(&site, &who, &choices, NewQuery::default(), &filed, &faults).await
        }
        Err(error) => Err(error.into()),
    }
}

fn said_of(made: &[String]) -> String {
    format!("已编制 {} 个批次：{}。请逐批核对并冻结。", made.len(), made.join("、"))
}
