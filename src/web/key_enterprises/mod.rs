//! The key-enterprise list as work: calls, applications, the reports and checks of the year.

mod applications;
mod reports;

pub mod pages;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/applications", get(applications::list).post(applications::apply))
        .route("/applications/new", get(applications::ask))
        .route("/applications/calls", post(applications::publish))
        .route("/applications/calls/revocations", post(applications::revoke))
        .route("/enterprises/{uscc}/file", post(applications::take_over))
        .route("/annual-reports", get(reports::list).post(reports::file))
        .route("/annual-reports.xlsx", get(reports::table))
        .route("/annual-reports/checks", post(reports::begin))
}
