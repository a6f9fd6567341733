//! Entitlements of a year, and why each is what it is.

pub(crate) mod explanation;
mod handlers;
pub mod pages;

use axum::routing::get;

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/entitlements", get(handlers::list))
        .route("/entitlements.xlsx", get(handlers::workbook))
        .route("/entitlements.csv", get(handlers::text))
        .route("/engineers/{no}/years/{year}", get(explanation::explain))
}
