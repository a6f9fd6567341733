//! The person's own page: apart from the offices' site in cookie, session, frame and address.

mod access;
mod handlers;
pub mod pages;
mod samples;
mod session;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/me", get(handlers::me))
        .route("/me/sign-in", get(access::sign_in_page).post(access::sign_in))
        .route("/me/activation", get(access::activation_page).post(access::activate))
        .route("/me/sign-out", post(access::sign_out))
        .route("/me/password", get(access::password_page).post(access::change_password))
        .route("/me/years/{year}", get(handlers::year))
        .route("/me/money", get(handlers::money))
        .route("/me/recognitions/{no}/certificate", get(handlers::certificate))
        .route("/me/data.json", get(handlers::data_json))
        .route("/me/data.xlsx", get(handlers::data_xlsx))
        .route("/me/confirmations", post(handlers::confirm))
        .route("/me/years/{year}/declaration", post(handlers::declare))
        .route("/me/years/{year}/dispute", post(handlers::dispute))
        .route("/me/recoveries/{no}/statement", post(handlers::plead))
}

/// Whether an address belongs to this area.
pub(super) fn is_own(path: &str) -> bool {
    path == "/me" || path.starts_with("/me/")
}
