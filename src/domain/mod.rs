//! THE RULES. Pure: no database, no HTTP, no clock, no randomness; only values in, values out.

pub mod adjustment;
pub mod attachment;
pub mod authority;
pub mod calendar;
pub mod capital;
pub mod determine;
pub mod dossier;
pub mod duplicate;
pub mod duty;
pub mod edition;
pub mod funding;
pub mod identity;
pub mod lifecycle;
pub mod lockout;
pub mod machine;
pub mod money;
pub mod password;
pub mod payment;
pub mod period;
pub mod recognition;
pub mod region;
pub mod registry;
pub mod roster;
pub mod search;
pub mod spot_check;
pub mod versions;
