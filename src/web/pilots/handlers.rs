//! The pilot, its authorisations and standards.

use axum::extract::State;
use axum::response::IntoResponse;

use super::pages::{PilotList, PilotRow};
use crate::domain::authority::Act;
use crate::domain::draft::DraftForm;
use crate::service::Error;
use crate::service::pilot::{self, NewPilot, NewStandard, PilotLine, QUOTAS};
use crate::web::drafts;
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::FormState;
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/pilots";

pub(super) async fn list(State(site): State<Site>, who: SignedIn) -> Answer {
    Ok(Page::ok(page(&site, &who).await?).into_response())
}

async fn page(site: &Site, who: &SignedIn) -> Result<PilotList, Error> {
    let rows = pilot::pilots(&site.app, &who.actor).await?;
    let role = who.actor.role;
    let of = (DraftForm::Standard, "");
    let (form, draft) = drafts::opened(site, &who.actor, FormState::new("standard"), of).await?;
    Ok(PilotList {
        frame: who.frame(site, HERE).await?,
        rows: rows.into_iter().map(row).collect(),
        grant: role.may(Act::GrantPilots).then(|| FormState::new("grant")),
        standard: role.may(Act::FileStandards).then_some(form),
        draft,
    })
}

fn row(line: PilotLine) -> PilotRow {
    let through = line.through.map_or_else(|| "至今".to_owned(), |day| format!("至 {day}"));
    PilotRow {
        enterprise: line.enterprise,
        uscc: line.uscc,
        legal_form: line.legal_form.to_owned(),
        period: format!("{} {through}", line.from),
        places: line
            .places
            .into_iter()
            .map(|(class, taken, quota)| format!("{class} {taken}/{quota}"))
            .collect(),
        standard: line.standard,
    }
}

/// `POST /pilots`.
pub(super) async fn grant(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let text = |field: &str| filed.text(field).to_owned();
    let new = NewPilot {
        uscc: text("uscc"),
        legal_form: text("legal_form"),
        quotas: QUOTAS.map(text),
        from: text("from"),
        through: text("through"),
        document_no: text("document_no"),
    };
    match pilot::grant(&site.app, &who.actor, &new).await {
        Ok(()) => Ok(done(HERE, "已保存试点授权")),
        Err(error) => {
            let form = back_to_form(filed.state("grant"), error)?;
            let page = PilotList { grant: Some(form), ..page(&site, &who).await? };
            Ok(Page::retry(page).into_response())
        }
    }
}

/// `POST /pilots/standards`.
pub(super) async fn file_standard(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let text = |field: &str| filed.text(field).to_owned();
    let new = NewStandard {
        title: text("title"),
        standard_no: text("standard_no"),
        content: text("content"),
    };
    match pilot::file_standard(&site.app, &who.actor, &new).await {
        Ok(()) => {
            drafts::sent(&site, &who.actor, &filed).await;
            Ok(done(HERE, "认定标准已备案，自今天起适用"))
        }
        Err(error) => {
            let form = back_to_form(filed.state("standard"), error)?;
            let draft = drafts::note_of(&filed, DraftForm::Standard);
            let page = PilotList { standard: Some(form), draft, ..page(&site, &who).await? };
            Ok(Page::retry(page).into_response())
        }
    }
}
