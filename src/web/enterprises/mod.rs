//! Key enterprises.

pub mod pages;
