//! Who has not confirmed yet what is filed about them.

mod handlers;
pub mod pages;

use axum::routing::get;

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/confirmations", get(handlers::list))
        .route("/confirmations.xlsx", get(handlers::xlsx))
}
