//! The yearly check of recognitions.

mod handlers;
pub mod pages;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/campaigns", get(handlers::show))
        .route("/campaigns.xlsx", get(handlers::xlsx))
        .route("/campaigns/acts", post(handlers::act))
}
