//! Licences and placements: typed or read from a table.

use chrono::NaiveDate;
use serde_json::json;

use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::identity::Uscc;
use crate::domain::period::Period;
use crate::domain::registry::Listing;
use crate::domain::training::{InstitutionLicence, Placement};
use crate::service::decree::Decree;
use crate::service::payment::text_or_fault;
use crate::service::sheet::{SheetRow, read_sheet, whole};
use crate::service::training::{Faults, days, division, enterprise, persons};
use crate::service::{Actor, Error, invalid, log};
use crate::store::db::Tx;
use crate::store::fact::{self, Versions, facts_of};
use crate::store::training as store;

/// Columns of a table of placements.
pub(super) const COLUMNS: [&str; 5] =
    ["机构统一社会信用代码", "入职日期", "企业统一社会信用代码", "工程师编号", "人数"];
/// A licence as it is typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewLicence<'a> {
    /// Code of the institution.
    pub uscc: &'a str,
    /// Name.
    pub name: &'a str,
    /// Number of the licence.
    pub licence_no: &'a str,
    /// Code of the division.
    pub division: &'a str,
    /// First day.
    pub from: &'a str,
    /// Last day.
    pub through: &'a str,
    /// What it offers.
    pub services: &'a str,
}

/// Keeps an institution with its licence; a licence whose term meets the one on record corrects
/// that one, which stays readable. Returns the code.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] with the fields (as in [`NewLicence`]);
/// [`Error::Refused`] when nothing differs.
pub async fn set_licence(app: &App, actor: &Actor, new: &NewLicence<'_>) -> Result<String, Error> {
    actor.must(Act::ImportRegistry)?;
    let mut faults = Faults::new();
    let uscc = Uscc::parse(new.uscc).map(|checked| checked.value.as_str().to_owned());
    let uscc = uscc.unwrap_or_else(|error| {
        faults.push(invalid("uscc", format!("统一社会信用代码{error}")));
        String::new()
    });
    let name = text_or_fault(&mut faults, ("name", "机构名称"), new.name, 60);
    let licence_no = text_or_fault(&mut faults, ("licence_no", "许可证编号"), new.licence_no, 60);
    let division = division(new.division, &mut faults);
    let term = days(new.from, new.through, &mut faults);
    let services = text_or_fault(&mut faults, ("services", "服务项目"), new.services, 200);
    let (Some(term), true) = (term, faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    let fact = InstitutionLicence { name, licence_no, division, services };
    let tx = app.db.begin().await?;
    let id = match store::institution(&tx, &uscc).await? {
        Some(known) => known.id,
        None => {
            let by = (actor.account_id, app.clock.now());
            store::add_institution(&tx, &uscc, by).await?
        }
    };
    let held = facts_of::<InstitutionLicence>(&tx, id, Versions::Live).await?;
    let mut met = held.iter().filter(|stated| stated.period.overlaps(&term));
    let (old, more) = (met.next(), met.next());
    if more.is_some() {
        let text = "有效期与不止一份许可证重叠，请分别更正";
        return Err(Error::Invalid(vec![invalid("from", text)]));
    }
    if old.is_some_and(|old| old.fact == fact && old.period == term) {
        return Err(Error::Refused("与已登记的许可证相同，没有更改".to_owned()));
    }
    let title = ("decision", "人力资源服务许可");
    let decree = Decree::record(app, &tx, actor, title, &fact.licence_no, "").await?;
    let detail = json!({ "name": fact.name, "document_no": fact.licence_no });
    match old {
        Some(old) => fact::correct(&tx, old.id, decree.states(id, term, fact, None)).await?,
        None => fact::state(&tx, vec![decree.states(id, term, fact, None)]).await?,
    }
    let object = ("hr_institution", uscc.as_str());
    log(app, &tx, actor, "institution.licensed", object, &detail).await?;
    tx.commit().await?;
    Ok(uscc)
}

/// A placement as it is typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewPlacement<'a> {
    /// The day.
    pub day: &'a str,
    /// Code of the enterprise.
    pub enterprise: &'a str,
    /// Official number of a named person; may be empty.
    pub person: &'a str,
    /// How many; 1 or empty for a named one.
    pub persons: &'a str,
}

/// A placement with its day.
type Placed = (Placement, Period);

async fn placed(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    new: &NewPlacement<'_>,
    faults: &mut Faults,
) -> Result<Option<Placed>, Error> {
    let before = faults.len();
    let day = new.day.trim().parse::<NaiveDate>().ok();
    let day = day.filter(|day| *day <= app.clock.today());
    let period = day.and_then(|day| Period::new(day, Some(day)));
    if period.is_none() {
        faults.push(invalid("day", "请填写不晚于今天的日期，例如 2026-06-30"));
    }
    let mut fact = Placement { enterprise_id: 0, person_id: None, persons: 1 };
    match enterprise(tx, new.enterprise).await? {
        Ok(id) => fact.enterprise_id = id,
        Err(text) => faults.push(invalid("enterprise", text)),
    }
    if let Some(day) = day.filter(|_| fact.enterprise_id > 0) {
        let listed = facts_of::<Listing>(tx, fact.enterprise_id, Versions::Live).await?;
        if !listed.iter().any(|stated| stated.period.covers(day)) {
            faults.push(invalid("enterprise", "该企业当日不在骨干企业清单内"));
        }
    }
    (fact.person_id, fact.persons) = persons(tx, actor, (new.person, new.persons), faults).await?;
    Ok(period.filter(|_| faults.len() == before).map(|period| (fact, period)))
}

/// Records a placement, or corrects the number of the same day, enterprise and person.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`] with the fields (as in
/// [`NewPlacement`]); [`Error::Refused`] when nothing differs.
pub async fn place(
    app: &App,
    actor: &Actor,
    uscc: &str,
    new: &NewPlacement<'_>,
) -> Result<(), Error> {
    actor.must(Act::ImportRegistry)?;
    let tx = app.db.begin().await?;
    let institution = store::institution(&tx, uscc).await?.ok_or(Error::NotFound("这家机构"))?;
    let mut faults = Faults::new();
    let Some(placed) = placed(app, &tx, actor, new, &mut faults).await? else {
        return Err(Error::Invalid(faults));
    };
    let decree = Decree::record(app, &tx, actor, ("decision", "推荐就业记录"), "", "").await?;
    let detail = json!({ "persons": placed.0.persons });
    if !state(&tx, &decree, institution.id, placed).await? {
        return Err(Error::Refused("与已登记的相同，没有更改".to_owned()));
    }
    let object = ("hr_institution", uscc);
    log(app, &tx, actor, "institution.placed", object, &detail).await?;
    tx.commit().await?;
    Ok(())
}

async fn state(
    tx: &Tx,
    decree: &Decree<'_>,
    institution: i64,
    (fact, period): Placed,
) -> Result<bool, Error> {
    let known = facts_of::<Placement>(tx, institution, Versions::Live).await?;
    let same = |stated: &crate::domain::registry::Stated<Placement>| {
        stated.period == period
            && stated.fact.enterprise_id == fact.enterprise_id
            && stated.fact.person_id == fact.person_id
    };
    match known.into_iter().find(same) {
        Some(old) if old.fact == fact => return Ok(false),
        Some(old) => {
            fact::correct(tx, old.id, decree.states(institution, period, fact, None)).await?;
        }
        None => fact::state(tx, vec![decree.states(institution, period, fact, None)]).await?,
    }
    Ok(true)
}

/// Records the placements that a table holds, all or nothing; returns how many rows changed
/// something.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] (`file`) with every wrong cell by row and column.
pub async fn import(
    app: &App,
    actor: &Actor,
    (name, bytes): (&str, &[u8]),
) -> Result<usize, Error> {
    actor.must(Act::ImportRegistry)?;
    let rows = read_sheet((name, bytes), &COLUMNS)?;
    let tx = app.db.begin().await?;
    let decree = Decree::record(app, &tx, actor, ("decision", "推荐就业记录"), "", "").await?;
    let (mut faults, mut changed) = (Faults::new(), 0);
    for row in &rows {
        match taken(app, &tx, actor, row).await? {
            Err(wrong) => faults.extend(wrong),
            Ok((id, placed)) => {
                changed += usize::from(state(&tx, &decree, id, placed).await?);
            }
        }
    }
    whole(faults)?;
    let detail = json!({ "rows": rows.len(), "changed": changed });
    log(app, &tx, actor, "institution.imported", ("hr_institution", ""), &detail).await?;
    tx.commit().await?;
    Ok(changed)
}

async fn taken(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    row: &SheetRow<5>,
) -> Result<Result<(i64, Placed), Faults>, Error> {
    let [uscc, day, enterprise, person, persons] = row.cells();
    let Some(institution) = store::institution(tx, &uscc.to_uppercase()).await? else {
        return Ok(Err(vec![row.fault(COLUMNS[0], "没有登记这家机构，请先登记许可证")]));
    };
    let new = NewPlacement { day, enterprise, person, persons };
    let mut faults = Faults::new();
    if let Some(placed) = placed(app, tx, actor, &new, &mut faults).await? {
        return Ok(Ok((institution.id, placed)));
    }
    let column = |field: &str| match field {
        "day" => COLUMNS[1],
        "enterprise" => COLUMNS[2],
        "person" => COLUMNS[3],
        _ => COLUMNS[4],
    };
    Ok(Err(row.faults(faults, column)))
}
