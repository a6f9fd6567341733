//! The only integration crate.
