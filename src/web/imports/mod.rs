//! Import of workbooks.

mod handlers;
pub mod pages;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/imports", get(handlers::list).post(handlers::upload))
        .route("/imports/new", get(handlers::new))
        .route("/imports/templates/{file}", get(handlers::template))
        .route("/imports/{no}", get(handlers::page))
        .route("/imports/{no}/annotated.xlsx", get(handlers::annotated))
        .route("/imports/{no}/confirmation", post(handlers::confirm))
        .route("/imports/{no}/discard", post(handlers::discard))
        .route("/imports/{no}/withdrawal", post(handlers::withdraw))
}
