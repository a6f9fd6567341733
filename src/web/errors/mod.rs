//! Pages that say what went wrong.

pub mod pages;
