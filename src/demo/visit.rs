//! A visit from overseas: the first enterprise filed its invitation, which waits for the province.

use chrono::Days;

use crate::service::Error;
use crate::service::visit::{self, TypedPlan, TypedVisitor};

use super::agreement::act;
use super::stage::Stage;

const CLERK: &str = "clerk-01";
/// Days from the invitation to the arrival.
const AHEAD: u64 = 45;

/// From the plan to the filing.
pub(super) async fn play(stage: &mut Stage) -> Result<(), Error> {
    let arrival = stage.app.clock.today() + Days::new(AHEAD);
    let visitor = TypedVisitor {
        name: "LINDQVIST ERIK".to_owned(),
        country: "SWE".to_owned(),
        passport: "AA9876543".to_owned(),
        birth: "1993-08-17".to_owned(),
    };
    let plan = TypedPlan {
        origin: "SE".to_owned(),
        arrival: arrival.to_string(),
        exit: (arrival + Days::new(13)).to_string(),
        purpose: "多模态大模型安全对齐联合研究".to_owned(),
        basis: "post".to_owned(),
        detail: "斯德哥尔摩某大学 助理教授".to_owned(),
        budget: "18000.00".to_owned(),
    };
    let no = visit::begin(&stage.app, stage.actor(CLERK)?, &visitor, &plan).await?;
    let filed = [
        ("invitation", "榕智算邀〔2027〕2号"),
        ("curriculum_vitae", "简历附卷，近五年论文 12 篇"),
        ("export_check", "经审查不涉及出口管制和国家秘密"),
    ];
    act(stage, CLERK, &no, "file", &filed).await
}
