//! Payment batches and returned money.

mod actions;
mod acts;
mod check;
pub mod control;
mod fill;
mod handlers;
mod new;
pub mod pages;
mod paper;
mod ready;
mod samples;
mod suspense;

use axum::Router;
use axum::routing::{get, post};

use super::site::Site;

pub(super) use fill::minute;

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new()
        .route("/batches", get(handlers::list).post(new::create))
        .route("/batches/new", get(new::choose))
        .route("/batches/ready", post(new::create_ready))
        .route("/batches/{no}", get(handlers::batch))
        .route("/batches/{no}/summary", get(paper::summary))
        .route("/batches/{no}/control", get(control::page))
        .route("/batches/{no}/details", get(paper::details))
        .route("/batches/{no}/file.csv", get(handlers::bank_file))
        .route("/batches/{no}/file.txt", get(handlers::bank_file))
        .route("/batches/{no}/file.xml", get(handlers::message))
        .route("/batches/{no}/file.xlsx", get(handlers::xlsx))
        .route("/batches/{no}/voucher.xlsx", get(handlers::voucher))
        .route("/batches/{no}/freeze", post(acts::freeze))
        .route("/batches/{no}/check", get(check::page).post(check::check))
        .route("/batches/{no}/approve", post(acts::approve))
        .route("/batches/{no}/return-to-maker", post(acts::send_back))
        .route("/batches/{no}/cancel", post(acts::cancel))
        .route("/batches/{no}/file", post(acts::issue))
        .route("/batches/{no}/sent", post(acts::sent))
        .route("/batches/{no}/returns", post(acts::load_return))
        .route("/batches/{no}/returns/{n}/confirmation", post(acts::confirm_return))
        .route("/batches/{no}/close", post(acts::close))
        .route("/batches/templates/{file}", get(acts::template))
        .route("/suspense", get(suspense::list))
        .route("/suspense/{id}/resolution", post(suspense::resolve))
}
