//! Institutions as pages show them: licences, placements, statistics by year and city.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use super::write::COLUMNS;
use crate::app::App;
use crate::domain::authority::{Act, Scope};
use crate::domain::region;
use crate::domain::registry::{EnterpriseDivision, Stated};
use crate::domain::training::{InstitutionLicence, Placement};
use crate::file::workbook::{CellOut, ColumnKind};
use crate::service::training::city_of;
use crate::service::{Actor, Error, log, sheet};
use crate::store::directory::{own_enterprise, person_numbers};
use crate::store::fact::{Versions, facts_among};
use crate::store::stipend::explain::{enterprise_names, person_names};
use crate::store::training::{self as store, Institution};

/// Which institutions, and which placements count.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Year of the placements; all when it is none.
    pub year: String,
    /// City unit of the seat; all when it is none.
    pub city: String,
    /// Part of name, licence or services; all when it is empty.
    pub q: String,
}

/// An institution.
#[derive(Debug, Clone)]
pub struct InstitutionLine {
    /// Code.
    pub uscc: String,
    /// The licence held last.
    pub licence: Stated<InstitutionLicence>,
    /// Whether its term covers today.
    pub is_valid: bool,
    /// Persons placed, as far as the reader sees them.
    pub placed: i64,
}

/// Sums of a year in a city of the enterprises.
#[derive(Debug, Clone, Default)]
pub struct CityYear {
    /// Year of the placements.
    pub year: i32,
    /// City of the enterprises.
    pub city: String,
    /// Placements.
    pub placements: i64,
    /// Persons.
    pub persons: i64,
}

/// The list with its statistics.
#[derive(Debug, Clone)]
pub struct Institutions {
    /// Institutions that fit the filter, by code.
    pub lines: Vec<InstitutionLine>,
    /// What they placed, by year and city.
    pub sums: Vec<CityYear>,
}

/// Everything that a reader sees of institutions.
struct Known {
    lines: Vec<(InstitutionLine, Vec<Stated<Placement>>)>,
    /// Present division of each enterprise.
    divisions: HashMap<i64, String>,
}

async fn known(app: &App, scope: &Scope, rows: Vec<Institution>) -> Result<Known, Error> {
    let (read, today) = (app.db.read(), app.clock.today());
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut licences = facts_among::<InstitutionLicence>(read, &ids, Versions::Live).await?;
    let mut placements = facts_among::<Placement>(read, &ids, Versions::Live).await?;
    let mut named: Vec<i64> =
        placements.values().flatten().map(|stated| stated.fact.enterprise_id).collect();
    named.sort_unstable();
    named.dedup();
    let places = facts_among::<EnterpriseDivision>(read, &named, Versions::Live).await?;
    let last = |(id, held): (i64, Vec<Stated<EnterpriseDivision>>)| {
        Some((id, held.into_iter().next_back()?.fact.division))
    };
    let divisions: HashMap<i64, String> = places.into_iter().filter_map(last).collect();
    let own = own_enterprise(scope);
    let sees = |stated: &Stated<Placement>| {
        let enterprise = stated.fact.enterprise_id;
        let division = divisions.get(&enterprise).map_or("", String::as_str);
        own.map_or_else(|| scope.covers(enterprise, division), |own| own == enterprise)
    };
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(licence) = licences.remove(&row.id).and_then(|held| held.into_iter().next_back())
        else {
            continue;
        };
        let mut placed = placements.remove(&row.id).unwrap_or_default();
        placed.retain(|stated| sees(stated));
        let line = InstitutionLine {
            uscc: row.uscc,
            is_valid: licence.period.covers(today),
            placed: placed.iter().map(|stated| stated.fact.persons).sum(),
            licence,
        };
        lines.push((line, placed));
    }
    Ok(Known { lines, divisions })
}

/// The institutions that fit, with statistics of what they placed.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`].
pub async fn list(app: &App, actor: &Actor, filter: &Filter) -> Result<Institutions, Error> {
    actor.must(Act::ReadRegistry)?;
    let rows = store::institutions(app.db.read()).await?;
    let Known { lines: found, divisions } = known(app, &actor.scope, rows).await?;
    let year: Option<i32> = filter.year.trim().parse().ok();
    let (city, q) = (filter.city.trim(), filter.q.trim());
    let (mut lines, mut sums) = (Vec::new(), BTreeMap::new());
    for (mut line, mut placed) in found {
        let fact = &line.licence.fact;
        let texts = [&fact.name, &fact.licence_no, &fact.services, &line.uscc];
        let fits = (city.is_empty() || region::city_unit(&fact.division) == city)
            && (q.is_empty() || texts.iter().any(|text| text.contains(q)));
        if !fits {
            continue;
        }
        placed.retain(|stated| year.is_none_or(|year| stated.period.from.year() == year));
        line.placed = placed.iter().map(|stated| stated.fact.persons).sum();
        for stated in &placed {
            let year = stated.period.from.year();
            let division = divisions.get(&stated.fact.enterprise_id);
            let city = division.map_or_else(|| "未登记".to_owned(), |code| city_of(code));
            let key = (std::cmp::Reverse(year), city.clone());
            let sum: &mut CityYear = sums.entry(key).or_default();
            (sum.year, sum.city) = (year, city);
            sum.placements += 1;
            sum.persons += stated.fact.persons;
        }
        lines.push(line);
    }
    Ok(Institutions { lines, sums: sums.into_values().collect() })
}

/// A placement.
#[derive(Debug, Clone)]
pub struct PlacementLine {
    /// The day.
    pub day: NaiveDate,
    /// Enterprise.
    pub enterprise: String,
    /// Number and name of a named person.
    pub person: Option<(String, String)>,
    /// How many.
    pub persons: i64,
}

/// An institution with its licences and placements.
#[derive(Debug, Clone)]
pub struct Detail {
    /// The institution.
    pub line: InstitutionLine,
    /// Every licence that was ever on record, the last first.
    pub licences: Vec<Stated<InstitutionLicence>>,
    /// Placements, the last first, as far as the reader sees them.
    pub placements: Vec<PlacementLine>,
}

/// An institution with its licences and placements.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn detail(app: &App, actor: &Actor, uscc: &str) -> Result<Detail, Error> {
    actor.must(Act::ReadRegistry)?;
    let read = app.db.read();
    let row = store::institution(read, uscc).await?.ok_or(Error::NotFound("这家机构"))?;
    let id = row.id;
    let found = known(app, &actor.scope, vec![row]).await?.lines.pop();
    let (line, mut placed) = found.ok_or(Error::NotFound("这家机构"))?;
    placed.sort_by_key(|stated| std::cmp::Reverse((stated.period.from, stated.id)));
    let enterprises: Vec<i64> = placed.iter().map(|stated| stated.fact.enterprise_id).collect();
    let people: Vec<i64> = placed.iter().filter_map(|stated| stated.fact.person_id).collect();
    let enterprises = enterprise_names(read, &enterprises).await?;
    let names = person_names(read, &people).await?;
    let numbers = person_numbers(read, &people).await?;
    let of = |known: &HashMap<i64, String>, id: i64| known.get(&id).cloned().unwrap_or_default();
    let told = |stated: &Stated<Placement>| PlacementLine {
        day: stated.period.from,
        enterprise: of(&enterprises, stated.fact.enterprise_id),
        person: stated.fact.person_id.map(|id| (of(&numbers, id), of(&names, id))),
        persons: stated.fact.persons,
    };
    let mut licences = facts_among::<InstitutionLicence>(read, &[id], Versions::All).await?;
    let mut licences = licences.remove(&id).unwrap_or_default();
    licences.sort_by_key(|stated| std::cmp::Reverse(stated.id));
    Ok(Detail { line, licences, placements: placed.iter().map(told).collect() })
}

const SHEET: &[sheet::Column] = &[
    (COLUMNS[0], ColumnKind::Text, 24.0),
    ("机构名称", ColumnKind::Text, 30.0),
    ("许可证编号", ColumnKind::Text, 20.0),
    ("地区", ColumnKind::Text, 18.0),
    ("有效期自", ColumnKind::Date, 12.0),
    ("有效期至", ColumnKind::Date, 12.0),
    ("服务项目", ColumnKind::Text, 40.0),
    ("推荐就业人数", ColumnKind::Integer, 14.0),
];

/// The institutions that fit as a workbook, with its name.
///
/// # Errors
/// As [`list`].
pub async fn sheet(app: &App, actor: &Actor, filter: &Filter) -> Result<(String, Vec<u8>), Error> {
    let found = list(app, actor, filter).await?;
    let cells = |line: &InstitutionLine| {
        let (fact, term) = (&line.licence.fact, line.licence.period);
        vec![
            CellOut::Text(line.uscc.clone()),
            CellOut::Text(fact.name.clone()),
            CellOut::Text(fact.licence_no.clone()),
            CellOut::Text(region::full_name(&fact.division).unwrap_or_default().to_owned()),
            CellOut::Date(term.from),
            term.through.map_or(CellOut::Empty, CellOut::Date),
            CellOut::Text(fact.services.clone()),
            CellOut::Integer(line.placed),
        ]
    };
    let title = "人力资源服务机构";
    let bytes = sheet::workbook(app, actor, title, SHEET, found.lines.iter().map(cells))?;
    let tx = app.db.begin().await?;
    let detail = json!({ "rows": found.lines.len() });
    log(app, &tx, actor, "institution.exported", ("hr_institution", ""), &detail).await?;
    tx.commit().await?;
    Ok((format!("{title}.xlsx"), bytes))
}
