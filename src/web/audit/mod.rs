//! The audit log and its verification.

mod handlers;
pub mod pages;
pub mod words;

use axum::routing::get;

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/audit", get(handlers::log))
        .route("/audit/verification", get(handlers::verification))
}
