//! The only integration crate.

mod app;
mod backup;
mod browser_like;
mod engine_random;
mod engine_reference;
mod evaluate;
mod files;
mod finance_pages;
mod fixture_payment;
mod forms;
mod identity;
mod pages;
mod registry;
mod roster;
mod rules;
mod schema;
mod stipend;
mod tidy;
mod town;
mod world;
