//! What people see: one struct per page, one template per struct, filled by the handlers.

pub mod access;
pub mod accounts;
pub mod audit;
pub mod batches;
pub mod budget;
pub mod engineers;
pub mod enterprises;
pub mod entitlements;
pub mod errors;
pub mod form;
pub mod frame;
pub mod home;
pub mod imports;
pub mod page;
pub mod policies;
pub mod roster;
pub mod runs;
pub mod timeline;
pub mod words;
