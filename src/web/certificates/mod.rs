//! Certificates: the printable page, and the page on which anybody checks one.

mod handlers;
pub mod pages;

use axum::routing::get;

pub(super) use handlers::sheet;

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/recognitions/{no}/certificate", get(handlers::certificate))
        .route("/public/verify", get(handlers::ask).post(handlers::verify))
}
