//! Visits from overseas to the first enterprise: one came in April and was claimed, checked and approved,
//! so that its money waits for two batches; the invitation of another waits for the county.

use chrono::{Days, NaiveDate};

use crate::service::Error;
use crate::service::visit::{self, TypedClaim, TypedCost, TypedPlan, TypedVisitor};

use super::agreement::act;
use super::stage::Stage;

const CLERK: &str = "clerk-01";
const COUNTY: &str = "hr-gulou";
const CITY: &str = "hr-fuzhou-2";
/// Days from the invitation that waits to its arrival.
const AHEAD: u64 = 45;
/// The visit that came, from entry to exit: 1,850.00 dollars at 710.50 less a refund of 50.00 make
/// 12,789.00 yuan, ten days of work 8,000.00.
const CAME: (&str, &str) = ("2027-04-12", "2027-04-23");

const INVITED: [(&str, &str); 3] = [
    ("invitation", "榕智算邀〔2027〕2号"),
    ("curriculum_vitae", "简历附卷，近五年论文 12 篇"),
    ("export_check", "经审查不涉及出口管制和国家秘密"),
];

fn planned(arrival: NaiveDate, exit: NaiveDate, origin: &str, detail: &str) -> TypedPlan {
    TypedPlan {
        origin: origin.to_owned(),
        arrival: arrival.to_string(),
        exit: exit.to_string(),
        purpose: "多模态大模型安全对齐联合研究".to_owned(),
        basis: "post".to_owned(),
        detail: detail.to_owned(),
        budget: "18000.00".to_owned(),
    }
}

/// The invitation that waits.
pub(super) async fn play(stage: &mut Stage) -> Result<(), Error> {
    let arrival = stage.app.clock.today() + Days::new(AHEAD);
    let visitor = TypedVisitor {
        name: "LINDQVIST ERIK".to_owned(),
        country: "SWE".to_owned(),
        passport: "AA9876543".to_owned(),
        birth: "1993-08-17".to_owned(),
    };
    let plan = planned(arrival, arrival + Days::new(13), "SE", "斯德哥尔摩某大学 助理教授");
    let no = visit::begin(&stage.app, stage.actor(CLERK)?, &visitor, &plan).await?;
    act(stage, CLERK, &no, "file", &INVITED).await
}

/// The invitation of the visit that came; gives the number of its file.
pub(super) async fn invite(stage: &mut Stage) -> Result<String, Error> {
    let day = |text: &str| text.parse::<NaiveDate>().expect("a date in the calendar");
    let visitor = TypedVisitor {
        name: "HOLLOWAY GRACE".to_owned(),
        country: "USA".to_owned(),
        passport: "A98765432".to_owned(),
        birth: "1992-03-05".to_owned(),
    };
    let plan = planned(day(CAME.0), day(CAME.1), "US", "匹兹堡某大学 助理教授");
    let no = visit::begin(&stage.app, stage.actor(CLERK)?, &visitor, &plan).await?;
    act(stage, CLERK, &no, "file", &INVITED).await?;
    let looked = [
        ("opinion", "符合青年和海外条件，交流内容与企业研发方向一致"),
        ("foreign_affairs_notice", "鼓人社函〔2027〕3号"),
    ];
    act(stage, COUNTY, &no, "agree", &looked).await?;
    Ok(no)
}

/// The entry is reported two days later.
pub(super) async fn arrive(stage: &mut Stage, no: &str) -> Result<(), Error> {
    act(stage, CLERK, no, "arrive", &[("arrived_on", CAME.0)]).await
}

/// From the claim to the approval.
pub(super) async fn claim(stage: &mut Stage, no: &str) -> Result<(), Error> {
    let ticket = TypedCost {
        expense: "fare".to_owned(),
        class: "economy".to_owned(),
        route:
            "2027-04-10 匹兹堡—香港 CX899\n2027-04-12 香港—福州 MF382\n2027-04-23 福州—匹兹堡 MF849"
                .to_owned(),
        passenger: "HOLLOWAY/GRACE MS".to_owned(),
        amount: "1850.00".to_owned(),
        currency: "USD".to_owned(),
        paid_on: "2027-03-20".to_owned(),
        bank_rate: "710.50".to_owned(),
        document_no: "160-2400345678".to_owned(),
        refund: "50.00".to_owned(),
        refund_no: "CX-R-20117".to_owned(),
        ..TypedCost::default()
    };
    let typed = TypedClaim {
        origin: "US".to_owned(),
        exit: CAME.1.to_owned(),
        work_days: "2027-04-12 至 2027-04-16 2027-04-19 至 2027-04-23".to_owned(),
        other_payer: String::new(),
        costs_by: "employer".to_owned(),
        costs: vec![ticket],
    };
    stage.later(40);
    visit::save_claim(&stage.app, stage.actor(CLERK)?, no, &typed).await?;
    let report = [("results_report", "联合发布对齐评测集一套，合作论文一篇投稿")];
    act(stage, CLERK, no, "claim", &report).await?;
    let checked = [("opinion", "出入境记录、登机牌、工作记录与申报一致")];
    act(stage, COUNTY, no, "check", &checked).await?;
    act(stage, CITY, no, "approve", &[("decision_document", "榕人社来闽〔2027〕1号")]).await
}
