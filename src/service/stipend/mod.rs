//! Stipend years: a run reads the facts as known at one instant, lets the engine decide each
//! person, and stores versions, shares, payable lines, supplements and proposed recoveries.

mod decide;
mod execute;
mod policy;
mod run;

pub use execute::{Execution, execute_run, resume_all};
pub use policy::{CORE_ENGINEER, ensure_shipped_policy};
pub use run::{Progress, RunState, progress, start_run};
