//! Bytes in, bytes out: spreadsheets, bank files. No database.

pub mod bank;
pub mod hash;
pub mod reader;
pub mod form;
pub mod table;
pub mod workbook;
