//! THE TABLES. The only layer that knows the database. Readers take any connection, writers take
//! an open transaction, so that a write outside one does not compile.

pub mod account;
pub mod account_list;
pub mod attachment;
pub mod audit;
pub mod audit_log;
pub mod backup;
pub mod batch_view;
pub mod budget;
pub mod case;
pub mod db;
pub mod demo;
pub mod directory;
pub mod duplicate;
pub mod fact;
pub mod idempotency;
pub mod import;
pub mod installation;
pub mod machine;
pub mod merge;
pub mod notice;
pub mod number;
pub mod own_page;
pub mod payment;
pub mod recognition;
pub mod registry;
pub mod roster;
pub mod search;
pub mod session;
pub mod source;
pub mod spot_check;
pub mod stipend;
