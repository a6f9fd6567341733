//! Reading what is kept back, keeping back, letting go.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::Deserialize;

use super::pages::{Hold, Holds};
use crate::service::Error;
use crate::service::budget::{self, payer_name};
use crate::service::payment::{self, HOLDS_A_PAGE, HoldLine, HoldOf, may_hold};
use crate::service::stipend::CORE_ENGINEER;
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{minute, offset, pager};
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::Filed;
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

const HERE: &str = "/holds";

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new().route(HERE, get(list).post(hold)).route("/holds/{id}/release", post(release))
}

/// Which page, and whose money the form is about.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    page: Option<u64>,
    person_no: String,
    programme: String,
    year: String,
}

async fn list(State(site): State<Site>, who: SignedIn, Query(wanted): Query<Wanted>) -> Answer {
    let form = FormState::new("hold").with("person_no", &wanted.person_no);
    let form = form.with("year", &wanted.year).with("programme", &wanted.programme);
    Ok(Page::ok(page(&site, &who, wanted.page, form, None).await?).into_response())
}

async fn page(
    site: &Site,
    who: &SignedIn,
    number: Option<u64>,
    mut form: FormState,
    typed: Option<(i64, FormState)>,
) -> Result<Holds, Error> {
    let from = offset(number, HOLDS_A_PAGE);
    let (found, total) = payment::holds(&site.app, &who.actor, from).await?;
    let frame = who.frame(site, HERE).await?;
    if form.value("year").is_empty() {
        form = form.with("year", frame.year.to_string());
    }
    if form.value("programme").is_empty() {
        form = form.with("programme", CORE_ENGINEER);
    }
    let titles = budget::programmes(&site.app).await?;
    let choice =
        |(code, title): (&String, &String)| Choice { value: code.clone(), label: title.clone() };
    let shown = found.len();
    Ok(Holds {
        frame,
        rows: found.into_iter().map(|line| row(line, &titles, typed.as_ref())).collect(),
        programmes: titles.iter().map(choice).collect(),
        form: may_hold(&who.actor).then_some(form),
        pager: pager((HERE, &[]), total, (from, HOLDS_A_PAGE, shown)),
    })
}

fn prefix(id: i64) -> String {
    format!("hold-{id}")
}

fn row(
    line: HoldLine,
    titles: &BTreeMap<String, String>,
    typed: Option<&(i64, FormState)>,
) -> Hold {
    let HoldLine { row, name, amount, may_release } = line;
    let form = match typed {
        Some((id, form)) if *id == row.id => form.clone(),
        _ => FormState::new(&prefix(row.id)),
    };
    let released = row.released_at.zip(row.releaser.as_deref());
    Hold {
        id: row.id,
        name,
        no: row.person_no,
        is_stipend: row.programme == CORE_ENGINEER,
        programme: titles.get(&row.programme).cloned().unwrap_or(row.programme),
        year: row.award_year,
        payer: payer_name(&row.payer_division),
        amount: Yuan(amount),
        reason: row.reason,
        held: format!("{}，{}", row.holder, minute(row.held_at)),
        released: released.map_or_else(String::new, |(at, who)| {
            format!("{who}，{}：{}", minute(at), row.release_reason)
        }),
        state: if released.is_some() { "已解除" } else { "暂缓中" }.to_owned(),
        form: may_release.then_some(form),
    }
}

/// `POST /holds`. Fields: person_no, programme, year, reason.
async fn hold(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let of = HoldOf {
        person_no: filed.text("person_no"),
        programme: filed.text("programme"),
        year: filed.text("year"),
    };
    let held = once(&site, &who, &filed, async {
        payment::hold(&site.app, &who.actor, of, filed.text("reason")).await?;
        Ok((HERE.to_owned(), "已暂缓发放。".to_owned()))
    });
    match held.await {
        Ok(response) => Ok(response),
        Err(error @ Error::Invalid(_)) => {
            let form = back_to_form(filed.state("hold"), error)?;
            Ok(Page::retry(page(&site, &who, None, form, None).await?).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /holds/{id}/release`. Field: reason.
async fn release(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    filed: Filed,
) -> Answer {
    let released = once(&site, &who, &filed, async {
        payment::release_hold(&site.app, &who.actor, id, filed.text("reason")).await?;
        Ok((HERE.to_owned(), "已解除暂缓。".to_owned()))
    });
    match released.await {
        Ok(response) => Ok(response),
        Err(error @ Error::Invalid(_)) => {
            let typed = back_to_form(filed.state(&prefix(id)), error)?;
            let form = FormState::new("hold");
            Ok(Page::retry(page(&site, &who, None, form, Some((id, typed))).await?).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
