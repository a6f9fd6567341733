//! The only integration crate.

mod forms;
mod identity;
mod registry;
mod world;
mod files;
