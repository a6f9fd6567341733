//! Core engineers: list, record, and why an amount is what it is.

pub mod disputes;
pub mod explanation;
mod list;
pub mod money;
pub mod pages;
pub(crate) mod record;
mod record_samples;
pub(crate) mod rows;
pub(crate) mod samples;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/engineers", get(list::list))
        .route("/engineers.xlsx", get(list::xlsx))
        .route("/engineers.csv", get(list::csv))
        .route("/engineers/lookup", post(list::lookup))
        .route("/engineers/{no}", get(record::record))
        .route("/engineers/{no}/money", get(money::money))
        .route("/engineers/{no}/activation", post(record::activate))
        .merge(super::attachments::routes::<record::Engineers>())
        .route("/disputes", get(disputes::list))
        .route("/disputes/{id}/answer", post(disputes::answer))
        .route("/disputes/years/{id}/answer", post(disputes::answer_year))
}
