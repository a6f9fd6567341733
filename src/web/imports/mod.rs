//! Import of workbooks.

pub mod pages;
