//! Nominations: an enterprise puts forward its own people, alone or as a team.

use std::collections::BTreeSet;

use chrono::Datelike;
use serde_json::json;

use super::typed_year;
use crate::app::App;
use crate::domain::authority::{Act, Scope};
use crate::domain::registry::{Code, Employment};
use crate::domain::talent_programme::{NominationResult, Nominee};
use crate::service::payment::text_or_fault;
use crate::service::{Actor, Error, invalid, log};
use crate::store::db::Tx;
use crate::store::directory;
use crate::store::fact::{Versions, facts_of};
use crate::store::talent_programme as store;

/// Most members of a team.
const MOST_MEMBERS: usize = 30;

/// A nomination as it is typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewTeam<'a> {
    /// Year.
    pub year: &'a str,
    /// Code of the nominee.
    pub nominee: &'a str,
    /// Name of the team, or the field of the person.
    pub title: &'a str,
    /// Official numbers of the persons, one a line or between commas; the leader first.
    pub members: &'a str,
}

/// Nominates own people; returns the number of the nomination.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`] with the fields (year, nominee,
/// title, members), for members by their number.
pub async fn nominate(
    app: &App,
    actor: &Actor,
    no: &str,
    new: &NewTeam<'_>,
) -> Result<String, Error> {
    actor.must(Act::FileEngineers)?;
    let Scope::Enterprise(enterprise_id) = actor.scope else {
        return Err(Error::Forbidden(Act::FileEngineers));
    };
    let mut faults = Vec::new();
    let year = typed_year(new.year, app.clock.today().year(), &mut faults);
    let nominee = Nominee::from_code(new.nominee);
    if nominee.is_none() {
        faults.push(invalid("nominee", "请选择个人或团队"));
    }
    let title = text_or_fault(&mut faults, ("title", "团队名称或专业方向"), new.title, 60);
    let numbers = numbers_of(new.members);
    match (nominee, numbers.len()) {
        (_, 0) => faults.push(invalid("members", "请填写工程师编号，例如 E000127")),
        (Some(Nominee::Person), n) if n > 1 => {
            faults.push(invalid("members", "申报个人只填一个编号；多人请选择团队"));
        }
        (Some(Nominee::Team), 1) => {
            faults.push(invalid("members", "团队至少两人，第一个为带头人"));
        }
        (_, n) if n > MOST_MEMBERS => {
            faults.push(invalid("members", format!("团队最多 {MOST_MEMBERS} 人")));
        }
        _ => {}
    }
    let tx = app.db.begin().await?;
    let programme = store::by_no(&tx, no).await?.ok_or(Error::NotFound("这个项目"))?;
    let people = own_people(app, &tx, (actor, enterprise_id), &numbers, &mut faults).await?;
    let (Some(nominee), true) = (nominee, faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    let of = (programme.id, i64::from(year), nominee);
    for (person, standing) in store::standing(&tx, of, &people).await? {
        let at = people.iter().position(|known| *known == person);
        let number = at.and_then(|at| numbers.get(at)).map_or("", String::as_str);
        faults.push(invalid("members", format!("{number} 已在该项目本年度的申报 {standing} 中")));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let filed = store::NewNomination {
        programme_id: programme.id,
        award_year: year.into(),
        nominee,
        enterprise_id,
        title: &title,
        by: actor.account_id,
        at: app.clock.now(),
    };
    let nomination_no = store::nominate(&tx, &filed, &people).await?;
    let detail = json!({
        "programme": programme.name, "year": year, "nominee": nominee.code(), "persons": numbers,
    });
    let object = ("nomination", nomination_no.as_str());
    log(app, &tx, actor, "nomination.filed", object, &detail).await?;
    tx.commit().await?;
    Ok(nomination_no)
}

fn numbers_of(text: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    text.split(|c: char| c.is_whitespace() || [',', '，', ';', '；', '、'].contains(&c))
        .map(|part| part.trim().to_uppercase())
        .filter(|part| !part.is_empty() && seen.insert(part.clone()))
        .collect()
}

/// The persons with these numbers who work for the enterprise today.
async fn own_people(
    app: &App,
    tx: &Tx,
    (actor, enterprise_id): (&Actor, i64),
    numbers: &[String],
    faults: &mut Vec<(String, String)>,
) -> Result<Vec<i64>, Error> {
    let today = app.clock.today();
    let mut people = Vec::new();
    for number in numbers.iter().take(MOST_MEMBERS) {
        let Some(person) = directory::engineer(tx, &actor.scope, number).await? else {
            faults.push(invalid("members", format!("没有编号为 {number} 的本企业工程师")));
            continue;
        };
        let jobs = facts_of::<Employment>(tx, person.id, Versions::Live).await?;
        let here = |s: &crate::domain::registry::Stated<Employment>| {
            s.fact.enterprise_id == enterprise_id && s.period.covers(today)
        };
        if !jobs.iter().any(here) {
            faults.push(invalid("members", format!("{number} 目前不在本企业任职")));
        }
        people.push(person.id);
    }
    Ok(people)
}

/// Takes a nomination back that has no result yet.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] outside the actor's scope; [`Error::Stale`] when it
/// was taken back before; [`Error::Refused`] once there is a result.
pub async fn withdraw(app: &App, actor: &Actor, nomination_no: &str) -> Result<(), Error> {
    actor.must(Act::FileEngineers)?;
    let tx = app.db.begin().await?;
    let found = store::lock(&tx, &actor.scope, nomination_no).await?;
    let found = found.ok_or(Error::NotFound("这件申报"))?;
    if found.withdrawn_at.is_some() {
        return Err(Error::Stale("这件申报已经撤回".to_owned()));
    }
    if !facts_of::<NominationResult>(&tx, found.id, Versions::Live).await?.is_empty() {
        return Err(Error::Refused("这件申报已有结果，不能撤回".to_owned()));
    }
    store::withdraw(&tx, found.id, (actor.account_id, app.clock.now())).await?;
    let detail = json!({ "year": found.award_year });
    log(app, &tx, actor, "nomination.withdrawn", ("nomination", nomination_no), &detail).await?;
    tx.commit().await?;
    Ok(())
}
