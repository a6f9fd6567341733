//! An expert of the province: appointed by two people, two services confirmed by the other side, the
//! funding of the term reported and approved. The expert's own employer is on the list, which the page
//! says.

use crate::service::Error;
use crate::service::expert::{self, TypedAppointment, TypedService};

use super::agreement::act;
use super::enterprises::Enterprise;
use super::plan::Life;
use super::recognitions::staying;
use super::stage::Stage;

const HR: &str = "hr-province";
const ACCEPTS: &str = "hr-province-3";
const APPROVES: &str = "hr-province-4";
/// The clerk of the enterprise that is advised.
const HOST: &str = "clerk-02";
const FUNDING: &str = "120000.00";

/// From the document to the approval of the funding.
pub(super) async fn play(
    stage: &mut Stage,
    enterprises: &[Enterprise],
    lives: &[Life],
) -> Result<(), Error> {
    let (Some(life), [own, host, ..]) = (staying(lives).nth(9), enterprises) else {
        return Ok(());
    };
    let typed = TypedAppointment {
        person: stage.person_no(life).await?,
        kind: "group_expert".to_owned(),
        field: "大模型推理加速".to_owned(),
        employer: own.name.clone(),
        employer_uscc: own.uscc.clone(),
        enterprise: host.uscc.clone(),
        from: "2027-01-01".to_owned(),
        through: "2027-12-31".to_owned(),
        document_no: "闽人社聘〔2027〕4号".to_owned(),
        body: "福建省人力资源和社会保障厅".to_owned(),
        funding: FUNDING.to_owned(),
    };
    stage.later(40);
    let no = expert::propose(&stage.app, stage.actor(HR)?, &typed).await?;
    stage.later(60);
    let note = "与聘任文件一致";
    expert::decide(&stage.app, stage.actor(ACCEPTS)?, &no, true, note).await?;
    let served =
        |on, uscc, kind, hours, content| TypedService { uscc, served_on: on, kind, hours, content };
    let guided = served("2027-04-15", host.uscc.as_str(), "guidance", "6", "评审推理芯片验证方案");
    let trained = served("2027-05-13", "", "technical", "3.5", "现场优化推理服务的显存占用");
    let first = expert::record(&stage.app, stage.actor(HR)?, &no, &guided).await?;
    stage.later(30);
    expert::confirm(&stage.app, stage.actor(HOST)?, &first, true, "").await?;
    let second = expert::record(&stage.app, stage.actor(HOST)?, &no, &trained).await?;
    stage.later(30);
    expert::confirm(&stage.app, stage.actor(HR)?, &second, true, "").await?;
    let seen = expert::expert(&stage.app, stage.actor(HR)?, &no).await?;
    let Some((file, _)) = seen.file else { return Err(Error::NotFound("聘期经费的办件")) };
    let report = [("service_report", "聘期服务报告：指导 1 次、技术支持 1 次，企业均已确认")];
    act(stage, HR, &file, "report", &report).await?;
    let decision = [("decision_document", "闽人社专家〔2027〕2号")];
    act(stage, APPROVES, &file, "approve", &decision).await
}
