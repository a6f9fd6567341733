//! The register of programmes and their places a year.

use chrono::Datelike;
use serde_json::json;

use super::{must_keep, typed_year};
use crate::app::App;
use crate::domain::period::Period;
use crate::domain::registry::Code;
use crate::domain::talent_programme::{Nominee, ProgrammePlaces, permille};
use crate::service::catalogue;
use crate::service::decree::Decree;
use crate::service::payment::text_or_fault;
use crate::service::{Actor, Error, invalid, log};
use crate::store::fact::{self, Versions, facts_of};
use crate::store::talent_programme as store;

/// A programme as it is typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewProgramme<'a> {
    /// Name.
    pub name: &'a str,
    /// Who runs it.
    pub owner: &'a str,
    /// Code of the group of the conflict catalogue that its money belongs to.
    pub group: &'a str,
}

/// Keeps a programme; returns its number.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] with the fields (name, owner, group).
pub async fn add(app: &App, actor: &Actor, new: &NewProgramme<'_>) -> Result<String, Error> {
    must_keep(actor)?;
    let mut faults = Vec::new();
    let name = text_or_fault(&mut faults, ("name", "项目名称"), new.name, 60);
    let owner = text_or_fault(&mut faults, ("owner", "主管部门"), new.owner, 60);
    let tx = app.db.begin().await?;
    if !catalogue::filed_groups(&tx).await?.iter().any(|group| group.code == new.group) {
        faults.push(invalid("group", "请选择资金类别"));
    }
    if store::all(&tx).await?.iter().any(|known| known.name == name) {
        faults.push(invalid("name", "已有同名项目"));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let kept = store::NewProgramme {
        name: &name,
        owner: &owner,
        group_code: new.group,
        by: actor.account_id,
        at: app.clock.now(),
    };
    let no = store::add(&tx, &kept).await?;
    let detail = json!({ "name": name, "group": new.group });
    log(app, &tx, actor, "programme.added", ("programme", &no), &detail).await?;
    tx.commit().await?;
    Ok(no)
}

/// Places as they are typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewPlaces<'a> {
    /// Year.
    pub year: &'a str,
    /// Code of the nominee.
    pub nominee: &'a str,
    /// Places.
    pub places: &'a str,
    /// `yes` or `no`: a group of its own for artificial intelligence.
    pub ai_group: &'a str,
    /// Target share in percent; may be empty.
    pub target: &'a str,
    /// Number of the document.
    pub document_no: &'a str,
}

/// Sets the places of a year for persons or teams; a later figure takes the place of an earlier
/// one, which stays on record.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`] with the fields (year, nominee,
/// places, ai_group, target, document_no).
pub async fn set_places(
    app: &App,
    actor: &Actor,
    no: &str,
    new: &NewPlaces<'_>,
) -> Result<(), Error> {
    must_keep(actor)?;
    let mut faults = Vec::new();
    let year = typed_year(new.year, app.clock.today().year(), &mut faults);
    let nominee = Nominee::from_code(new.nominee);
    if nominee.is_none() {
        faults.push(invalid("nominee", "请选择个人或团队"));
    }
    let places = new.places.trim().parse().ok().filter(|places| (0..=10_000).contains(places));
    if places.is_none() {
        faults.push(invalid("places", "请填写 0 至 10000 的指标数"));
    }
    if !["yes", "no"].contains(&new.ai_group) {
        faults.push(invalid("ai_group", "请选择是否单设分组"));
    }
    let target = permille(new.target);
    if target.is_none() && !new.target.trim().is_empty() {
        faults.push(invalid("target", "目标入选比例应大于 0、不超过 100，最多一位小数"));
    }
    let document_no = text_or_fault(&mut faults, ("document_no", "文号"), new.document_no, 60);
    let (Some(nominee), Some(places), Some(period), true) =
        (nominee, places, Period::year(year), faults.is_empty())
    else {
        return Err(Error::Invalid(faults));
    };
    let award_year = i64::from(year);
    let fact = ProgrammePlaces {
        award_year,
        nominee,
        places,
        ai_group: new.ai_group == "yes",
        target_permille: target,
    };
    let tx = app.db.begin().await?;
    let programme = store::by_no(&tx, no).await?.ok_or(Error::NotFound("这个项目"))?;
    let held = facts_of::<ProgrammePlaces>(&tx, programme.id, Versions::Live).await?;
    let old = held.iter().find(|s| s.fact.award_year == award_year && s.fact.nominee == nominee);
    if old.is_some_and(|old| old.fact == fact) {
        return Err(Error::Refused("与现有指标相同，没有更改".to_owned()));
    }
    let title = ("decision", "人才项目单列指标");
    let decree = Decree::record(app, &tx, actor, title, &document_no, "").await?;
    let stated = decree.states(programme.id, period, fact, None);
    match old {
        Some(old) => fact::correct(&tx, old.id, stated).await?,
        None => fact::state(&tx, vec![stated]).await?,
    }
    let detail = json!({
        "year": year, "nominee": nominee.code(), "places": places, "document_no": document_no,
        "before": old.map(|old| old.fact.places),
    });
    log(app, &tx, actor, "programme.places_set", ("programme", no), &detail).await?;
    tx.commit().await?;
    Ok(())
}
