//! Exchange rates: which hold, and the two people who read a file in and confirm it.

mod handlers;
pub mod pages;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/exchange-rates", get(handlers::list))
        .route("/exchange-rates/uploads", post(handlers::propose))
        .route("/exchange-rates/templates/{file}", get(handlers::template))
        .route("/exchange-rates/uploads/{no}", get(handlers::upload))
        .route("/exchange-rates/uploads/{no}/decisions", post(handlers::decide))
}
