//! Accounts of other people, and the organisations they belong to.

mod handlers;
pub mod pages;
pub mod systems;
pub mod webhooks;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/accounts", get(handlers::list).post(handlers::create))
        .route("/accounts/organisations", post(handlers::create_organisation))
        .route(systems::HERE, get(systems::list).post(systems::create))
        .route("/accounts/systems/tokens", post(systems::make_token))
        .route("/accounts/systems/tokens/{no}/revocation", post(systems::revoke))
        .route("/accounts/systems/{id}/webhooks", get(webhooks::list).post(webhooks::create))
        .route("/accounts/systems/{id}/webhooks/{no}/secret", post(webhooks::rotate))
        .route("/accounts/systems/{id}/webhooks/{no}/{act}", post(webhooks::act))
        .route(
            "/accounts/systems/{id}/webhooks/{no}/deliveries/{message}",
            post(webhooks::send_again),
        )
        .route("/accounts/{id}", get(handlers::view))
        .route("/accounts/{id}/duty", post(handlers::change_duty))
        .route("/accounts/{id}/initial-password", post(handlers::reset_password))
        .route("/accounts/{id}/second-factor-reset", post(handlers::reset_factor))
        .route("/accounts/{id}/suspension", post(handlers::disable))
        .route("/accounts/{id}/reactivation", post(handlers::enable))
}
