//! The certificate and its check.

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::{CertificatePage, Outcome, Sheet, VerifyPage};
use crate::domain::registry::Code;
use crate::file::qr;
use crate::service::certificate::{self, Certificate, Claim, Verified};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::FormState;
use crate::web::page::Page;
use crate::web::send::Filed;
use crate::web::session::{Guest, SignedIn};
use crate::web::site::Site;

/// What the sheet shows.
pub(in crate::web) fn sheet(found: Certificate) -> Sheet {
    let period = found.printed.period;
    Sheet {
        no: found.printed.no,
        name: found.printed.name,
        document: found.document,
        class: found.printed.class.label().to_owned(),
        from: long_day(period.from),
        through: period.through.map_or_else(|| "长期".to_owned(), long_day),
        enterprise: found.enterprise,
        employer: found.employer,
        recommended: found.recommended,
        decision_no: found.decision_no,
        valid: found.valid,
        mark: in_fours(&found.mark),
        qr: found.address.as_deref().and_then(qr::draw),
    }
}

fn long_day(day: chrono::NaiveDate) -> String {
    day.format("%Y年%-m月%-d日").to_string()
}

/// Groups of four, as people read codes aloud.
fn in_fours(mark: &str) -> String {
    let chars: Vec<char> = mark.chars().collect();
    let groups: Vec<String> = chars.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

pub(super) async fn certificate(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    let found = certificate::certificate(&site.app, &who.actor, &no).await?;
    let page = CertificatePage {
        frame: who.frame(&site, "/engineers").await?,
        person_no: found.person_no.clone(),
        sheet: sheet(found),
    };
    Ok(Page::ok(page).into_response())
}

/// What the QR code carries.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Carried {
    no: String,
    class: String,
    from: String,
    through: String,
    code: String,
}

pub(super) async fn ask(
    State(site): State<Site>,
    guest: Guest,
    Query(carried): Query<Carried>,
) -> Answer {
    let mut form = FormState::new("verify");
    let fields = [
        ("no", carried.no),
        ("class", carried.class),
        ("from", carried.from),
        ("through", carried.through),
        ("code", carried.code),
    ];
    for (field, value) in fields {
        form = form.with(field, value);
    }
    Ok(guest.answer(&site, |frame| Page::ok(VerifyPage { frame, form, outcome: Outcome::None }))?)
}

/// `POST /public/verify`. Fields: no, name, code; class, from, through as the QR code carries them.
pub(super) async fn verify(State(site): State<Site>, guest: Guest, filed: Filed) -> Answer {
    let text = |field: &str| filed.text(field).to_owned();
    let claim = Claim {
        no: text("no"),
        name: text("name"),
        class: text("class"),
        from: text("from"),
        through: text("through"),
        mark: text("code"),
    };
    let form = filed.state("verify");
    match certificate::verify(&site.app, &guest.address, &claim).await {
        Ok(found) => {
            let outcome = found.map_or(Outcome::Invalid, valid);
            Ok(guest.answer(&site, |frame| Page::ok(VerifyPage { frame, form, outcome }))?)
        }
        Err(error) => {
            let form = back_to_form(form, error)?;
            let page = |frame| Page::retry(VerifyPage { frame, form, outcome: Outcome::None });
            Ok(guest.answer(&site, page)?)
        }
    }
}

fn valid(found: Verified) -> Outcome {
    let through = found.period.through.map_or_else(|| "长期".to_owned(), |last| last.to_string());
    Outcome::Valid(vec![
        ("证书编号", found.no),
        ("姓名", found.name_masked),
        ("认定类别", format!("福建省高层次人才 {}", found.class.label())),
        (if found.recommended { "举荐单位" } else { "认定单位" }, found.enterprise),
        ("有效期", format!("{} 至 {through}", found.period.from)),
    ])
}
