//! Bytes in, bytes out: spreadsheets, bank files. No database.

pub mod table;
