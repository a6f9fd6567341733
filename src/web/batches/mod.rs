//! Payment batches and returned money.

pub mod pages;
mod samples;
