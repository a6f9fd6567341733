//! Money that is to come back: the payer's list, one recovery, its letters.

mod handlers;
mod letters;
pub mod pages;

use axum::Router;
use axum::routing::{get, post};

use crate::web::site::Site;

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new()
        .route("/recoveries", get(handlers::list))
        .route("/recoveries/{no}", get(handlers::view))
        .route("/recoveries/{no}/steps", post(handlers::act))
        .route("/recoveries/{no}/letters/{kind}", get(letters::view))
}
