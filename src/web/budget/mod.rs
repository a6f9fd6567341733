//! Budget lines and their books.

mod books;
mod carry_over;
mod handlers;
mod monthly;
mod overview;
pub mod pages;
pub mod views;
mod year_end;

pub use handlers::routes;
