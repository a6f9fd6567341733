//! The audit log and its verification, the heads that leave the machine, one person's way on one
//! screen, evidence bundles.

mod evidence;
pub mod evidence_pages;
mod handlers;
pub mod pages;
mod verbs;
pub mod words;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/audit", get(handlers::log))
        .route("/audit/verification", get(handlers::verification))
        .route("/audit/heads", get(handlers::heads_file))
        .route("/audit/key", get(handlers::public_key))
        .route("/audit/persons", get(evidence::find))
        .route("/audit/persons/{no}", get(evidence::person))
        .route("/audit/persons/{no}/bundle", post(evidence::person_bundle))
        .route("/audit/batches/{no}", get(evidence::batch))
        .route("/audit/batches/{no}/bundle", post(evidence::batch_bundle))
}
