//! Juncai 骏才: talent registry and engineer stipend system.

pub mod cli;
pub mod domain;
pub mod file;
pub mod web;
