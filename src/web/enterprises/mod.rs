//! Key enterprises.

pub(crate) mod handlers;
pub mod pages;

use axum::routing::get;

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/enterprises", get(handlers::list))
        .route("/enterprises/{uscc}", get(handlers::detail))
}
