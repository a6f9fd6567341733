//! The only integration crate.

mod engine_random;
mod engine_reference;
mod evaluate;
mod rules;
