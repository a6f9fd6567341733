//! The demonstration: an invented province whose year 2026 runs through the same use cases as
//! real work. Everything here is made up; numbers carry valid check digits and belong to nobody.

mod chance;
mod enterprises;
mod people;
mod sheets;
