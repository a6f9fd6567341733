//! The accounts of one's own enterprise.

mod handlers;
pub mod pages;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/colleagues", get(handlers::list).post(handlers::invite))
        .route("/colleagues/{id}/handover", post(handlers::hand_over))
        .route("/colleagues/{id}/reactivation", post(handlers::take_back))
}
