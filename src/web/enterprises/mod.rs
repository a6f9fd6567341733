//! Key enterprises.

pub(in crate::web) mod account;
pub mod account_pages;
pub(crate) mod handlers;
pub mod pages;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/enterprises", get(handlers::list))
        .route("/enterprises/{uscc}", get(handlers::detail))
        .route("/enterprises/{uscc}/account", get(account::show).post(account::file))
        .route("/enterprises/{uscc}/account/{no}/decisions", post(account::decide))
}
