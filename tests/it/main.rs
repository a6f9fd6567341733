//! The only integration crate.

mod engine_reference;
mod evaluate;
mod rules;
