//! Entitlements of a year.

pub mod pages;
