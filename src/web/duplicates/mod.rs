//! Likely duplicates, and merges of persons.

mod handlers;
mod merges;
pub mod pages;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/duplicates", get(handlers::list))
        .route("/duplicates.xlsx", get(handlers::xlsx))
        .route("/duplicates/pair", get(handlers::pair))
        .route("/duplicates/dismissals", post(handlers::dismiss))
        .route("/duplicates/proposals", post(handlers::propose))
        .route("/duplicates/merges/{no}", get(merges::view))
        .route("/duplicates/merges/{no}/confirmation", post(merges::confirm))
        .route("/duplicates/merges/{no}/rejection", post(merges::reject))
        .route("/duplicates/merges/{no}/undo", post(merges::propose_undo))
}
