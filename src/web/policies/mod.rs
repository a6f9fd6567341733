//! Policy editions and their parameters.

pub mod pages;
