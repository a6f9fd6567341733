//! Scenarios: what another policy text would change for everybody, as a job beside the requests.
//! The same facts, read and decided as a run does it, under the text in force and under the one
//! that is tried. Nothing is kept but the scenario.

mod ask;
mod view;
mod work;

pub use ask::{NewScenario, ask};
pub use view::{
    CHANGES_A_PAGE, ChangeLine, NamedPair, Need, Pair, SCENARIOS_A_PAGE, ScenarioLine,
    ScenarioPage, beside, change_workbook, page, scenarios,
};
pub(super) use view::{count as change_count, piece as change_piece, table as change_table};
pub use work::{Working, work};

use super::Error;
use super::stipend::CORE_ENGINEER;
use crate::code_list;

pub use crate::domain::scenario::Which;

code_list! {
    /// Where a scenario stands.
    ScenarioState {
        /// Waiting to be taken up.
        Queued = "queued", "排队中";
        /// Under way.
        Running = "running", "计算中";
        /// Done.
        Completed = "completed", "完成";
        /// Given up.
        Failed = "failed", "出错";
    }
}

impl ScenarioState {
    /// Whether it will still move.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// Only the stipend is computed over the whole registry.
fn must_be_stipend(id: &str) -> Result<(), Error> {
    if id == CORE_ENGINEER { Ok(()) } else { Err(Error::NotFound("这项政策")) }
}
