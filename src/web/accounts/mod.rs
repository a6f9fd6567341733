//! Accounts of other people.

pub mod pages;
