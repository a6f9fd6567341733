//! Budget lines.

mod handlers;
pub mod pages;

pub use handlers::routes;
