//! The only integration crate.

mod files;
mod forms;
mod identity;
mod registry;
mod schema;
mod tidy;
mod world;
mod engine_random;
mod engine_reference;
mod evaluate;
mod rules;
mod pages;
