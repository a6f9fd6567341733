//! The workplace: what waits for the person signed in.

mod handlers;
pub mod pages;

use axum::routing::get;

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new().route("/", get(handlers::home))
}
