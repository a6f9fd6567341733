//! Bytes in, bytes out: spreadsheets, bank files. No database.

pub mod form;
pub mod table;
