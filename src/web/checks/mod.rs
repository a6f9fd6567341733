//! Samples that an office checks, and what follows for the pilot.

mod handlers;
pub mod pages;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/checks", get(handlers::list).post(handlers::draw))
        .route("/checks/suspensions/{id}", post(handlers::decide))
        .route("/checks/{no}", get(handlers::sample))
        .route("/checks/{no}/table.xlsx", get(handlers::table))
        .route("/checks/{no}/items/{seq}", post(handlers::record))
}
