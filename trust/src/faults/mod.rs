//! The faults, one file each.

pub mod again;
pub mod asof;
pub mod backup;
pub mod clock;
pub mod cut;
pub mod disk;
pub mod editors;
pub mod fsync;
pub mod job;
pub mod kill;
pub mod migrate;
pub mod outage;
pub mod overload;
pub mod powercut;
pub mod race;
pub mod script;
pub mod soak;
pub mod stop;
