//! Bytes in, bytes out: spreadsheets, bank files. No database.

pub mod bank;
pub mod evidence;
pub mod form;
pub mod hash;
pub mod heads;
pub mod kind;
pub mod qr;
pub mod reader;
pub mod table;
pub mod voucher;
pub mod workbook;
