//! Signing in, the first administrator, passwords, own sessions.

pub mod pages;
