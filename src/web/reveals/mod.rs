//! Full numbers of somebody, shown for a purpose.

pub mod pages;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::get;

use self::pages::{RevealForm, RevealedPage};
use crate::domain::registry::Code;
use crate::domain::reveal::RevealPurpose;
use crate::service::reveal::{self, Asked, Of, Offer};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::page::Page;
use crate::web::send::Filed;
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::step_up::Confirmed;

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new()
        .route("/engineers/{no}/numbers", get(of_person).post(reveal_of_person))
        .route("/enterprises/{uscc}/account/number", get(of_enterprise).post(reveal_of_enterprise))
        .route("/account-filings/{no}/number", get(of_filing).post(reveal_of_filing))
}

/// The addresses of a subject: its own page, and that of its numbers.
fn places(of: Of<'_>) -> (String, String) {
    match of {
        Of::Person(no) => (format!("/engineers/{no}"), format!("/engineers/{no}/numbers")),
        Of::Enterprise(uscc) => {
            let page = format!("/enterprises/{uscc}/account");
            (page.clone(), format!("{page}/number"))
        }
        Of::Filing(no) => {
            (format!("/account-filings/{no}"), format!("/account-filings/{no}/number"))
        }
    }
}

async fn form(site: &Site, who: &SignedIn, of: Of<'_>, form: FormState) -> Answer {
    let Offer { no, name, numbers, today, most } = reveal::offer(&site.app, &who.actor, of).await?;
    let (back, action) = places(of);
    let wrong = form.has_errors();
    let page = RevealForm {
        frame: who.frame(site, menu(of)).await?,
        name,
        no,
        back,
        action,
        numbers: numbers.into_iter().map(|(value, label)| Choice { value, label }).collect(),
        purposes: Choice::of::<RevealPurpose>(),
        today,
        most,
        form,
    };
    Ok(if wrong { Page::retry(page) } else { Page::ok(page) }.into_response())
}

const fn menu(of: Of<'_>) -> &'static str {
    match of {
        Of::Person(_) => "/engineers",
        Of::Enterprise(_) => "/enterprises",
        Of::Filing(_) => "/account-filings",
    }
}

/// Fields: number, purpose, note.
async fn show(site: &Site, who: &SignedIn, of: Of<'_>, filed: &Filed) -> Answer {
    let asked = Asked {
        number: filed.text("number"),
        purpose: filed.text("purpose"),
        note: filed.text("note"),
    };
    match reveal::reveal(&site.app, &who.actor, of, asked).await {
        Ok(revealed) => {
            let offer = reveal::offer(&site.app, &who.actor, of).await?;
            let (back, again) = places(of);
            let page = RevealedPage {
                frame: who.frame(site, menu(of)).await?,
                name: offer.name,
                no: offer.no,
                back,
                again,
                label: revealed.number.label(),
                purpose: revealed.purpose.label(),
                text: revealed.text,
                today: offer.today,
                most: offer.most,
            };
            Ok(Page::ok(page).into_response())
        }
        Err(error) => {
            let wrong = back_to_form(filed.state("reveal"), error)?;
            form(site, who, of, wrong).await
        }
    }
}

async fn of_person(State(site): State<Site>, who: SignedIn, Path(no): Path<String>) -> Answer {
    form(&site, &who, Of::Person(&no), FormState::new("reveal")).await
}

async fn reveal_of_person(
    State(site): State<Site>,
    Path(no): Path<String>,
    Confirmed { who, filed }: Confirmed,
) -> Answer {
    show(&site, &who, Of::Person(&no), &filed).await
}

async fn of_enterprise(State(site): State<Site>, who: SignedIn, Path(no): Path<String>) -> Answer {
    form(&site, &who, Of::Enterprise(&no), FormState::new("reveal")).await
}

async fn reveal_of_enterprise(
    State(site): State<Site>,
    Path(no): Path<String>,
    Confirmed { who, filed }: Confirmed,
) -> Answer {
    show(&site, &who, Of::Enterprise(&no), &filed).await
}

async fn of_filing(State(site): State<Site>, who: SignedIn, Path(no): Path<String>) -> Answer {
    form(&site, &who, Of::Filing(&no), FormState::new("reveal")).await
}

async fn reveal_of_filing(
    State(site): State<Site>,
    Path(no): Path<String>,
    Confirmed { who, filed }: Confirmed,
) -> Answer {
    show(&site, &who, Of::Filing(&no), &filed).await
}
