//! Roster entries that await confirmation, and the forms that change what is on the roster.

pub(in crate::web) mod forms;
mod handlers;
pub mod pages;
mod sheets;

use axum::routing::{get, post};

/// The addresses of this area.
pub fn routes() -> axum::Router<super::site::Site> {
    axum::Router::new()
        .route("/roster/declarations", get(handlers::list))
        .route("/roster/corrections/{fact}", get(forms::ask_correction).post(forms::correct_fact))
        .route("/roster/withdrawals/{fact}", get(forms::ask_withdrawal).post(forms::withdraw))
        .route("/engineers/{no}/departures", get(forms::ask_departure).post(forms::depart))
        .route("/engineers/{no}/corrections", post(forms::correct))
        .route("/engineers/{no}/bank-account", get(forms::ask_account).post(forms::change_account))
        .route("/engineers/{no}/suspensions", get(forms::ask_suspension).post(forms::suspend))
        .route("/engineers/{no}/exclusions", get(forms::ask_exclusion).post(forms::exclude))
        .route("/enterprises/{uscc}/delisting", post(forms::delist))
}
