//! Recognitions of the first enterprise: one goes all the way to the certificate, others wait at
//! different desks.

use std::collections::BTreeMap;

use crate::domain::lifecycle::Evidence;
use crate::domain::registry::{Code, TalentClass};
use crate::service::case::{self, NewRecognition, Submitted};
use crate::service::notice::{self, Draft, NewObjectionText};
use crate::service::pilot::{self, NewPilot, NewStandard};
use crate::service::spot_check::{self, Asked};

use super::DemoError;
use super::enterprises::Enterprise;
use super::plan::{Life, day};
use super::stage::Stage;

const HOME: usize = 0;

/// Those of the first enterprise who stay.
pub(super) fn staying(lives: &[Life]) -> impl Iterator<Item = &Life> {
    let stays = |life: &&Life| {
        life.home == HOME
            && life.moves_to.is_none()
            && life.last_day.is_none()
            && !life.begins_in_year()
    };
    lives.iter().filter(stays)
}

/// October and November: the pilot begins, the first certificate is given.
pub(super) async fn first(
    stage: &mut Stage,
    enterprises: &[Enterprise],
    lives: &[Life],
) -> Result<(), DemoError> {
    let Some((home, life)) = enterprises.first().zip(staying(lives).next()) else {
        return Ok(());
    };
    stage.on(day(10, 19));
    begin(stage, home).await?;
    let no = open(stage, life, TalentClass::B).await?;
    act(stage, "clerk-01", &no, "submit").await?;
    act(stage, "head-01", &no, "decide").await?;
    stage.on(day(10, 28));
    act(stage, "sign-01", &no, "file").await?;
    act(stage, "hr-gulou", &no, "accept").await?;
    act(stage, "hr-gulou", &no, "pass_county").await?;
    stage.on(day(10, 30));
    act(stage, "hr-fuzhou", &no, "give_opinion").await?;
    act(stage, "hr-fuzhou-2", &no, "pass_city").await?;
    stage.on(day(11, 2));
    publish(stage, &no, &home.uscc).await?;
    stage.on(day(11, 11));
    act(stage, "hr-province-3", &no, "recognise").await
}

/// December: three more, each waiting for somebody else.
pub(super) async fn second(stage: &mut Stage, lives: &[Life]) -> Result<(), DemoError> {
    stage.on(day(12, 1));
    for (life, acts) in staying(lives).skip(1).zip([
        &[("clerk-01", "submit")] as &[(&str, &str)],
        &[("clerk-01", "submit"), ("head-01", "decide")],
        &[],
    ]) {
        let no = open(stage, life, TalentClass::C).await?;
        for (login, act_code) in acts {
            act(stage, login, &no, act_code).await?;
        }
    }
    Ok(())
}

async fn begin(stage: &mut Stage, home: &Enterprise) -> Result<(), DemoError> {
    let hr = stage.actor("hr-province")?.clone();
    let pilot = NewPilot {
        uscc: home.uscc.clone(),
        legal_form: "filing".to_owned(),
        quotas: ["1", "2", "3"].map(str::to_owned),
        from: "2026-10-19".to_owned(),
        through: "2028-12-31".to_owned(),
        document_no: "闽人才办〔2026〕8号".to_owned(),
    };
    pilot::grant(&stage.app, &hr, &pilot).await?;
    let head = stage.actor("head-01")?.clone();
    let standard = NewStandard {
        title: "人工智能高层次人才认定标准".to_owned(),
        standard_no: "Q/MJZX 001-2026".to_owned(),
        content: "B类：主持国家级人工智能项目或发布有影响力的基础模型；\
                  C类：主持省级人工智能项目，或在核心产品中担任技术负责人两年以上。"
            .to_owned(),
    };
    Ok(pilot::file_standard(&stage.app, &head, &standard).await?)
}

async fn open(stage: &mut Stage, life: &Life, class: TalentClass) -> Result<String, DemoError> {
    stage.later(7);
    let person_no = stage.person_no(life).await?;
    let clerk = stage.actor("clerk-01")?.clone();
    let grounds = "在智能驾驶感知模型项目中担任技术负责人，符合本企业认定标准".to_owned();
    let new = NewRecognition { person_no, class, grounds };
    Ok(case::open_recognition(&stage.app, &clerk, &new).await?)
}

async fn act(stage: &mut Stage, login: &str, no: &str, act: &str) -> Result<(), DemoError> {
    stage.later(11);
    let actor = stage.actor(login)?.clone();
    let seen_steps = case::case_view(&stage.app, &actor, no).await?.steps_seen;
    let evidence = |kind: &Evidence| (kind.code().to_owned(), format!("{}，附卷", kind.label()));
    let mut fields: BTreeMap<String, String> = Evidence::ALL.iter().map(evidence).collect();
    let today = stage.app.clock.today();
    let tomorrow = today.succ_opt().unwrap_or(today);
    let (from, through) = (tomorrow.to_string(), (tomorrow + chrono::Days::new(6)).to_string());
    for (field, text) in [
        ("decision_document", "闽人社认〔2026〕5号"),
        ("members", "7"),
        ("present", "7"),
        ("in_favour", "6"),
        ("recused", "无"),
        ("major_shareholder", "no"),
        ("notice_from", &from),
        ("notice_through", &through),
        ("objection_open", "no"),
    ] {
        fields.insert(field.to_owned(), text.to_owned());
    }
    let sent = Submitted { act: act.to_owned(), remark: String::new(), seen_steps, fields };
    case::act(&stage.app, &actor, no, &sent).await?;
    Ok(())
}

/// A tenth of the enterprise's people, each found as filed; gives the number of the sample.
async fn checked_sample(stage: &mut Stage, uscc: &str) -> Result<String, DemoError> {
    let officer = stage.actor("hr-province-2")?.clone();
    let asked = Asked {
        drawing: "random".to_owned(),
        percent: "10".to_owned(),
        uscc: uscc.to_owned(),
        seed: "20261102".to_owned(),
    };
    let no = spot_check::draw(&stage.app, &officer, &asked).await?;
    for item in spot_check::sample_page(&stage.app, &officer, &no, 0).await?.items {
        spot_check::record(&stage.app, &officer, (&no, item.seq), ("clean", "")).await?;
    }
    Ok(no)
}

/// The notice, and somebody's anonymous lead that stops nothing.
async fn publish(stage: &mut Stage, no: &str, uscc: &str) -> Result<(), DemoError> {
    let hr = stage.actor("hr-province")?.clone();
    let sample = checked_sample(stage, uscc).await?;
    let draft = Draft {
        title: "2026年第一批省级高层次人才自主认定公示".to_owned(),
        basis: "闽人才办〔2026〕8号".to_owned(),
        contact: "福建省人力资源和社会保障厅人才处".to_owned(),
        working_days: "5".to_owned(),
        count_first_day: false,
        case_nos: vec![no.to_owned()],
        kind: "recognition".to_owned(),
        evidence: [
            ("cross_check".to_owned(), "与其他认定、奖补无重复".to_owned()),
            ("sample_audit".to_owned(), format!("{sample}，均属实")),
        ]
        .into(),
    };
    let notice_no = notice::publish(&stage.app, &hr, &draft).await?;
    stage.later(90);
    let lead = NewObjectionText {
        seq: "1".to_owned(),
        content: "听说该项目是团队共同完成的，请核实其本人承担的具体工作内容。".to_owned(),
        ..NewObjectionText::default()
    };
    notice::object(&stage.app, &notice_no, &lead).await?;
    Ok(())
}
