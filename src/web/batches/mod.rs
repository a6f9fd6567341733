//! Payment batches and returned money.

pub mod pages;
mod samples;

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
}
