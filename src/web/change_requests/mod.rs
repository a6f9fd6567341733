//! Changes of facts that one person asked for and another makes or sends back.

mod handlers;
pub mod pages;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/change-requests", get(handlers::list))
        .route("/change-requests/{no}", get(handlers::show))
        .route("/change-requests/{no}/decisions", post(handlers::decide))
}
