//! Accounts of other people, and the organisations they belong to.

mod handlers;
pub mod pages;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/accounts", get(handlers::list).post(handlers::create))
        .route("/accounts/organisations", post(handlers::create_organisation))
        .route("/accounts/{id}", get(handlers::view))
        .route("/accounts/{id}/duty", post(handlers::change_duty))
        .route("/accounts/{id}/initial-password", post(handlers::reset_password))
        .route("/accounts/{id}/suspension", post(handlers::disable))
        .route("/accounts/{id}/reactivation", post(handlers::enable))
}
