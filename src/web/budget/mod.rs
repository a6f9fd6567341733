//! Budget lines.

pub mod pages;
