//! The JSON interface from outside: everything that it answers and everything that it refuses.

mod caller;
mod document;
mod limits;
mod refusals;
mod work;

pub use caller::{ID, Office, first};
