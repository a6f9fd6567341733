//! Talent programmes: places, nominations, results.

mod handlers;
pub mod pages;

pub use handlers::routes;
