//! Two questions of the province: what would it cost if nine months were asked for, or if the days
//! counted?

use super::DemoError;
use super::stage::Stage;
use crate::service::scenario::{self, NewScenario};
use crate::service::stipend::CORE_ENGINEER;

/// Asks both and works them out.
pub(super) async fn play(stage: &mut Stage) -> Result<(), DemoError> {
    let actor = stage.actor("hr-province")?.clone();
    let year = "2026";
    let asked = NewScenario { year, ..NewScenario::default() };
    for new in [
        NewScenario { name: "满九个月才发放", min_months: "9", ..asked.clone() },
        NewScenario { name: "按日折算", proration: "daily", ..asked },
    ] {
        stage.later(5);
        scenario::ask(&stage.app, &actor, CORE_ENGINEER, &new).await?;
    }
    scenario::work(&stage.app).await?;
    Ok(())
}
