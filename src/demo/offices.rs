//! Many files on their way through the offices: every desk does its part of what waits for it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::domain::lifecycle::{CaseKind, Evidence};
use crate::domain::region;
use crate::domain::registry::Code;
use crate::service::case::{self, CASES_A_PAGE, CaseQuery, Chosen, RowOutcome, Submitted};
use crate::service::notice::{self, Draft};

use super::DemoError;
use super::cast::{city_officer, county_officer, head, signatory};
use super::enterprises::Enterprise;
use super::stage::Stage;

/// The act of one desk on all files that stand in a state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Duty<'a> {
    pub(super) kind: CaseKind,
    pub(super) state: &'a str,
    pub(super) act: &'a str,
    /// Evidence and fields besides what every piece of evidence says by itself.
    pub(super) fields: &'a [(&'a str, &'a str)],
}

/// Every county office and then every city office does its part.
pub(super) async fn in_every_county(
    stage: &mut Stage,
    enterprises: &[Enterprise],
    duties: &[Duty<'_>],
) -> Result<(), DemoError> {
    let counties: BTreeSet<&str> = enterprises.iter().map(|e| e.division).collect();
    for county in counties {
        for duty in duties {
            all(stage, &county_officer(county), *duty).await?;
        }
    }
    Ok(())
}

/// Every city office does its part.
pub(super) async fn in_every_city(
    stage: &mut Stage,
    enterprises: &[Enterprise],
    duty: Duty<'_>,
) -> Result<(), DemoError> {
    let cities: BTreeSet<String> =
        enterprises.iter().map(|e| region::city_unit(e.division)).collect();
    for city in cities {
        all(stage, &city_officer(&city), duty).await?;
    }
    Ok(())
}

/// Somebody does one act on everything in a state that they see; returns the numbers.
pub(super) async fn all(
    stage: &mut Stage,
    login: &str,
    duty: Duty<'_>,
) -> Result<Vec<String>, DemoError> {
    all_but(stage, login, duty, 0).await
}

/// The same, but for some files that the visitors will find.
async fn all_but(
    stage: &mut Stage,
    login: &str,
    duty: Duty<'_>,
    left: usize,
) -> Result<Vec<String>, DemoError> {
    let mut found = standing(stage, login, duty.kind, duty.state).await?;
    found.truncate(found.len().saturating_sub(left));
    for row in act_on(stage, login, duty, &found).await? {
        if !row.done {
            return Err(DemoError(format!("{} 未能办理：{}", row.no, row.text)));
        }
    }
    Ok(found)
}

/// What becomes of these files when somebody does one act on them.
async fn act_on(
    stage: &mut Stage,
    login: &str,
    duty: Duty<'_>,
    found: &[String],
) -> Result<Vec<RowOutcome>, DemoError> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    stage.later(1);
    let actor = stage.actor(login)?.clone();
    let said = |kind: &Evidence| (kind.code().to_owned(), format!("{}，附卷", kind.label()));
    let mut fields: BTreeMap<String, String> = Evidence::ALL.iter().map(said).collect();
    fields.extend(duty.fields.iter().map(|(name, text)| ((*name).into(), (*text).into())));
    let sent = Submitted { act: duty.act.to_owned(), fields, ..Submitted::default() };
    let chosen: Vec<Chosen> =
        found.iter().map(|no| Chosen { no: no.clone(), seen_steps: None }).collect();
    Ok(case::act_on_many(&stage.app, &actor, &chosen, &sent).await?)
}

/// Numbers of the files of a kind in a state that somebody sees.
pub(super) async fn standing(
    stage: &Stage,
    login: &str,
    kind: CaseKind,
    state: &str,
) -> Result<Vec<String>, DemoError> {
    let actor = stage.actor(login)?;
    let query = CaseQuery {
        all: true,
        kind: Some(kind),
        state: Some(state.to_owned()),
        ..CaseQuery::default()
    };
    let mut found = Vec::new();
    for page in 1.. {
        let list = case::cases(&stage.app, actor, &query, page).await?;
        let is_last = (list.rows.len() as u64) < CASES_A_PAGE;
        found.extend(list.rows.into_iter().map(|row| row.no));
        if is_last {
            break;
        }
    }
    Ok(found)
}

/// The province publishes everything that waits for a notice.
pub(super) async fn publish(
    stage: &mut Stage,
    kind: CaseKind,
    state: &str,
    title: &str,
) -> Result<(), DemoError> {
    let case_nos = standing(stage, "hr-province", kind, state).await?;
    let hr = stage.actor("hr-province")?.clone();
    let draft = Draft {
        title: title.to_owned(),
        basis: "福建省推动人工智能产业发展和赋能应用若干措施 第九条".to_owned(),
        contact: "福建省人力资源和社会保障厅人才处".to_owned(),
        working_days: "5".to_owned(),
        count_first_day: false,
        case_nos,
        kind: kind.code().to_owned(),
        evidence: BTreeMap::from([(
            Evidence::CrossCheck.code().to_owned(),
            "与其他名册、认定和奖补比对无重复".to_owned(),
        )]),
    };
    notice::publish(&stage.app, &hr, &draft).await?;
    Ok(())
}

/// What the offices do with the roster entries that are declared.
pub(super) struct RosterRound<'a> {
    /// The enterprises hand in, at most the tenth of a month.
    pub(super) handed_in: NaiveDate,
    /// The province publishes.
    pub(super) published: NaiveDate,
    /// The province enters them; `published` again for people who move between key enterprises.
    pub(super) entered: NaiveDate,
    /// Document of the roster.
    pub(super) document_no: &'a str,
}

/// Takes everything that is declared onto the roster.
pub(super) async fn roster(
    stage: &mut Stage,
    enterprises: &[Enterprise],
    round: &RosterRound<'_>,
) -> Result<(), DemoError> {
    stage.on(round.handed_in);
    for enterprise in 0..enterprises.len() {
        hand_in(stage, enterprise).await?;
    }
    stage.on(round.published);
    check(stage, enterprises).await?;
    let document = [("decision_document", round.document_no)];
    let duty = |state, act| Duty { kind: CaseKind::RosterEntry, state, act, fields: &document };
    if round.entered == round.published {
        all(stage, "hr-province-3", duty("prov_confirm", "transfer_in")).await?;
    } else {
        let title = format!("核心工程师名册公示（{}）", round.document_no);
        publish(stage, CaseKind::RosterEntry, "prov_confirm", &title).await?;
        stage.on(round.entered);
        all(stage, "hr-province-3", duty("notice", "activate")).await?;
    }
    Ok(stage.seal().await?)
}

/// The head of an enterprise answers for what its clerk filed.
pub(super) async fn hand_in(stage: &mut Stage, enterprise: usize) -> Result<(), DemoError> {
    let duty = Duty { kind: CaseKind::RosterEntry, state: "draft", act: "confirm", fields: &[] };
    all(stage, &head(enterprise), duty).await.map(|_| ())
}

/// Counties and cities look at what was handed in.
async fn check(stage: &mut Stage, enterprises: &[Enterprise]) -> Result<(), DemoError> {
    let duty = |state, act| Duty { kind: CaseKind::RosterEntry, state, act, fields: &[] };
    let county = [duty("ent_confirmed", "accept"), duty("county_check", "pass_county")];
    in_every_county(stage, enterprises, &county).await?;
    in_every_city(stage, enterprises, duty("city_check", "pass_city")).await
}

/// Days on which the offices take the computed year to the money.
pub(super) struct YearRound {
    /// The enterprises declare.
    pub(super) declared: NaiveDate,
    /// Counties and cities verify.
    pub(super) verified: NaiveDate,
    /// The province approves and publishes.
    pub(super) published: NaiveDate,
    /// It releases the money.
    pub(super) released: NaiveDate,
}

/// Takes the year from the result to the money, but for three people of the first enterprise that
/// nobody declares and two that wait for its county.
pub(super) async fn year(
    stage: &mut Stage,
    enterprises: &[Enterprise],
    round: &YearRound,
) -> Result<(), DemoError> {
    let kind = CaseKind::Entitlement;
    let duty = |state, act| Duty { kind, state, act, fields: &[] };
    stage.on(round.declared);
    for enterprise in 0..enterprises.len() {
        let left = if enterprise == 0 { 3 } else { 0 };
        all_but(stage, &signatory(enterprise), duty("computed", "declare"), left).await?;
    }
    stage.on(round.verified);
    let first = enterprises.first().map(|enterprise| enterprise.division);
    let counties: BTreeSet<&str> = enterprises.iter().map(|e| e.division).collect();
    for county in counties {
        let left = if Some(county) == first { 2 } else { 0 };
        let desk = county_officer(county);
        all_but(stage, &desk, duty("ent_declared", "verify_county"), left).await?;
    }
    in_every_city(stage, enterprises, duty("county_verified", "verify_city")).await?;
    stage.on(round.published);
    all(stage, "hr-province", duty("city_verified", "approve")).await?;
    publish(stage, kind, "prov_approved", "2026年度核心工程师奖补公示").await?;
    stage.on(round.released);
    all(stage, "hr-province-3", duty("notice", "release")).await?;
    Ok(stage.seal().await?)
}

/// The province decides what is to become of money that had moved before a result changed.
pub(super) async fn decide_corrections(stage: &mut Stage) -> Result<(), DemoError> {
    let (kind, state, login) = (CaseKind::Entitlement, "corrected", "hr-province-3");
    let fields = &[("decision_document", "闽人社奖补更正〔2027〕1号")];
    let found = standing(stage, login, kind, state).await?;
    let duty = Duty { kind, state, act: "supplement", fields };
    // Where nothing more is due the act is refused, and less is.
    act_on(stage, login, duty, &found).await?;
    all(stage, login, Duty { act: "reclaim", ..duty }).await.map(|_| ())
}
