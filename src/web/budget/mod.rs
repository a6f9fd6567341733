//! Budget lines and their books.

mod books;
mod handlers;
pub mod pages;
mod year_end;

pub use handlers::routes;
