//! Core engineers: list, record, and why an amount is what it is.

pub mod explanation;
pub mod pages;
mod record_samples;
mod samples;

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
}
