//! The only integration crate.

mod forms;
mod identity;
