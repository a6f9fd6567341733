//! The industry line: one application goes to the list, one is refused; a year later one enterprise
//! is in the check of the year and one is suspended.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::lifecycle::Evidence;
use crate::domain::registry::Code;
use crate::service::case::{self, Submitted};
use crate::service::key_enterprise::{self, NewApplication, NewCall, NewReport};
use crate::service::notice::{self, Draft};
use crate::store::registry;

use super::DemoError;
use super::cast;
use super::enterprises::{self, Enterprise};
use super::plan::day;
use super::stage::Stage;

const PROVINCE: &str = "gx-province";
/// The enterprise that is suspended at the end.
const SUSPENDED: usize = 5;

/// October: the province calls, two enterprises that are on no list yet apply.
pub(super) async fn october(stage: &mut Stage) -> Result<String, DemoError> {
    stage.on(day(10, 17));
    let province = stage.actor(PROVINCE)?.clone();
    let call = NewCall {
        title: "关于组织申报2026年第二批人工智能骨干企业的通知".to_owned(),
        document_no: "闽工信人工智能〔2026〕21号".to_owned(),
        opens_on: "2026-10-17".to_owned(),
        closes_on: "2026-11-30".to_owned(),
    };
    key_enterprise::publish_call(&stage.app, &province, &call).await?;
    admit(stage).await?;
    let taken = apply(stage, "sign-41", "海洋大模型").await?;
    let refused = apply(stage, "sign-42", "智能客服").await?;
    for no in [&taken, &refused] {
        act(stage, "gx-gulou", no, "accept", &[]).await?;
        act(stage, "gx-gulou", no, "pass_county", &[]).await?;
    }
    let ground = [("ground", "人工智能业务收入占比未达到申报条件")];
    act(stage, "gx-fuzhou", &refused, "reject", &ground).await?;
    act(stage, "gx-fuzhou", &taken, "pass_city", &[]).await?;
    act(stage, PROVINCE, &taken, "propose", &[]).await?;
    publish(stage, &taken).await?;
    Ok(taken)
}

/// The applicants get accounts: nothing else is known of them.
async fn admit(stage: &mut Stage) -> Result<(), DemoError> {
    let applicants = enterprises::applicants();
    let codes: Vec<&str> = applicants.iter().map(|one| one.uscc.as_str()).collect();
    let tx = stage.app.db.begin().await?;
    registry::create_enterprises(&tx, &codes, stage.app.clock.now()).await?;
    tx.commit().await?;
    Ok(stage.hire(&cast::applicant_staff(&applicants)).await?)
}

async fn apply(stage: &mut Stage, login: &str, industry: &str) -> Result<String, DemoError> {
    stage.later(9);
    let actor = stage.actor(login)?.clone();
    let new = NewApplication {
        industry: industry.to_owned(),
        main_business: format!("{industry}产品的研发和销售，面向沿海产业集群提供模型和应用服务。"),
        staff: "86".to_owned(),
        research_staff: "52".to_owned(),
    };
    let no = key_enterprise::apply(&stage.app, &actor, &new).await?;
    act(stage, login, &no, "submit", &[]).await?;
    Ok(no)
}

async fn publish(stage: &mut Stage, no: &str) -> Result<(), DemoError> {
    stage.later(20);
    let approver = stage.actor("gx-province-2")?.clone();
    let consent = |code: &str| (code.to_owned(), "无不良记录，同意".to_owned());
    let draft = Draft {
        kind: "key_enterprise".to_owned(),
        title: "2026年第二批人工智能骨干企业拟入选名单公示".to_owned(),
        basis: "闽工信人工智能〔2026〕21号".to_owned(),
        contact: "福建省工业和信息化厅人工智能处".to_owned(),
        working_days: "5".to_owned(),
        count_first_day: false,
        case_nos: vec![no.to_owned()],
        evidence: ["joint_check", "hr_consent", "finance_consent"].map(consent).into(),
    };
    notice::publish(&stage.app, &approver, &draft).await?;
    Ok(())
}

/// November: the notice is over, the list document is out.
pub(super) async fn november(stage: &mut Stage, taken: &str) -> Result<(), DemoError> {
    stage.on(day(11, 12));
    let listing = [
        ("list_document", "闽工信人工智能〔2026〕26号"),
        ("list_batch", "2026年第二批"),
        ("listed_from", "2026-11-12"),
        ("listed_through", "2028-12-31"),
        ("recognition_quota", "2"),
        ("engineer_quota", "30"),
    ];
    act(stage, PROVINCE, taken, "list", &listing).await
}

/// February of the next year: reports come in, one check begins.
pub(super) async fn next_february(
    stage: &mut Stage,
    enterprises: &[Enterprise],
) -> Result<(), DemoError> {
    stage.on(NaiveDate::from_ymd_opt(2027, 2, 26).unwrap_or(day(12, 31)));
    for login in ["clerk-01", "clerk-02"] {
        stage.later(15);
        let clerk = stage.actor(login)?.clone();
        let report = NewReport {
            staff: "240".to_owned(),
            research_staff: "150".to_owned(),
            insured: "238".to_owned(),
            research: "56000000".to_owned(),
            still_ai: "yes".to_owned(),
            statement: "全年研发投入持续增长，新发布两项产品，主营业务没有变化。".to_owned(),
        };
        key_enterprise::file_report(&stage.app, &clerk, &report).await?;
    }
    stage.later(30);
    let city = stage.actor("gx-fuzhou")?.clone();
    let first: Vec<String> = enterprises.iter().take(1).map(|one| one.uscc.clone()).collect();
    Ok(key_enterprise::begin_checks(&stage.app, &city, &first).await.map(|_| ())?)
}

/// One enterprise is suspended.
pub(super) async fn suspension(
    stage: &mut Stage,
    enterprises: &[Enterprise],
    on: NaiveDate,
) -> Result<(), DemoError> {
    stage.on(on);
    let province = stage.actor(PROVINCE)?.clone();
    let Some(suspended) = enterprises.get(SUSPENDED) else { return Ok(()) };
    let no = key_enterprise::take_over(&stage.app, &province, &suspended.uscc).await?;
    let ground = [("ground", "涉嫌提供虚假材料，立案调查")];
    act(stage, PROVINCE, &no, "suspend", &ground).await
}

async fn act(
    stage: &mut Stage,
    login: &str,
    no: &str,
    act: &str,
    given: &[(&str, &str)],
) -> Result<(), DemoError> {
    stage.later(11);
    let actor = stage.actor(login)?.clone();
    let seen_steps = case::case_view(&stage.app, &actor, no).await?.steps_seen;
    let evidence = |kind: &Evidence| (kind.code().to_owned(), format!("{}，附卷", kind.label()));
    let mut fields: BTreeMap<String, String> = Evidence::ALL.iter().map(evidence).collect();
    let review = [("experts", "7"), ("sheets", "7"), ("in_favour", "6"), ("recused", "无")];
    for (field, text) in review.iter().chain(given) {
        fields.insert((*field).to_owned(), (*text).to_owned());
    }
    let sent = Submitted { act: act.to_owned(), remark: String::new(), seen_steps, fields };
    case::act(&stage.app, &actor, no, &sent).await?;
    Ok(())
}
