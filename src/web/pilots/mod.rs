//! Which enterprises recognise talent themselves, and by which standard.

mod handlers;
pub mod pages;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/pilots", get(handlers::list).post(handlers::grant))
        .route("/pilots/standards", post(handlers::file_standard))
}
