//! The console of the security administrator: what waits to be authorised, who is signed in, who is
//! locked out.

mod handlers;
pub mod pages;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/authorisations", get(handlers::list))
        .route("/authorisations/{id}", get(handlers::view))
        .route("/authorisations/{id}/authorisation", post(handlers::authorise))
        .route("/authorisations/{id}/refusal", post(handlers::refuse))
        .route("/sessions", get(handlers::sessions))
        .route("/sessions/{id}/end", post(handlers::end_session))
        .route("/sessions/locks/{id}/end", post(handlers::unlock))
}
