//! Budget lines and their books.

mod books;
mod handlers;
mod monthly;
pub mod pages;
mod year_end;

pub use handlers::routes;
