//! Working days of years: read, loaded and confirmed.

mod handlers;
pub mod pages;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/calendars", get(handlers::list).post(handlers::propose))
        .route("/calendars/{year}", get(handlers::year))
        .route("/calendars/{year}/decisions", post(handlers::decide))
}
