//! Files that move through offices: what waits, one file with its acts, and how one is begun.

pub mod beside;
pub mod cosign;
mod handlers;
mod inbox;
pub mod letter;
pub mod pages;
pub mod personal;
pub mod talk;
pub mod transfer;

use axum::routing::{get, post};
use chrono::NaiveDate;

use self::pages::{CaseRow, Signing};
use crate::service::case::CaseLine;

const HERE: &str = "/cases";

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/cases", get(inbox::list))
        .route("/cases.xlsx", get(inbox::xlsx))
        .route("/cases/bulk", post(inbox::bulk))
        .route("/cases/filters", post(inbox::save_filter))
        .route("/cases/filters/{id}", post(inbox::change_filter))
        .route("/cases/{no}", get(handlers::view))
        .route("/cases/{no}/letters/{step}", get(letter::view))
        .route("/cases/{no}/steps", post(handlers::act))
        .route("/cases/{no}/hand-over", post(beside::hand_over))
        .route("/cases/{no}/messages", post(talk::write))
        .route("/cases/{no}/cosign", post(cosign::ask))
        .route("/cases/{no}/cosign/answer", post(cosign::answer))
        .route("/cases/{no}/cosign/close", post(cosign::close))
        .merge(super::attachments::routes::<handlers::Cases>())
        .route("/delegations", get(personal::page).post(personal::delegate))
        .route("/delegations/{id}/end", post(personal::end_delegation))
        .route("/relations", post(personal::declare))
        .route("/relations/{id}/end", post(personal::end_relation))
        .route("/recognitions/new", get(handlers::ask))
        .route("/recognitions", post(handlers::open))
        .route("/recognitions/transfers/new", get(transfer::ask))
        .route("/recognitions/transfers", post(transfer::confirm))
}

pub(in crate::web) use handlers::{act_form, step, submitted};

/// A line of the list.
fn row(line: CaseLine, today: NaiveDate) -> CaseRow {
    let signing = line.signing.map(|(since, due_on)| Signing {
        since: since.to_string(),
        due: due_on.map_or_else(|| "—".to_owned(), |day| day.to_string()),
        overdue: due_on.is_some_and(|last| last < today),
    });
    CaseRow {
        no: line.no,
        kind: line.kind.to_owned(),
        about: line.about,
        enterprise: line.enterprise,
        state: line.state.to_owned(),
        since: line.since.to_string(),
        due: line.due_on.map_or_else(|| "—".to_owned(), |day| day.to_string()),
        overdue: line.overdue,
        recused: line.recused,
        signing,
        steps_seen: line.steps_seen,
        chosen: false,
    }
}
