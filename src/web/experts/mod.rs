//! Experts and advisory scientists: the list, putting an appointment down, one appointment with its
//! services, the certificate.

mod filed;
mod handlers;
pub mod pages;
mod samples;

use axum::Router;
use axum::routing::{get, post};

use super::site::Site;

const HERE: &str = "/experts";

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new()
        .route(HERE, get(handlers::list).post(filed::propose))
        .route("/experts.xlsx", get(handlers::xlsx))
        .route("/expert-services.xlsx", get(handlers::xlsx_of_services))
        .route("/experts/new", get(filed::new))
        .route("/experts/{no}", get(handlers::read))
        .route("/experts/{no}/certificate", get(handlers::certificate))
        .route("/experts/{no}/decision", post(filed::decide))
        .route("/experts/{no}/end", post(filed::end))
        .route("/experts/{no}/services", post(filed::record))
        .route("/expert-services/{no}", get(handlers::service))
        .route("/expert-services/{no}/decision", post(filed::confirm))
        .route("/expert-services/{no}/correction", post(filed::correct))
}
