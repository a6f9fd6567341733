//! Policy editions and their parameters, proposed texts and golden cases.

pub mod case_pages;
mod cases;
pub mod draft_pages;
mod drafts;
mod handlers;
pub mod notes;
pub mod pages;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .merge(super::attachments::routes::<drafts::Drafts>())
        .route("/policies", get(handlers::list))
        .route("/policies/{id}", get(handlers::policy))
        .route("/policies/drafts/{no}", get(drafts::by_number))
        .route("/policies/{id}/cases", get(cases::in_force))
        .route("/policies/{id}/drafts", post(drafts::propose))
        .route("/policies/{id}/drafts/new", get(drafts::new))
        .route("/policies/{id}/drafts/{no}", get(drafts::draft))
        .route("/policies/{id}/drafts/{no}/decision", post(drafts::decide))
        .route("/policies/{id}/drafts/{no}/cases", post(cases::add))
        .route("/policies/{id}/drafts/{no}/cases/new", get(cases::new))
        .route("/policies/{id}/drafts/{no}/cases/{case}", get(cases::history).post(cases::change))
}
