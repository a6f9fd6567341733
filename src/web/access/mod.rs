//! Signing in, the first administrators, passwords, own sessions.

pub(super) mod device;
mod handlers;
pub mod pages;
mod security;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/sign-in", get(handlers::sign_in_page).post(handlers::sign_in))
        .route("/sign-in/code", get(security::code_page).post(security::check_code))
        .route("/sign-out", post(handlers::sign_out))
        .route("/setup/{token}", get(handlers::setup_page).post(handlers::set_up))
        .route("/password", get(handlers::password_page).post(handlers::change_password))
        .route("/account", get(handlers::account))
        .route("/account/second-factor", get(security::security).post(security::enrol))
        .route("/account/second-factor/replacement", get(security::replacement))
        .route(
            "/account/second-factor/codes",
            get(security::codes_gone).post(security::fresh_codes),
        )
        .route("/account/mail", post(handlers::prefer_mail))
        .route("/account/sessions/sign-out", post(handlers::end_other_sessions))
        .route("/account/sessions/{id}/sign-out", post(handlers::end_session))
}
