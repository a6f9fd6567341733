//! Visits of young talents from overseas: the list, planning one, claiming it, cutting costs, the
//! visitor's account. What moves the file on is done on its page of files.

mod handlers;
pub mod pages;
mod shown;

pub use handlers::routes;
