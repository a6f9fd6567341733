//! Roster entries that await confirmation.

pub mod pages;
