//! The only integration crate.

mod identity;
mod registry;
mod world;
mod files;
mod pages;
