//! Scenarios as people read them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::ScenarioState;
use crate::app::App;
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::domain::scenario::{SEPARATOR, Side, Sum, Tally, Which, band_label};
use crate::file::workbook::{CellOut, Table};
use crate::service::budget::{self, Cover};
use crate::service::export::DIRECT_ROWS;
use crate::service::policy::must_see;
use crate::service::stipend::{NamedSum, division_name, payer_label};
use crate::service::{Actor, Error, changed, seen};
use crate::store::directory;
use crate::store::scenario::{self as store, Change, Scenario};
use crate::store::stipend::explain::person_names;

/// Scenarios a page.
pub const SCENARIOS_A_PAGE: u64 = 50;
/// Persons a page.
pub const CHANGES_A_PAGE: u64 = 50;

/// A scenario in the list.
#[derive(Debug, Clone)]
pub struct ScenarioLine {
    /// Official number.
    pub no: String,
    /// What it is called.
    pub name: String,
    /// What differs, in words.
    pub conditions: String,
    /// Award year.
    pub year: i64,
    /// Where it stands.
    pub state: ScenarioState,
    /// Persons to look at, and looked at.
    pub progress: (i64, i64),
    /// Who asked, and when.
    pub asked: (String, DateTime<Utc>),
    /// Facts as known then.
    pub known_at: DateTime<Utc>,
    /// Why there is no outcome; may be empty.
    pub message: String,
    /// Paid under both texts, as far as it is.
    pub paid: Pair,
}

/// Persons and money under both texts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pair {
    /// Under the text in force.
    pub before: (i64, Fen),
    /// Under the text that is tried.
    pub after: (i64, Fen),
}

impl Pair {
    /// How much more, or less.
    pub fn difference(&self) -> Fen {
        self.after.1.checked_sub(self.before.1).unwrap_or_default()
    }
}

/// The same under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPair {
    /// What it is for.
    pub name: String,
    /// Persons and money.
    pub pair: Pair,
}

/// What the year needs of one payer's budget under both texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Who pays from which source.
    pub name: String,
    /// What was given for the year, and what is free for more in this calendar year's budget.
    pub cover: Cover,
    /// Still to be paid under the text in force; nothing when more was given.
    pub before: Fen,
    /// Under the text that is tried.
    pub after: Fen,
}

impl Need {
    /// How much of the budget is lacking under the text that is tried.
    pub fn lacking(&self) -> Fen {
        self.after.checked_sub(self.cover.free).unwrap_or_default().max(Fen::ZERO)
    }
}

/// A person whose amount would be another one.
#[derive(Debug, Clone)]
pub struct ChangeLine {
    /// Number of the person.
    pub person_no: String,
    /// Name of the person.
    pub name: String,
    /// Net amount under the text in force.
    pub before: Fen,
    /// Net amount under the text that is tried.
    pub after: Fen,
    /// Why.
    pub reason: String,
}

/// Everything about a scenario.
#[derive(Debug, Clone)]
pub struct ScenarioPage {
    /// Summary.
    pub line: ScenarioLine,
    /// Those who would get more, and how much more.
    pub gain: (i64, Fen),
    /// Those who would get less, and how much less.
    pub loss: (i64, Fen),
    /// Those whose amount stays.
    pub unchanged: i64,
    /// Those whose facts contradict each other; in no sum.
    pub failed: i64,
    /// The first of them, with the reason.
    pub failures: Vec<String>,
    /// By city-level unit.
    pub by_city: Vec<NamedPair>,
    /// By who pays.
    pub by_source: Vec<NamedPair>,
    /// What the budgets of this calendar year lack, by who pays.
    pub needs: Vec<Need>,
    /// Persons by band of the net amount: words, under the text in force, under the other one.
    pub bands: Vec<(String, i64, i64)>,
    /// A page of the persons whose amount would be another one.
    pub changes: Vec<ChangeLine>,
    /// How many there are.
    pub changes_total: u64,
}

fn sum(sum: Sum) -> (i64, Fen) {
    (sum.persons, Fen::new(sum.fen))
}

fn tally(row: &Scenario) -> Result<Tally, Error> {
    match row.outcome.as_str() {
        "" => Ok(Tally::default()),
        text => serde_json::from_str(text)
            .map_err(|_| Error::Internal(format!("outcome of {}", row.scenario_no))),
    }
}

async fn lines(app: &App, rows: &[Scenario]) -> Result<Vec<ScenarioLine>, Error> {
    let people: Vec<i64> = rows.iter().map(|row| row.asked_by).collect();
    let names = directory::account_names(app.db.read(), &people).await?;
    let line = |row: &Scenario| {
        let state = ScenarioState::from_code(&row.state);
        let tally = tally(row)?;
        Ok(ScenarioLine {
            no: row.scenario_no.clone(),
            name: row.name.clone(),
            conditions: row.conditions.clone(),
            year: row.award_year,
            state: state.ok_or_else(|| Error::Internal(format!("state of {}", row.scenario_no)))?,
            progress: (row.total, row.done),
            asked: (names.get(&row.asked_by).cloned().unwrap_or_default(), row.asked_at),
            known_at: row.facts_known_at,
            message: row.message.clone(),
            paid: Pair { before: sum(tally.before.paid), after: sum(tally.after.paid) },
        })
    };
    rows.iter().map(line).collect()
}

/// The scenarios of a policy from `offset` on, the latest first, and how many there are.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn scenarios(
    app: &App,
    actor: &Actor,
    id: &str,
    offset: u64,
) -> Result<(u64, Vec<ScenarioLine>), Error> {
    must_see(actor)?;
    super::must_be_stipend(id)?;
    let (total, rows) = store::page(app.db.read(), id, (offset, SCENARIOS_A_PAGE)).await?;
    Ok((total, lines(app, &rows).await?))
}

async fn seen_by(app: &App, actor: &Actor, no: &str) -> Result<Scenario, Error> {
    must_see(actor)?;
    store::by_no(app.db.read(), no).await?.ok_or(Error::NotFound("这个情景"))
}

/// One scenario with a page of the persons whose amount would be another one.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn page(
    app: &App,
    actor: &Actor,
    no: &str,
    (which, offset): (Which, u64),
) -> Result<ScenarioPage, Error> {
    let row = seen_by(app, actor, no).await?;
    let tally = tally(&row)?;
    let line = lines(app, std::slice::from_ref(&row)).await?.pop();
    let place = (offset, CHANGES_A_PAGE);
    let (total, found) = store::changes(app.db.read(), (row.id, which), place).await?;
    let (before, after) = (named(&tally.before), named(&tally.after));
    let labels = tally.before.bands.keys().chain(tally.after.bands.keys());
    let bands: BTreeMap<i64, ()> = labels.map(|band| (*band, ())).collect();
    let persons = |side: &Side, band: i64| side.bands.get(&band).copied().unwrap_or_default();
    let band =
        |band: i64| (band_label(band), persons(&tally.before, band), persons(&tally.after, band));
    Ok(ScenarioPage {
        line: line.ok_or(Error::NotFound("这个情景"))?,
        gain: sum(tally.gain),
        loss: sum(tally.loss),
        unchanged: tally.unchanged,
        failed: tally.failed,
        by_city: paired(before.0, after.0),
        by_source: paired(before.1, after.1),
        needs: needs(app, row.award_year, &tally).await?,
        bands: bands.into_keys().map(band).collect(),
        failures: tally.failures,
        changes: change_lines(app, found).await?,
        changes_total: total,
    })
}

/// What the year needs beside what was given for it and what is free, by who pays.
async fn needs(app: &App, award_year: i64, tally: &Tally) -> Result<Vec<Need>, Error> {
    let keys = tally.before.payers.keys().chain(tally.after.payers.keys());
    let keys: BTreeMap<&String, ()> = keys.map(|key| (key, ())).collect();
    // One that is under way has no sums to lay beside a budget.
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let covers = budget::covers(app, award_year).await?;
    let need = |key: &String| {
        let (source, division) = key.split_once(SEPARATOR).unwrap_or((key, ""));
        let cover = covers.get(&(source.to_owned(), division.to_owned()));
        let cover = cover.copied().unwrap_or_default();
        let open = |side: &Side| {
            let due = side.payers.get(key).map_or(Fen::ZERO, |sum| Fen::new(sum.fen));
            due.checked_sub(cover.given).unwrap_or_default().max(Fen::ZERO)
        };
        let (before, after) = (open(&tally.before), open(&tally.after));
        Need { name: payer_label(source, division), cover, before, after }
    };
    Ok(keys.into_keys().map(need).collect())
}

/// Sums by city-level unit and by who pays, named as runs name them.
fn named(side: &Side) -> (Vec<NamedSum>, Vec<NamedSum>) {
    let under = |name: String, sum: &Sum| NamedSum {
        name,
        persons: sum.persons,
        amount: Fen::new(sum.fen),
    };
    let payer = |(key, sum): (&String, &Sum)| {
        let (source, division) = key.split_once(SEPARATOR).unwrap_or((key, ""));
        under(payer_label(source, division), sum)
    };
    let cities = side.cities.iter().map(|(unit, sum)| under(division_name(unit), sum));
    (cities.collect(), side.payers.iter().map(payer).collect())
}

/// The sums under both texts, by name in the order of the first mention.
fn paired(before: Vec<NamedSum>, after: Vec<NamedSum>) -> Vec<NamedPair> {
    let mut all: Vec<NamedPair> = Vec::new();
    for (is_after, sum) in
        before.into_iter().map(|sum| (false, sum)).chain(after.into_iter().map(|sum| (true, sum)))
    {
        let at = match all.iter().position(|pair| pair.name == sum.name) {
            Some(at) => at,
            None => {
                all.push(NamedPair { name: sum.name, pair: Pair::default() });
                all.len() - 1
            }
        };
        let pair = &mut all[at].pair;
        let side = if is_after { &mut pair.after } else { &mut pair.before };
        *side = (sum.persons, sum.amount);
    }
    all
}

async fn change_lines(app: &App, found: Vec<Change>) -> Result<Vec<ChangeLine>, Error> {
    let ids: Vec<i64> = found.iter().map(|change| change.person_id).collect();
    let numbers = directory::person_numbers(app.db.read(), &ids).await?;
    let names = person_names(app.db.read(), &ids).await?;
    let line = |change: Change| ChangeLine {
        person_no: numbers.get(&change.person_id).cloned().unwrap_or_default(),
        name: names.get(&change.person_id).cloned().unwrap_or_default(),
        before: Fen::new(change.before_fen),
        after: Fen::new(change.after_fen),
        reason: change.reason,
    };
    Ok(found.into_iter().map(line).collect())
}

/// Two scenarios of one year beside each other.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Refused`] for different years.
pub async fn beside(
    app: &App,
    actor: &Actor,
    (one, other): (&str, &str),
) -> Result<(ScenarioPage, ScenarioPage), Error> {
    let first = page(app, actor, one, (Which::All, 0)).await?;
    let second = page(app, actor, other, (Which::All, 0)).await?;
    if first.line.year != second.line.year {
        return Err(Error::Refused("只能并排比较同一年度的情景".to_owned()));
    }
    Ok((first, second))
}

/// How many persons a list has.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub(in crate::service) async fn count(
    app: &App,
    actor: &Actor,
    (no, which): (&str, &str),
) -> Result<u64, Error> {
    let row = seen_by(app, actor, no).await?;
    let which = Which::from_code(which).unwrap_or(Which::All);
    Ok(store::changes(app.db.read(), (row.id, which), (0, 0)).await?.0)
}

/// The exported table without its rows.
pub(in crate::service) fn table(app: &App, actor: &Actor, no: &str) -> Table {
    let about = format!("情景 {no} 的测算，不是核定结果");
    changed::table(app, actor, ("情景名单", &about), ["现行（元）", "情景（元）"])
}

/// The next rows of the table, those after the row `after`, and the place of the last; `None` when
/// there are no more. Their persons read that the list left the program.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub(in crate::service) async fn piece(
    app: &App,
    actor: &Actor,
    (no, which): (&str, &str),
    place: (i64, u64),
) -> Result<Option<(Vec<Vec<CellOut>>, i64)>, Error> {
    let row = seen_by(app, actor, no).await?;
    let which = Which::from_code(which).unwrap_or(Which::All);
    let found = store::changes_after(app.db.read(), (row.id, which), place).await?;
    let Some(last) = found.last().map(|change| change.id) else { return Ok(None) };
    let lines = change_lines(app, found).await?;
    let numbers: Vec<&str> = lines.iter().map(|line| line.person_no.as_str()).collect();
    seen::note_exported(app, actor, &numbers).await?;
    let cells = |line: &ChangeLine| {
        changed::cells([&line.person_no, &line.name], [line.before, line.after], &line.reason)
    };
    Ok(Some((lines.iter().map(cells).collect(), last)))
}

/// The persons whose amount would be another one as a workbook; `None` when there are too many for
/// an answer, so that it is written beside the requests. The export is logged.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn change_workbook(
    app: &App,
    actor: &Actor,
    (no, which): (&str, &str),
) -> Result<Option<Vec<u8>>, Error> {
    if count(app, actor, (no, which)).await? > DIRECT_ROWS {
        return Ok(None);
    }
    let found = piece(app, actor, (no, which), (0, DIRECT_ROWS)).await?;
    let about = ("policy.scenario_exported", ("scenario", no));
    changed::workbook(app, actor, about, (table(app, actor, no), found)).await.map(Some)
}
