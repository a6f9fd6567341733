//! HR institutions: list, statistics, one institution with licences and placements.

mod handlers;
pub mod pages;

pub use handlers::routes;
