//! Policy editions and their parameters.

mod handlers;
pub mod pages;

use axum::routing::get;

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/policies", get(handlers::list))
        .route("/policies/{id}", get(handlers::policy))
}
