//! Computation of a year.

pub mod pages;
