//! The only integration crate.

mod identity;
