//! Importing spreadsheets: what is told before, what is saved after, and what is saved twice never.

mod browser;
mod changes;
mod entries;
pub mod ground;
mod offices;
mod process;
mod samples;
