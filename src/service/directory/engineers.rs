//! The list of engineers, as a page and as a table to take away.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde_json::json;

use super::facts::document_kind;
use super::years::{YearLine, year_line};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::adjustment::LedgerState;
use crate::domain::authority::Act;
use crate::domain::identity::PersonName;
use crate::domain::money::Fen;
use crate::domain::registry::{Code, Employment, RosterEntry, RosterStatus, Stated};
use crate::domain::roster::{Standing, current, filing};
use crate::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, to_csv, write_xlsx};
use crate::service::export::{DIRECT_ROWS, value_of};
use crate::service::seen;
use crate::service::{Actor, Error, Extent, log};
use crate::store::directory::{
    self as store, AmountFilter, EngineerFilter, EnterpriseFile, Missing, Person, PersonFile,
};
use crate::store::fact::Versions;
use crate::store::stipend::ledger::money_of;

pub use crate::store::directory::Start;

/// Rows of one page.
pub const PAGE_SIZE: u64 = 50;
/// Enterprises that a drop-down list offers.
const MAX_CHOICES: u64 = 500;

/// What can be missing of a person on the roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// No social insurance, tax or permit in the last two complete months.
    Evidence,
    /// No account to pay to.
    Account,
}

/// What is asked of the list; nothing given leaves it open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EngineerQuery {
    /// Part of a name, or a whole official number.
    pub text: String,
    /// Code of an enterprise.
    pub uscc: String,
    /// City-level unit of an enterprise.
    pub city: String,
    /// State on the roster.
    pub standing: Option<Standing>,
    /// What the year came to.
    pub amount: Option<AmountFilter>,
    /// What is missing.
    pub gap: Option<Gap>,
}

impl EngineerQuery {
    /// From the fields of a form; what means nothing leaves the list open.
    pub fn read(fields: &[(&str, &str)]) -> Self {
        let of = |name: &str| value_of(fields, name).to_owned();
        Self {
            text: of("q"),
            uscc: of("enterprise"),
            city: of("city"),
            standing: Standing::from_code(&of("state")),
            amount: match of("amount").as_str() {
                "some" => Some(AmountFilter::Some),
                "zero" => Some(AmountFilter::Zero),
                "undecided" => Some(AmountFilter::Undecided),
                _ => None,
            },
            gap: match of("missing").as_str() {
                "evidence" => Some(Gap::Evidence),
                "account" => Some(Gap::Account),
                _ => None,
            },
        }
    }
}

/// An engineer in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineerLine {
    /// Official number.
    pub no: String,
    /// Name.
    pub name: String,
    /// Kind of the identity document.
    pub document_kind: String,
    /// Its number, masked.
    pub document_masked: String,
    /// Employer of the entry shown; empty when there is none.
    pub enterprise: String,
    /// Its code.
    pub uscc: String,
    /// Post there.
    pub post: String,
    /// State on the roster; `None` when never declared.
    pub standing: Option<Standing>,
    /// First day of the entry.
    pub joined_on: Option<NaiveDate>,
    /// What the year came to, once decided.
    pub year: Option<YearLine>,
}

/// A page of the list.
#[derive(Debug, Clone, Default)]
pub struct EngineerPage {
    /// Rows.
    pub rows: Vec<EngineerLine>,
    /// How long the list is.
    pub extent: Extent,
    /// Nothing is shown because nobody was asked for.
    pub must_search: bool,
}

/// Characters of a name or number that are a search.
const SEARCHED: usize = 2;

/// Whether the reader has to ask for somebody first: where the installation says so, an office that
/// names no person and no enterprise would be looking through people it has nothing to do with. An
/// enterprise always sees its own people.
fn must_search(app: &App, actor: &Actor, query: &EngineerQuery) -> bool {
    let names = query.text.trim().chars().count() >= SEARCHED || !query.uscc.trim().is_empty();
    app.search_first && !names && store::own_enterprise(&actor.scope).is_none()
}

/// The engineers in the actor's scope that match, [`PAGE_SIZE`] of them `from` a row on, with what
/// `year` came to; nobody when the reader has to search first.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`].
pub async fn engineers(
    app: &App,
    actor: &Actor,
    query: &EngineerQuery,
    year: i32,
    from: &Start,
) -> Result<EngineerPage, Error> {
    actor.must(Act::ReadRegistry)?;
    if must_search(app, actor, query) {
        return Ok(EngineerPage { must_search: true, ..EngineerPage::default() });
    }
    let read = app.db.read();
    let filter = filter(app, query, year).quicker(read, &actor.scope).await?;
    let extent = store::extent_of_engineers(read, &actor.scope, &filter).await?;
    let people = store::engineers(read, &actor.scope, &filter, from, PAGE_SIZE).await?;
    let rows = lines(app, actor, people, &query.uscc, year).await?;
    Ok(EngineerPage { rows, extent, must_search: false })
}

fn filter(app: &App, query: &EngineerQuery, year: i32) -> EngineerFilter {
    let today = app.clock.today();
    let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let missing = query.gap.and_then(|gap| match gap {
        Gap::Account => Some(Missing::Account),
        Gap::Evidence => {
            filing::last_months(today).map(|(from, to)| Missing::Evidence { from, to })
        }
    });
    // The interpunct and spaces of a name are searched for as they are stored.
    let normal = |text: String| match PersonName::parse(&text) {
        Ok(name) => name.value.as_str().to_owned(),
        Err(_) => text,
    };
    EngineerFilter {
        text: given(&query.text).map(normal),
        uscc: given(&query.uscc),
        city: given(&query.city),
        standing: query.standing,
        amount: query.amount,
        missing,
        ..EngineerFilter::all(today, i64::from(year))
    }
}

/// Rows of a list: nine statements however many rows. With `uscc`, what is shown is the time at
/// that enterprise.
pub(in crate::service) async fn lines(
    app: &App,
    actor: &Actor,
    people: Vec<Person>,
    uscc: &str,
    year: i32,
) -> Result<Vec<EngineerLine>, Error> {
    let read = app.db.read();
    let mut files = store::cards(read, &actor.scope, people, Versions::Live).await?;
    let ids: Vec<i64> = files.iter().map(|file| file.person.id).collect();
    let years = store::years(read, &ids, Some(i64::from(year)), None).await?;
    let money = money_of(read, &ids).await?;
    let enterprises = store::enterprise_files(read, &employers(&files), Versions::Live).await?;
    if !uscc.is_empty() {
        let wanted = |id: i64| enterprises.get(&id).is_some_and(|e| e.key.uscc == uscc);
        for file in &mut files {
            file.roster.retain(|stated| wanted(stated.fact.enterprise_id));
            file.employments.retain(|stated| wanted(stated.fact.enterprise_id));
        }
    }
    let today = app.clock.today();
    let own = store::own_enterprise(&actor.scope);
    let mut out = Vec::with_capacity(files.len());
    for file in &files {
        let id = file.person.id;
        let row = years.iter().find(|row| row.person_id == id);
        let money = money.get(&(id, i64::from(year))).copied().unwrap_or_default();
        let year = row.map(|row| year_line(row, money, own, file)).transpose()?.flatten();
        out.push(EngineerLine { year, ..line(file, &enterprises, today) });
    }
    Ok(out)
}

/// The enterprises named in files.
pub(super) fn employers(files: &[PersonFile]) -> Vec<i64> {
    let entries = files.iter().flat_map(|f| f.roster.iter().map(|s| s.fact.enterprise_id));
    let jobs = files.iter().flat_map(|f| f.employments.iter().map(|s| s.fact.enterprise_id));
    let by = files.iter().flat_map(|f| f.recognitions.iter().filter_map(|s| s.fact.enterprise_id));
    let mut ids: Vec<i64> = entries.chain(jobs).chain(by).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The name of an enterprise on a day.
pub(super) fn enterprise_name(
    enterprises: &HashMap<i64, EnterpriseFile>,
    id: i64,
    day: NaiveDate,
) -> String {
    let Some(file) = enterprises.get(&id) else { return String::new() };
    current(&file.names, day).map_or_else(|| file.key.uscc.clone(), |name| name.fact.name.clone())
}

/// The entry that matters most on a day: confirmed before declared before ended.
pub(super) fn entry_on(
    entries: &[Stated<RosterEntry>],
    day: NaiveDate,
) -> Option<&Stated<RosterEntry>> {
    let lasting = |status: RosterStatus| {
        let lasts = move |s: &&Stated<RosterEntry>| {
            s.is_live()
                && s.fact.status == status
                && s.period.through.is_none_or(|last| day <= last)
        };
        entries.iter().filter(lasts).min_by_key(|stated| stated.period.from)
    };
    lasting(RosterStatus::Confirmed)
        .or_else(|| lasting(RosterStatus::Declared))
        .or_else(|| current(entries, day))
}

/// The employment to show beside an entry: the one at its enterprise, or any when there is none.
pub(super) fn employment_on<'a>(
    jobs: &'a [Stated<Employment>],
    entry: Option<&Stated<RosterEntry>>,
    day: NaiveDate,
) -> Option<&'a Stated<Employment>> {
    let Some(entry) = entry else { return current(jobs, day) };
    let there = |job: &&Stated<Employment>| {
        job.is_live()
            && job.fact.enterprise_id == entry.fact.enterprise_id
            && job.period.overlaps(&entry.period)
    };
    jobs.iter().filter(there).max_by_key(|job| (job.period.covers(day), job.period.from))
}

/// A person in a list, without what the year came to.
pub(super) fn line(
    file: &PersonFile,
    enterprises: &HashMap<i64, EnterpriseFile>,
    today: NaiveDate,
) -> EngineerLine {
    let entry = entry_on(&file.roster, today);
    let job = employment_on(&file.employments, entry, today);
    let document = current(&file.documents, today).map(|stated| &stated.fact);
    let at = entry.map(|e| e.fact.enterprise_id).or(job.map(|job| job.fact.enterprise_id));
    EngineerLine {
        no: file.person.no.clone(),
        name: current(&file.names, today).map(|name| name.fact.name.clone()).unwrap_or_default(),
        document_kind: document
            .map(|d| document_kind(&d.document_type).to_owned())
            .unwrap_or_default(),
        document_masked: document.map(|d| d.number_masked.clone()).unwrap_or_default(),
        enterprise: at.map(|id| enterprise_name(enterprises, id, today)).unwrap_or_default(),
        uscc: at
            .and_then(|id| enterprises.get(&id))
            .map(|enterprise| enterprise.key.uscc.clone())
            .unwrap_or_default(),
        post: job.map(|job| job.fact.post.clone()).unwrap_or_default(),
        standing: entry.map(|entry| Standing::of(entry, &file.suspensions, today)),
        joined_on: entry.map(|entry| entry.period.from),
        year: None,
    }
}

/// The enterprises in the actor's scope to choose from: (code, name).
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`].
pub async fn enterprise_choices(app: &App, actor: &Actor) -> Result<Vec<(String, String)>, Error> {
    actor.must(Act::ReadRegistry)?;
    let today = app.clock.today();
    Ok(store::enterprise_choices(app.db.read(), &actor.scope, today, MAX_CHOICES).await?)
}

/// The form of an exported table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A workbook.
    Xlsx,
    /// Comma-separated text.
    Csv,
}

/// How many match.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`], [`Error::Refused`] when the reader has to
/// search first.
pub(in crate::service) async fn count(
    app: &App,
    actor: &Actor,
    query: &EngineerQuery,
    year: i32,
) -> Result<u64, Error> {
    actor.must(Act::ReadRegistry)?;
    if must_search(app, actor, query) {
        return Err(Error::Refused("请先按姓名、编号或企业查询，再导出查询结果".to_owned()));
    }
    let filter = filter(app, query, year);
    let count = store::count_engineers(app.db.read(), &actor.scope, &filter).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The next rows of an exported table, those registered after the person `after`, and the last of
/// these persons; `None` when there are no more.
pub(in crate::service) async fn piece(
    app: &App,
    actor: &Actor,
    (query, year): (&EngineerQuery, i32),
    (after, limit): (i64, u64),
) -> Result<Option<(Vec<Vec<CellOut>>, i64)>, Error> {
    let filter = filter(app, query, year);
    let people =
        store::engineers_after(app.db.read(), &actor.scope, &filter, None, (after, limit)).await?;
    let Some(last) = people.last().map(|person| person.id) else { return Ok(None) };
    let rows = lines(app, actor, people, &query.uscc, year).await?;
    let numbers: Vec<&str> = rows.iter().map(|row| row.no.as_str()).collect();
    seen::note_exported(app, actor, &numbers).await?;
    Ok(Some((rows.iter().map(cells_of).collect(), last)))
}

/// Everybody who matches, as a file; `None` when they are too many for an answer, so that the list
/// is written beside the requests. The export is logged with its conditions.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`].
pub async fn export_engineers(
    app: &App,
    actor: &Actor,
    query: &EngineerQuery,
    year: i32,
    form: Form,
) -> Result<Option<Vec<u8>>, Error> {
    if count(app, actor, query, year).await? > DIRECT_ROWS {
        return Ok(None);
    }
    let (mut cells, mut after) = (Vec::new(), 0);
    while let Some((rows, last)) = piece(app, actor, (query, year), (after, DIRECT_ROWS)).await? {
        cells.extend(rows);
        after = last;
    }
    let count = cells.len();
    let table = table(app, actor, year);
    let written = match form {
        Form::Xlsx => write_xlsx(&table, cells),
        Form::Csv => to_csv(&table, cells),
    };
    let bytes = written.map_err(|error| Error::Refused(error.to_string()))?;
    let tx = app.db.begin().await?;
    // The conditions without the text: it is a name.
    let detail = json!({
        "rows": count,
        "year": year,
        "uscc": query.uscc,
        "division": query.city,
    });
    log(app, &tx, actor, "engineers.exported", ("roster_list", ""), &detail).await?;
    tx.commit().await?;
    Ok(Some(bytes))
}

/// The exported table without its rows.
pub(in crate::service) fn table(app: &App, actor: &Actor, year: i32) -> Table {
    let column = ColumnSpec::new;
    Table {
        title: "核心工程师".to_owned(),
        columns: vec![
            column("姓名", 14.0, ColumnKind::Text),
            column("编号", 12.0, ColumnKind::Text),
            column("证件类型", 18.0, ColumnKind::Text),
            column("证件号码", 22.0, ColumnKind::Text),
            column("企业", 36.0, ColumnKind::Text),
            column("统一社会信用代码", 22.0, ColumnKind::Text),
            column("岗位", 16.0, ColumnKind::Text),
            column("名册状态", 10.0, ColumnKind::Text),
            column("入册日期", 12.0, ColumnKind::Date),
            column(&format!("{year} 年度计入月数"), 14.0, ColumnKind::Integer),
            column(&format!("{year} 年度应发（元）"), 18.0, ColumnKind::Amount),
            column("发放状态", 10.0, ColumnKind::Text),
        ],
        total_row: true,
        comment: format!("导出人：{}（{}）；证件号码已遮盖", actor.name, actor.organisation),
        created_at: china_time(app.clock.now()).naive_local(),
    }
}

fn cells_of(row: &EngineerLine) -> Vec<CellOut> {
    let text = |text: &str| CellOut::Text(text.to_owned());
    let year = row.year.as_ref();
    let amount = |amount: Fen| CellOut::Amount(amount);
    let state = |year: &YearLine| text(LedgerState::label(year.state));
    vec![
        text(&row.name),
        text(&row.no),
        text(&row.document_kind),
        text(&row.document_masked),
        text(&row.enterprise),
        text(&row.uscc),
        text(&row.post),
        row.standing.map_or(CellOut::Empty, |standing| text(standing.label())),
        row.joined_on.map_or(CellOut::Empty, CellOut::Date),
        year.and_then(|year| year.months).map_or(CellOut::Empty, CellOut::Integer),
        year.map_or(CellOut::Empty, |year| amount(year.net)),
        year.map_or(CellOut::Empty, state),
    ]
}
