//! The only integration crate.

mod registry;
mod world;
