//! Vocational training: list, statistics, one training with who attended.

mod handlers;
pub mod pages;

pub(crate) use handlers::places;
pub use handlers::routes;
