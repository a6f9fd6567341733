//! Money that a finance office keeps back.

mod handlers;
pub mod pages;

pub use handlers::routes;
