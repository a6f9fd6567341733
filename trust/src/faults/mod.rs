//! The faults, one file each.

pub mod backup;
pub mod disk;
pub mod fsync;
pub mod kill;
pub mod outage;
pub mod powercut;
pub mod stop;
