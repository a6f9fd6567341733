//! The only integration crate.
#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod accounts;
mod app;
mod attachments;
mod backup;
mod browser;
mod browser_like;
mod demo;
mod directory;
mod engine_random;
mod engine_reference;
mod evaluate;
mod files;
mod finance_pages;
mod fixture_payment;
mod forms;
mod identity;
mod imports;
mod lifecycles;
mod me;
mod once;
mod pages;
mod payment;
mod recognitions;
mod registry;
mod roster;
mod rules;
mod schema;
mod sign_in;
mod stipend;
mod stipend_pages;
mod stipend_random;
mod tidy;
mod town;
mod world;
