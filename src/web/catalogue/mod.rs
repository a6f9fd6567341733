//! The conflict catalogue: which awards of a year the stipend excludes, tops up or stands beside.

mod handlers;
pub mod pages;

pub use handlers::routes;
