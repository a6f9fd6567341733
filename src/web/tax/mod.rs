//! How income tax is handled, and the list of what was withheld.

mod handlers;
pub mod pages;

pub use handlers::routes;
