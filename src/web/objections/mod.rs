//! Objections: followed by receipt from outside, and their objector opened inside.

mod handlers;
pub mod pages;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/public/objections", get(handlers::ask).post(handlers::show))
        .route("/public/objections/withdrawals", post(handlers::withdraw))
        .route("/public/objections/reviews", post(handlers::review))
        .route("/cases/{no}/objector", get(handlers::ask_why).post(handlers::open))
}
