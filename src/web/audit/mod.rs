//! The audit log and its verification.

pub mod pages;
