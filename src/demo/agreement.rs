//! A case-by-case agreement: a team of the first enterprise reached the first milestone, whose money
//! waits for a batch; the second milestone is ahead.

use std::collections::BTreeMap;

use crate::domain::authority::Scope;
use crate::service::Error;
use crate::service::agreement::{self, TypedAgreement, TypedTranche};
use crate::service::budget::{self, AllocationForm};
use crate::service::case::{self, Submitted};
use crate::store::case as store;

use super::enterprises::Enterprise;
use super::plan::Life;
use super::recognitions::staying;
use super::stage::Stage;

const HR: &str = "hr-province";
const ACCEPTS: &str = "hr-province-3";
const APPROVES: &str = "hr-province-4";
const TOTAL: &str = "3000000.00";

/// From the decision document to the approval of the first tranche.
pub(super) async fn play(
    stage: &mut Stage,
    enterprises: &[Enterprise],
    lives: &[Life],
) -> Result<(), Error> {
    let team: Vec<&Life> = staying(lives).skip(5).take(3).collect();
    let (Some(host), [leader, others @ ..]) = (enterprises.first(), team.as_slice()) else {
        return Ok(());
    };
    let mut members = Vec::with_capacity(others.len());
    for member in others {
        members.push(stage.person_no(member).await?);
    }
    let typed = typed(&host.uscc, stage.person_no(leader).await?, &members);
    let no = agreement::propose(&stage.app, stage.actor(HR)?, &typed).await?;
    stage.later(90);
    let note = "与决定文件一致";
    agreement::decide(&stage.app, stage.actor(ACCEPTS)?, &no, true, note).await?;
    let allocation = AllocationForm {
        programme: agreement::PROGRAMME,
        source: "province",
        payer_division: "350000",
        budget_year: "2027",
        amount: TOTAL,
        document_no: "闽财社指〔2027〕21号",
        ..AllocationForm::default()
    };
    let (maker, approver) = (stage.actor("finance-maker")?, stage.actor("finance-approver")?);
    let allotted = budget::propose_allocation(&stage.app, maker, &allocation).await?;
    budget::decide_request(&stage.app, approver, &allotted, (true, "")).await?;
    let seen = agreement::agreement(&stage.app, stage.actor(HR)?, &no).await?;
    let Some((file, _)) = seen.tranches.into_iter().next().and_then(|first| first.file) else {
        return Err(Error::NotFound("这一笔的办件"));
    };
    let reached = [("achievements", "团队 3 人全部到岗，劳动合同和社保记录附后")];
    act(stage, "clerk-01", &file, "report", &reached).await?;
    let looked = [("site_check", "5月18日到企业现场核实"), ("opinion", "人员到岗属实，条件达成")];
    act(stage, HR, &file, "confirm", &looked).await?;
    let decision = [("decision_document", "闽人社一事一议〔2027〕3号")];
    act(stage, APPROVES, &file, "approve", &decision).await
}

fn typed(host: &str, leader: String, members: &[String]) -> TypedAgreement {
    let tranche = |milestone: &str, expected_on: &str, amount: &str| TypedTranche {
        milestone: milestone.to_owned(),
        expected_on: expected_on.to_owned(),
        amount: amount.to_owned(),
    };
    TypedAgreement {
        title: "端侧大模型推理芯片团队来闽落地".to_owned(),
        subject: "team".to_owned(),
        leader,
        members: members.join(" "),
        enterprise: host.to_owned(),
        document_no: "闽委人才〔2027〕6号".to_owned(),
        body: "省委人才工作领导小组".to_owned(),
        decided_on: "2027-04-26".to_owned(),
        terms: "五年内在闽完成研发并实现量产；逐笔达成条件后发放。".to_owned(),
        total: TOTAL.to_owned(),
        tranches: vec![
            tranche("团队全部到岗", "2027-05-31", "1000000.00"),
            tranche("样片流片成功", "2027-12-31", "2000000.00"),
        ],
    }
}

/// Does an act on a file with these fields, fifty minutes later.
pub(super) async fn act(
    stage: &mut Stage,
    login: &str,
    no: &str,
    act: &str,
    fields: &[(&str, &str)],
) -> Result<(), Error> {
    stage.later(50);
    let row = store::by_no(stage.app.db.read(), &Scope::Province, no).await?;
    let row = row.ok_or(Error::NotFound("这个办件"))?;
    let fields: BTreeMap<String, String> =
        fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let sent =
        Submitted { act: act.to_owned(), remark: String::new(), seen_steps: row.steps, fields };
    case::act(&stage.app, stage.actor(login)?, no, &sent).await?;
    Ok(())
}
