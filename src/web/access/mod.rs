//! Signing in, the first administrator, passwords, own sessions.

pub mod pages;

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
}
