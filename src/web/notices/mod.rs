//! Public notices: published by the province, read and objected to by anybody.

mod handlers;
pub mod pages;
mod public;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/notices", get(handlers::list).post(handlers::publish))
        .route("/notices/new", get(handlers::ask))
        .route("/notices/restarts", post(handlers::restart))
        .route("/public/notices", get(public::list))
        .route("/public/notices/{no}", get(public::view))
        .route("/public/notices/{no}/objections", post(public::object))
}
