//! Juncai 骏才: talent registry and engineer stipend system.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod courier;
pub mod demo;
pub mod depot;
pub use domain::{self, code_list};
pub mod file;
pub mod head_file;
pub mod own_forms;
pub mod post;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod vault;
pub mod web;
