//! The workplace: what waits for the person signed in.

pub mod pages;
