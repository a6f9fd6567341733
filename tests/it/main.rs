//! The only integration crate.

mod files;
