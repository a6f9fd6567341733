//! Computation of a year.

mod handlers;
pub mod pages;

use axum::routing::get;

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/runs", get(handlers::list).post(handlers::start))
        .route("/runs/{no}", get(handlers::run))
        .route("/runs/{no}/changes.xlsx", get(handlers::workbook))
        .route("/runs/{no}/progress", get(handlers::progress))
}
