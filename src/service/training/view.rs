//! Trainings as pages show them: the list, who attended, and statistics by year and city.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Utc};
use serde_json::json;

use super::write::COLUMNS;
use crate::app::App;
use crate::domain::authority::{Act, Scope};
use crate::domain::region;
use crate::domain::registry::Stated;
use crate::domain::training::{TrainingAttendance, TrainingPlan};
use crate::file::workbook::{CellOut, ColumnKind};
use crate::service::{Actor, Error, log, sheet};
use crate::store::directory::{own_enterprise, person_numbers};
use crate::store::fact::{Versions, facts_among};
use crate::store::stipend::explain::{enterprise_names, person_names};
use crate::store::training::{self as store, Training};

/// Which trainings.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Year of the first day; all when it is none.
    pub year: String,
    /// City unit; all when it is none.
    pub city: String,
    /// Part of the organiser or the occupation; all when it is empty.
    pub q: String,
}

/// A training.
#[derive(Debug, Clone)]
pub struct TrainingLine {
    /// Official number.
    pub no: String,
    /// What was planned.
    pub plan: Stated<TrainingPlan>,
    /// Persons who attended, as far as the reader sees them.
    pub attended: i64,
    /// Of them passed.
    pub passed: i64,
}

/// Sums of a year in a city.
#[derive(Debug, Clone, Default)]
pub struct CityYear {
    /// Year of the first day.
    pub year: i32,
    /// Name of the city.
    pub city: String,
    /// Trainings.
    pub trainings: i64,
    /// Planned seats.
    pub seats: i64,
    /// Persons who attended.
    pub attended: i64,
    /// Of them passed.
    pub passed: i64,
}

/// The list with its statistics.
#[derive(Debug, Clone)]
pub struct Trainings {
    /// Trainings that fit the filter, the last first.
    pub lines: Vec<TrainingLine>,
    /// Of these, by year and city.
    pub sums: Vec<CityYear>,
}

/// Whether a reader sees a training: offices those of their place, an enterprise those that its own
/// people attended.
fn sees(scope: &Scope, plan: &TrainingPlan, attendance: &[Stated<TrainingAttendance>]) -> bool {
    match own_enterprise(scope) {
        Some(own) => attendance.iter().any(|stated| stated.fact.enterprise_id == Some(own)),
        None => scope.covers(0, &plan.division),
    }
}

fn kept(
    scope: &Scope,
    attendance: Vec<Stated<TrainingAttendance>>,
) -> Vec<Stated<TrainingAttendance>> {
    let own = own_enterprise(scope);
    let fits =
        |stated: &Stated<TrainingAttendance>| own.is_none() || stated.fact.enterprise_id == own;
    attendance.into_iter().filter(fits).collect()
}

async fn all(
    app: &App,
    scope: &Scope,
    rows: Vec<Training>,
) -> Result<Vec<(TrainingLine, Vec<Stated<TrainingAttendance>>)>, Error> {
    let read = app.db.read();
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut plans = facts_among::<TrainingPlan>(read, &ids, Versions::Live).await?;
    let mut attendance = facts_among::<TrainingAttendance>(read, &ids, Versions::Live).await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let plan = plans.remove(&row.id).and_then(|plans| plans.into_iter().next());
        let attendance = attendance.remove(&row.id).unwrap_or_default();
        let Some(plan) = plan.filter(|plan| sees(scope, &plan.fact, &attendance)) else { continue };
        let attendance = kept(scope, attendance);
        let line = TrainingLine {
            no: row.training_no,
            attended: attendance.iter().map(|stated| stated.fact.persons).sum(),
            passed: attendance.iter().map(|stated| stated.fact.passed).sum(),
            plan,
        };
        lines.push((line, attendance));
    }
    Ok(lines)
}

/// Name of the city that a division belongs to.
pub(in crate::service) fn city_of(division: &str) -> String {
    let unit = region::city_unit(division);
    region::full_name(&unit).map_or(unit.clone(), str::to_owned)
}

/// The trainings that fit, with statistics.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`].
pub async fn list(app: &App, actor: &Actor, filter: &Filter) -> Result<Trainings, Error> {
    actor.must(Act::ReadRegistry)?;
    let rows = store::trainings(app.db.read()).await?;
    let year: Option<i32> = filter.year.trim().parse().ok();
    let (city, q) = (filter.city.trim(), filter.q.trim());
    let fits = |line: &TrainingLine| {
        let fact = &line.plan.fact;
        year.is_none_or(|year| line.plan.period.from.year() == year)
            && (city.is_empty() || region::city_unit(&fact.division) == city)
            && (q.is_empty() || fact.organiser.contains(q) || fact.occupation.contains(q))
    };
    let found = all(app, &actor.scope, rows).await?;
    let lines: Vec<TrainingLine> = found.into_iter().map(|(line, _)| line).filter(fits).collect();
    let mut sums: BTreeMap<(std::cmp::Reverse<i32>, String), CityYear> = BTreeMap::new();
    for line in &lines {
        let (year, city) = (line.plan.period.from.year(), city_of(&line.plan.fact.division));
        let sum = sums.entry((std::cmp::Reverse(year), city.clone())).or_default();
        sum.year = year;
        sum.city = city;
        sum.trainings += 1;
        sum.seats += line.plan.fact.seats;
        sum.attended += line.attended;
        sum.passed += line.passed;
    }
    Ok(Trainings { lines, sums: sums.into_values().collect() })
}

/// Who attended.
#[derive(Debug, Clone)]
pub struct AttendanceLine {
    /// Enterprise; empty for others.
    pub enterprise: String,
    /// Number and name of a named person.
    pub person: Option<(String, String)>,
    /// How many.
    pub persons: i64,
    /// Of them passed.
    pub passed: i64,
    /// From when it is on record.
    pub recorded_at: DateTime<Utc>,
}

/// A training with who attended.
#[derive(Debug, Clone)]
pub struct Detail {
    /// The training.
    pub line: TrainingLine,
    /// Who attended, as far as the reader sees them.
    pub attendance: Vec<AttendanceLine>,
    /// Plans that were corrected, the last first.
    pub former: Vec<Stated<TrainingPlan>>,
}

/// A training with who attended.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`], also for one that the reader does not see.
pub async fn detail(app: &App, actor: &Actor, no: &str) -> Result<Detail, Error> {
    actor.must(Act::ReadRegistry)?;
    let read = app.db.read();
    let row = store::training(read, no).await?.ok_or(Error::NotFound("这个培训"))?;
    let id = row.id;
    let found = all(app, &actor.scope, vec![row]).await?.pop();
    let (line, attendance) = found.ok_or(Error::NotFound("这个培训"))?;
    let enterprises: Vec<i64> = attendance.iter().filter_map(|s| s.fact.enterprise_id).collect();
    let people: Vec<i64> = attendance.iter().filter_map(|s| s.fact.person_id).collect();
    let enterprises = enterprise_names(read, &enterprises).await?;
    let names = person_names(read, &people).await?;
    let numbers = person_numbers(read, &people).await?;
    let told = |stated: &Stated<TrainingAttendance>| AttendanceLine {
        enterprise: (stated.fact.enterprise_id)
            .and_then(|id| enterprises.get(&id).cloned())
            .unwrap_or_default(),
        person: stated.fact.person_id.map(|id| {
            (
                numbers.get(&id).cloned().unwrap_or_default(),
                names.get(&id).cloned().unwrap_or_default(),
            )
        }),
        persons: stated.fact.persons,
        passed: stated.fact.passed,
        recorded_at: stated.recorded_at,
    };
    let mut plans = facts_among::<TrainingPlan>(read, &[id], Versions::All).await?;
    let mut former = plans.remove(&id).unwrap_or_default();
    former.retain(|stated| !stated.is_live());
    former.sort_by_key(|stated| std::cmp::Reverse(stated.id));
    Ok(Detail { attendance: attendance.iter().map(told).collect(), line, former })
}

const SHEET: &[sheet::Column] = &[
    (COLUMNS[0], ColumnKind::Text, 14.0),
    ("举办单位", ColumnKind::Text, 30.0),
    ("职业（工种）", ColumnKind::Text, 24.0),
    ("地区", ColumnKind::Text, 18.0),
    ("首日", ColumnKind::Date, 12.0),
    ("末日", ColumnKind::Date, 12.0),
    ("计划人数", ColumnKind::Integer, 10.0),
    ("参训人数", ColumnKind::Integer, 10.0),
    ("合格", ColumnKind::Integer, 10.0),
];

/// The trainings that fit as a workbook, with its name.
///
/// # Errors
/// As [`list`].
pub async fn sheet(app: &App, actor: &Actor, filter: &Filter) -> Result<(String, Vec<u8>), Error> {
    let found = list(app, actor, filter).await?;
    let cells = |line: &TrainingLine| {
        let (fact, period) = (&line.plan.fact, line.plan.period);
        vec![
            CellOut::Text(line.no.clone()),
            CellOut::Text(fact.organiser.clone()),
            CellOut::Text(fact.occupation.clone()),
            CellOut::Text(region::full_name(&fact.division).unwrap_or_default().to_owned()),
            CellOut::Date(period.from),
            period.through.map_or(CellOut::Empty, CellOut::Date),
            CellOut::Integer(fact.seats),
            CellOut::Integer(line.attended),
            CellOut::Integer(line.passed),
        ]
    };
    let bytes = sheet::workbook(app, actor, "职业技能培训", SHEET, found.lines.iter().map(cells))?;
    let tx = app.db.begin().await?;
    let detail = json!({ "rows": found.lines.len() });
    log(app, &tx, actor, "training.exported", ("training", ""), &detail).await?;
    tx.commit().await?;
    Ok(("职业技能培训.xlsx".to_owned(), bytes))
}
