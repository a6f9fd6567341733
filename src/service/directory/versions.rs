//! Versions of the key-enterprise list and of the roster, compared. Reads, except that an export
//! is logged.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use super::facts::known;
use crate::app::App;
use crate::clock::china_time;
use crate::domain::authority::Act;
use crate::domain::region;
use crate::domain::registry::{Code, Stated};
use crate::domain::roster::current;
use crate::domain::versions::{Difference, EnterpriseChange, RosterChange, compare};
use crate::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, write_xlsx};
use crate::service::seen::{SeenKind, note_many};
use crate::service::{Actor, Error, log};
use crate::store::directory::{self as store, EnterpriseFile, Places};
use crate::store::fact::Versions;

pub use crate::store::directory::Point;

/// Entries that changed which one comparison takes.
const MAX_DIFFERENCES: u64 = 50_000;
/// What is said of an enterprise whose place is not known.
const NOWHERE: &str = "未登记地区";

/// Which list is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// The key-enterprise list.
    Enterprises,
    /// The confirmed roster.
    Roster,
}

impl ListKind {
    /// Code and name of the three kinds of differences.
    pub fn changes(self) -> [(&'static str, &'static str); 3] {
        match self {
            Self::Enterprises => {
                [EnterpriseChange::Added, EnterpriseChange::Removed, EnterpriseChange::Renamed]
                    .map(|change| (change.code(), change.label()))
            }
            Self::Roster => [RosterChange::Joined, RosterChange::Left, RosterChange::Moved]
                .map(|change| (change.code(), change.label())),
        }
    }

    /// What the list is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Enterprises => "骨干企业清单",
            Self::Roster => "核心工程师名册",
        }
    }
}

/// What to compare and which differences to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionQuery {
    /// The list.
    pub list: ListKind,
    /// One version.
    pub before: Point,
    /// The other.
    pub after: Point,
    /// Only this kind of difference, by code; empty for all.
    pub change: String,
    /// Only this city-level unit; empty for all.
    pub city: String,
}

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    /// Code of the kind.
    pub change: &'static str,
    /// Its name.
    pub label: &'static str,
    /// Code of the enterprise, or number of the person.
    pub no: String,
    /// Name of the enterprise, or of the person.
    pub name: String,
    /// What the first version says: a name, or an enterprise; empty when nothing.
    pub before: String,
    /// What the second version says.
    pub after: String,
    /// City-level unit, by code.
    city: String,
    /// By name.
    pub city_name: String,
    about: i64,
}

/// How many differences a city has, in the order of [`ListKind::changes`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CityCount {
    /// City-level unit.
    pub city: String,
    /// By kind.
    pub counts: [i64; 3],
}

/// A comparison.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Entries of the first version.
    pub size_before: i64,
    /// Entries of the second version.
    pub size_after: i64,
    /// Differences by city, whatever is filtered.
    pub by_city: Vec<CityCount>,
    /// Differences that match.
    pub total: u64,
    /// Those of the page.
    pub rows: Vec<VersionRow>,
}

/// Compares two versions within the actor's scope; rows from `offset`, at most `limit`.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`]; [`Error::Refused`] above 50,000 entries that changed.
pub async fn compare_versions(
    app: &App,
    actor: &Actor,
    query: &VersionQuery,
    offset: u64,
    limit: u64,
) -> Result<Comparison, Error> {
    actor.must(Act::ReadRegistry)?;
    let (sizes, all) = match query.list {
        ListKind::Enterprises => enterprises(app, actor, query).await?,
        ListKind::Roster => roster(app, actor, query).await?,
    };
    let by_city = by_city(query.list, &all);
    let matching: Vec<VersionRow> = all
        .into_iter()
        .filter(|row| query.change.is_empty() || row.change == query.change)
        .filter(|row| query.city.is_empty() || row.city == query.city)
        .collect();
    let total = u64::try_from(matching.len()).unwrap_or(u64::MAX);
    let from = usize::try_from(offset).unwrap_or(usize::MAX);
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut rows: Vec<VersionRow> = matching.into_iter().skip(from).take(most).collect();
    if query.list == ListKind::Roster {
        name_persons(app, query, &mut rows).await?;
    }
    Ok(Comparison { size_before: sizes.0, size_after: sizes.1, by_city, total, rows })
}

type Sizes = (i64, i64);

/// What an enterprise is called at a point, its code and where it lies.
struct Spot {
    uscc: String,
    name: String,
    city: Option<String>,
}

/// The enterprises at a point, each looked up once however many persons changed there.
struct Known(HashMap<i64, Spot>);

impl Known {
    fn at(point: Point, files: &HashMap<i64, EnterpriseFile>) -> Self {
        let spot = |file: &EnterpriseFile| Spot {
            uscc: file.key.uscc.clone(),
            name: fact(point, &file.names).map_or_else(|| file.key.uscc.clone(), |name| name.name),
            city: fact(point, &file.divisions).map(|lies| lies.city_unit),
        };
        Self(files.iter().map(|(id, file)| (*id, spot(file))).collect())
    }

    fn name(&self, id: i64) -> String {
        self.0.get(&id).map(|spot| spot.name.clone()).unwrap_or_default()
    }

    fn city(&self, id: i64) -> Option<String> {
        self.0.get(&id).and_then(|spot| spot.city.clone())
    }

    fn uscc(&self, id: i64) -> String {
        self.0.get(&id).map(|spot| spot.uscc.clone()).unwrap_or_default()
    }
}

/// What holds at a point.
fn fact<T: Clone>(point: Point, facts: &[Stated<T>]) -> Option<T> {
    let held = known(facts, point.known_at);
    current(&held, point.on).map(|stated| stated.fact.clone())
}

/// All versions of the facts about enterprises, in as many statements as they take.
async fn files_of(app: &App, mut ids: Vec<i64>) -> Result<HashMap<i64, EnterpriseFile>, Error> {
    ids.sort_unstable();
    ids.dedup();
    let mut files = HashMap::new();
    for ids in ids.chunks(500) {
        files.extend(store::enterprise_files(app.db.read(), ids, Versions::All).await?);
    }
    Ok(files)
}

async fn enterprises(
    app: &App,
    actor: &Actor,
    query: &VersionQuery,
) -> Result<(Sizes, Vec<VersionRow>), Error> {
    let read = app.db.read();
    let before = store::listed(read, &actor.scope, query.before).await?;
    let after = store::listed(read, &actor.scope, query.after).await?;
    let files = files_of(app, before.iter().chain(&after).copied().collect()).await?;
    let then = Known::at(query.before, &files);
    let now = Known::at(query.after, &files);
    let sizes = (size(before.len()), size(after.len()));
    let named = |known: &Known, ids: Vec<i64>| -> BTreeMap<i64, String> {
        ids.into_iter().map(|id| (id, known.name(id))).collect()
    };
    let row = |difference: Difference<String>| {
        use EnterpriseChange::{Added, Removed, Renamed};
        let change = difference.kind(Added, Removed, Renamed);
        let id = difference.about;
        let lies = if difference.after.is_some() { now.city(id) } else { then.city(id) };
        let name = difference.after.clone().or(difference.before.clone()).unwrap_or_default();
        VersionRow {
            change: change.code(),
            label: change.label(),
            no: now.uscc(id),
            name,
            before: difference.before.unwrap_or_default(),
            after: difference.after.unwrap_or_default(),
            city_name: city_name(lies.as_deref()),
            city: lies.unwrap_or_default(),
            about: id,
        }
    };
    let differences = compare(named(&then, before), named(&now, after));
    Ok((sizes, differences.into_iter().map(row).collect()))
}

fn size(entries: usize) -> i64 {
    i64::try_from(entries).unwrap_or(i64::MAX)
}

fn city_name(code: Option<&str>) -> String {
    let name = code.and_then(region::full_name).or(code);
    name.unwrap_or(NOWHERE).to_owned()
}

/// Persons whose place cannot have changed are not read: few differ even on a roster of a million.
async fn roster(
    app: &App,
    actor: &Actor,
    query: &VersionQuery,
) -> Result<(Sizes, Vec<VersionRow>), Error> {
    let (read, scope) = (app.db.read(), &actor.scope);
    let between = (query.before, query.after);
    let found = store::places_that_may_differ(read, scope, between, MAX_DIFFERENCES).await?;
    let Some(Places { before, after }) = found else {
        return Err(Error::Refused(format!(
            "两个版本之间超过 {MAX_DIFFERENCES} 条名册记录有变动，请选择相隔更近的日期"
        )));
    };
    // Everybody else is on both: the second size need not be counted.
    let size_before = store::roster_size(read, scope, query.before).await?;
    let size_after = size_before + size(after.len()) - size(before.len());
    let files = files_of(app, before.values().chain(after.values()).copied().collect()).await?;
    let then = Known::at(query.before, &files);
    let now = Known::at(query.after, &files);
    let row = |difference: Difference<i64>| {
        use RosterChange::{Joined, Left, Moved};
        let change = difference.kind(Joined, Left, Moved);
        let lies = match difference.after {
            Some(id) => now.city(id),
            None => difference.before.and_then(|id| then.city(id)),
        };
        VersionRow {
            change: change.code(),
            label: change.label(),
            no: String::new(),
            name: String::new(),
            before: difference.before.map(|id| then.name(id)).unwrap_or_default(),
            after: difference.after.map(|id| now.name(id)).unwrap_or_default(),
            city_name: city_name(lies.as_deref()),
            city: lies.unwrap_or_default(),
            about: difference.about,
        }
    };
    let rows = compare(before, after).into_iter().map(row).collect();
    Ok(((size_before, size_after), rows))
}

/// Puts numbers and names to the persons of rows, as the version that has them knows them.
async fn name_persons(
    app: &App,
    query: &VersionQuery,
    rows: &mut [VersionRow],
) -> Result<(), Error> {
    for (point, wanted) in [(query.before, true), (query.after, false)] {
        let of_point = |row: &&mut VersionRow| row.after.is_empty() == wanted;
        let ids: Vec<i64> =
            rows.iter().filter(|row| row.after.is_empty() == wanted).map(|row| row.about).collect();
        let people = store::numbers_and_names(app.db.read(), &ids, point.known_at).await?;
        for row in rows.iter_mut().filter(of_point) {
            let Some((person, names)) = people.get(&row.about) else { continue };
            let held = known(names, point.known_at);
            row.no = person.no.clone();
            row.name =
                current(&held, point.on).map(|name| name.fact.name.clone()).unwrap_or_default();
        }
    }
    Ok(())
}

fn by_city(list: ListKind, rows: &[VersionRow]) -> Vec<CityCount> {
    let kinds = list.changes().map(|(code, _)| code);
    let place = |code: &str| region::city_units().iter().position(|(unit, _)| unit == code);
    let mut counts: BTreeMap<(usize, &str), CityCount> = BTreeMap::new();
    for row in rows {
        let count = counts
            .entry((place(&row.city).unwrap_or(usize::MAX), row.city.as_str()))
            .or_insert_with(|| CityCount { city: row.city_name.clone(), counts: [0; 3] });
        if let Some(kind) = kinds.iter().position(|code| *code == row.change) {
            count.counts[kind] += 1;
        }
    }
    counts.into_values().collect()
}

/// All matching differences as a workbook. The export is logged with its conditions.
///
/// # Errors
/// As [`compare_versions`].
pub async fn export_versions(
    app: &App,
    actor: &Actor,
    query: &VersionQuery,
) -> Result<Vec<u8>, Error> {
    let found = compare_versions(app, actor, query, 0, MAX_DIFFERENCES).await?;
    let cells = |row: &VersionRow| {
        let columns = [row.label, &row.name, &row.no, &row.before, &row.after, &row.city_name];
        columns.map(|text| CellOut::Text(text.to_owned())).to_vec()
    };
    let bytes = write_xlsx(&table(app, actor, query), found.rows.iter().map(cells))
        .map_err(|error| Error::Refused(error.to_string()))?;
    let detail = json!({
        "title": query.list.title(),
        "from": described(query.before),
        "to": described(query.after),
        "rows": found.total,
    });
    let tx = app.db.begin().await?;
    if query.list == ListKind::Roster {
        let persons: Vec<&str> = found.rows.iter().map(|row| row.no.as_str()).collect();
        note_many(app, &tx, actor, (SeenKind::Exported, &persons)).await?;
    }
    log(app, &tx, actor, "list_version.exported", ("list_version", ""), &detail).await?;
    tx.commit().await?;
    Ok(bytes)
}

/// `2026-06-30（截至 2026-07-01 09:00:00 已记录）`.
fn described(point: Point) -> String {
    let known = minute_of(point.known_at);
    format!("{}（截至 {known} 已记录）", point.on)
}

fn minute_of(at: DateTime<Utc>) -> String {
    china_time(at).format("%Y-%m-%d %H:%M:%S").to_string()
}

fn table(app: &App, actor: &Actor, query: &VersionQuery) -> Table {
    let day = |point: Point| -> NaiveDate { point.on };
    let (subject, number) = match query.list {
        ListKind::Enterprises => ("企业", "统一社会信用代码"),
        ListKind::Roster => ("姓名", "编号"),
    };
    let said = match query.list {
        ListKind::Enterprises => "名称",
        ListKind::Roster => "单位",
    };
    let columns = [
        ("变动".to_owned(), 10.0),
        (subject.to_owned(), 32.0),
        (number.to_owned(), 22.0),
        (format!("{} {said}", day(query.before)), 36.0),
        (format!("{} {said}", day(query.after)), 36.0),
        ("地区".to_owned(), 18.0),
    ];
    let column = |(name, width)| ColumnSpec { name, width, kind: ColumnKind::Text };
    let versions = format!("{} 与 {}", described(query.before), described(query.after));
    Table {
        title: format!("{}变动", query.list.title()),
        columns: columns.into_iter().map(column).collect(),
        total_row: false,
        comment: format!("{versions}；导出人：{}（{}）", actor.name, actor.organisation),
        created_at: china_time(app.clock.now()).naive_local(),
    }
}
