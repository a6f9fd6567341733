//! Files that move through offices: what waits, one file with its acts, and how one is begun.

mod handlers;
pub mod pages;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/cases", get(handlers::list))
        .route("/cases/{no}", get(handlers::view))
        .route("/cases/{no}/steps", post(handlers::act))
        .route("/recognitions/new", get(handlers::ask))
        .route("/recognitions", post(handlers::open))
}
