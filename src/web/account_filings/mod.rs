//! Accounts that one person put down and another confirms or sends back.

mod handlers;
pub mod pages;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/account-filings", get(handlers::list))
        .route("/account-filings/confirmations", post(handlers::confirm_many))
        .route("/account-filings/{no}", get(handlers::show))
        .route("/account-filings/{no}/decisions", post(handlers::decide))
}
