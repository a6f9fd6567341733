//! Many files on their way through the offices: every desk does its part of what waits for it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::domain::lifecycle::{CaseKind, Evidence};
use crate::domain::region;
use crate::domain::registry::Code;
use crate::service::case::{self, CASES_A_PAGE, CaseQuery, Chosen, Submitted};
use crate::service::notice::{self, Draft};

use super::DemoError;
use super::cast::{city_officer, county_officer, head};
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
    let found = standing(stage, login, duty.kind, duty.state).await?;
    if found.is_empty() {
        return Ok(found);
    }
    stage.later(1);
    let actor = stage.actor(login)?.clone();
    let said = |kind: &Evidence| (kind.code().to_owned(), format!("{}，附卷", kind.label()));
    let mut fields: BTreeMap<String, String> = Evidence::ALL.iter().map(said).collect();
    fields.extend(duty.fields.iter().map(|(name, text)| ((*name).into(), (*text).into())));
    let sent = Submitted { act: duty.act.to_owned(), fields, ..Submitted::default() };
    let chosen: Vec<Chosen> =
        found.iter().map(|no| Chosen { no: no.clone(), seen_steps: None }).collect();
    for outcome in case::act_on_many(&stage.app, &actor, &chosen, &sent).await? {
        if !outcome.done {
            return Err(DemoError(format!("{} 未能办理：{}", outcome.no, outcome.text)));
        }
    }
    Ok(found)
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
