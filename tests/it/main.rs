//! The only integration crate.

mod pages;
