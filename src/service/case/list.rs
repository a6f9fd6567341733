//! The list of files: what waits, what is looked for, and what of it is kept or taken along.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use super::view::{CASES_A_PAGE, CaseLine, CaseList, enterprise_names, line, states, waiting};
use super::{Chosen, mandate, recusal};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::authority::{Act, Scope};
use crate::domain::cosign::level;
use crate::domain::lifecycle::CaseKind;
use crate::domain::region;
use crate::domain::registry::Code;
use crate::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, write_xlsx};
use crate::service::export::{DIRECT_ROWS, value_of};
use crate::service::seen::note_files_exported;
use crate::service::{Actor, Error, Extent, calendar, log};
use crate::store::case::cosign::asked_on;
use crate::store::case::{self as store, CaseRow, Desk, Filter};
use crate::store::db::Tx;
use crate::store::filter::{self as filters, SavedFilter};

/// Filters that one account keeps.
const MOST_FILTERS: usize = 20;
/// Working days before its end in which a file is due soon.
pub const SOON: u32 = 3;

/// How close to its end a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Urgency {
    /// Whatever.
    #[default]
    Any,
    /// Over.
    Overdue,
    /// Over, or within three working days.
    Soon,
}

/// Which files to list.
#[derive(Debug, Clone, Default)]
pub struct CaseQuery {
    /// All in scope, instead of those that wait for the reader.
    pub all: bool,
    /// Kind.
    pub kind: Option<CaseKind>,
    /// State, by code.
    pub state: Option<String>,
    /// How urgent.
    pub urgency: Urgency,
    /// Code or part of the name of an enterprise.
    pub enterprise: Option<String>,
    /// City unit or county whose enterprises are meant.
    pub division: Option<String>,
}

impl CaseQuery {
    /// From the fields of a form; what is unknown leaves the list open.
    pub fn read(fields: &[(&str, &str)]) -> Self {
        let of = |name| value_of(fields, name);
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            all: of("show") == "all",
            kind: CaseKind::from_code(of("kind")),
            state: some(of("state")),
            urgency: match of("overdue") {
                "yes" => Urgency::Overdue,
                "soon" => Urgency::Soon,
                _ => Urgency::Any,
            },
            enterprise: some(of("enterprise")),
            division: some(of("division")).filter(|code| region::is_known(code)),
        }
    }
}

/// How many files there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// That wait for the reader.
    pub waiting: Extent,
    /// Of those, overdue.
    pub overdue: Extent,
    /// Of those, overdue or due soon.
    pub soon: Extent,
    /// In scope.
    pub all: Extent,
}

/// What the reader sees: in the own capacity, and in that of everybody they stand in for.
async fn desks(app: &App, actor: &Actor, all: bool) -> Result<Vec<Desk>, Error> {
    let desk = |actor: &Actor| Desk {
        scope: actor.scope.clone(),
        any_of: (!all).then(|| waiting(actor.role, actor.scope.takes_both_steps())),
        case_id: actor.behalf.as_ref().and_then(|behalf| behalf.case_id),
        signer: None,
    };
    let mandates = mandate::held(app, app.db.read(), actor).await?;
    let others = mandates.iter().map(|mandate| desk(&mandate.acting));
    let signs = Desk { any_of: None, signer: Some(actor.account_id), ..desk(actor) };
    let signs = (!all && level(actor.role).is_some()).then_some(signs);
    Ok(std::iter::once(desk(actor)).chain(others).chain(signs).collect())
}

/// The first day that is not urgent any more.
async fn due_before(app: &App, urgency: Urgency) -> Result<Option<NaiveDate>, Error> {
    Ok(match urgency {
        Urgency::Any => None,
        Urgency::Overdue => Some(app.clock.today()),
        Urgency::Soon => last_soon(app).await?.succ_opt(),
    })
}

/// The last day that is near; a week where the calendar does not reach.
pub(crate) async fn last_soon(app: &App) -> Result<NaiveDate, Error> {
    let today = app.clock.today();
    let week = today.checked_add_days(chrono::Days::new(7)).unwrap_or(today);
    Ok(calendar::known(app).await?.add_working_days(today, SOON).unwrap_or(week))
}

fn region_of(code: &str) -> Option<Scope> {
    match code {
        "" | region::PROVINCE => None,
        code if region::city_unit(code) == code => Some(Scope::City(code.to_owned())),
        code => Some(Scope::County(code.to_owned())),
    }
}

async fn filter(app: &App, actor: &Actor, query: &CaseQuery) -> Result<Filter, Error> {
    let chosen = query.kind.is_some() || query.state.is_some();
    let among = chosen.then(|| {
        let fits = |(kind, code, _): &(CaseKind, &'static str, &'static str)| {
            query.kind.is_none_or(|wanted| wanted == *kind)
                && query.state.as_ref().is_none_or(|wanted| wanted == code)
        };
        let fitting = states().into_iter().filter(fits);
        fitting.map(|(kind, code, _)| (kind.code(), vec![code])).collect()
    });
    let text = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    Ok(Filter {
        desks: desks(app, actor, query.all).await?,
        among,
        enterprise: text(&query.enterprise).map(|text| text.trim().to_owned()),
        region: query.division.as_deref().and_then(region_of),
        due_before: due_before(app, query.urgency).await?,
    })
}

/// What waits for the reader, the most urgent first; or everything in scope.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn cases(
    app: &App,
    actor: &Actor,
    query: &CaseQuery,
    page: u64,
) -> Result<CaseList, Error> {
    actor.must(Act::ReadCases)?;
    let filter = filter(app, actor, query).await?;
    let read = app.db.read();
    let offset = page.saturating_sub(1).min(1_000_000).saturating_mul(CASES_A_PAGE);
    let found = store::list(read, &filter, offset, CASES_A_PAGE).await?;
    Ok(CaseList {
        extent: store::length(read, &filter).await?,
        rows: lines(app, actor, &found).await?,
        states: states(),
    })
}

/// The files that a list finds, the most urgent first, at most `limit`; none was looked at.
pub(super) async fn numbers(
    app: &App,
    actor: &Actor,
    query: &CaseQuery,
    limit: u64,
) -> Result<Vec<Chosen>, Error> {
    let mut filter = filter(app, actor, query).await?;
    // Whoever is only asked to sign a file does nothing else with it.
    filter.desks.retain(|desk| desk.signer.is_none());
    let rows = store::list(app.db.read(), &filter, 0, limit).await?;
    Ok(rows.into_iter().map(|row| Chosen { no: row.case_no, seen_steps: None }).collect())
}

/// The lines of files, with those marked that the reader must not act on.
async fn lines(app: &App, actor: &Actor, found: &[CaseRow]) -> Result<Vec<CaseLine>, Error> {
    let today = app.clock.today();
    let names: HashMap<i64, String> = enterprise_names(app.db.read(), found).await?;
    let relations = recusal::relations(app.db.read(), today, actor.holder_id).await?;
    let ids: Vec<i64> = found.iter().map(|row| row.id).collect();
    let signing = match level(actor.role) {
        Some(_) => asked_on(app.db.read(), actor.account_id, &ids).await?,
        None => HashMap::new(),
    };
    let day =
        |(at, due_on): &(DateTime<Utc>, Option<NaiveDate>)| (china_time(*at).date_naive(), *due_on);
    let line = |row: &CaseRow| CaseLine {
        recused: relations.iter().any(|stated| recusal::concerns(&stated.fact, row)),
        signing: signing.get(&row.id).map(day),
        ..line(row, &names, today)
    };
    Ok(found.iter().map(line).collect())
}

/// How many files wait for the reader, whoever they act for.
///
/// # Errors
/// When the database fails.
pub async fn waiting_for(app: &App, actor: &Actor) -> Result<i64, Error> {
    if !actor.role.may(Act::ReadCases) {
        return Ok(0);
    }
    let filter = filter(app, actor, &CaseQuery::default()).await?;
    let count = store::count(app.db.read(), &filter).await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The figures above the list.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn counts(app: &App, actor: &Actor) -> Result<Counts, Error> {
    actor.must(Act::ReadCases)?;
    let count = async |all, urgency| {
        let query = CaseQuery { all, urgency, ..CaseQuery::default() };
        let filter = filter(app, actor, &query).await?;
        Ok::<_, Error>(store::length(app.db.read(), &filter).await?)
    };
    Ok(Counts {
        waiting: count(false, Urgency::Any).await?,
        overdue: count(false, Urgency::Overdue).await?,
        soon: count(false, Urgency::Soon).await?,
        all: count(true, Urgency::Any).await?,
    })
}

/// How long the list is that a filter finds.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn length(app: &App, actor: &Actor, query: &CaseQuery) -> Result<Extent, Error> {
    actor.must(Act::ReadCases)?;
    Ok(store::length(app.db.read(), &filter(app, actor, query).await?).await?)
}

/// How many files a filter finds, all of them counted.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn count(app: &App, actor: &Actor, query: &CaseQuery) -> Result<u64, Error> {
    actor.must(Act::ReadCases)?;
    Ok(store::count(app.db.read(), &filter(app, actor, query).await?).await?)
}

/// What a state is called, by its code; the first kind that has it decides.
pub(in crate::service) fn state_words(code: &str) -> Option<String> {
    let found = states().into_iter().find(|(_, known, _)| *known == code);
    found.map(|(_, _, label)| label.to_owned())
}

/// The next rows of an exported table, files opened after the one with the identity `after`, and
/// the last of them; `None` when there are no more.
pub(in crate::service) async fn piece(
    app: &App,
    actor: &Actor,
    query: &CaseQuery,
    (after, limit): (i64, u64),
) -> Result<Option<(Vec<Vec<CellOut>>, i64)>, Error> {
    let filter = filter(app, actor, query).await?;
    let found = store::after(app.db.read(), &filter, after, limit).await?;
    let Some(last) = found.last().map(|row| row.id) else { return Ok(None) };
    let rows = lines(app, actor, &found).await?;
    let tx = app.db.begin().await?;
    taken_along(app, &tx, actor, &rows).await?;
    tx.commit().await?;
    let cells = rows.iter().map(cells).collect();
    Ok(Some((cells, last)))
}

/// The persons of lines that leave the program read that they did.
async fn taken_along(app: &App, tx: &Tx, actor: &Actor, rows: &[CaseLine]) -> Result<(), Error> {
    let files: Vec<&str> = rows.iter().map(|line| line.no.as_str()).collect();
    note_files_exported(app, tx, actor, &files).await
}

/// Every file that matches, as a workbook; `None` when they are too many for an answer, so that the
/// list is written beside the requests. The export is logged with its conditions.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn export(
    app: &App,
    actor: &Actor,
    query: &CaseQuery,
    conditions: &str,
) -> Result<Option<Vec<u8>>, Error> {
    let total = count(app, actor, query).await?;
    if total > DIRECT_ROWS {
        return Ok(None);
    }
    let filter = filter(app, actor, query).await?;
    let found = store::list(app.db.read(), &filter, 0, DIRECT_ROWS).await?;
    let rows = lines(app, actor, &found).await?;
    let table = table(app, actor, conditions);
    let bytes = write_xlsx(&table, rows.iter().map(cells))
        .map_err(|error| Error::Refused(error.to_string()))?;
    let detail = json!({ "conditions": conditions, "rows": total });
    let tx = app.db.begin().await?;
    taken_along(app, &tx, actor, &rows).await?;
    log(app, &tx, actor, "cases.exported", ("case_list", ""), &detail).await?;
    tx.commit().await?;
    Ok(Some(bytes))
}

fn cells(line: &CaseLine) -> Vec<CellOut> {
    let text = |text: &str| CellOut::Text(text.to_owned());
    vec![
        text(&line.no),
        text(line.kind),
        text(&line.about),
        text(&line.enterprise),
        text(line.state),
        CellOut::Date(line.since),
        line.due_on.map_or(CellOut::Empty, CellOut::Date),
        text(if line.overdue { "已逾期" } else { "" }),
    ]
}

/// The exported table without its rows.
pub(in crate::service) fn table(app: &App, actor: &Actor, conditions: &str) -> Table {
    let columns = [
        ("编号", 16.0, ColumnKind::Text),
        ("类型", 12.0, ColumnKind::Text),
        ("对象", 32.0, ColumnKind::Text),
        ("企业", 32.0, ColumnKind::Text),
        ("状态", 14.0, ColumnKind::Text),
        ("进入日期", 12.0, ColumnKind::Date),
        ("办理期限", 12.0, ColumnKind::Date),
        ("逾期", 10.0, ColumnKind::Text),
    ];
    let column = |(name, width, kind): (&str, f64, ColumnKind)| ColumnSpec {
        name: name.to_owned(),
        width,
        kind,
    };
    Table {
        title: "办件".to_owned(),
        columns: columns.map(column).to_vec(),
        total_row: false,
        comment: format!("导出人 {}；条件 {conditions}", actor.name),
        created_at: china_time(app.clock.now()).naive_local(),
    }
}

/// The filters that the actor keeps, by name.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn saved_filters(app: &App, actor: &Actor) -> Result<Vec<SavedFilter>, Error> {
    actor.must(Act::ReadCases)?;
    Ok(filters::of_account(app.db.read(), actor.account_id).await?)
}

/// Keeps a filter under a name, as the default if wanted. One of the same name is replaced.
///
/// # Errors
/// [`Error::Invalid`] for the name; [`Error::Refused`] when there are too many.
pub async fn save_filter(
    app: &App,
    actor: &Actor,
    (name, conditions): (&str, &str),
    default: bool,
) -> Result<(), Error> {
    actor.must(Act::ReadCases)?;
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 30 {
        let text = "请填写名称，最多 30 个字".to_owned();
        return Err(Error::Invalid(vec![("name".to_owned(), text)]));
    }
    let tx = app.db.begin().await?;
    let held = filters::of_account(&tx, actor.account_id).await?;
    if held.len() >= MOST_FILTERS && !held.iter().any(|filter| filter.name == name) {
        let text = format!("最多保存 {MOST_FILTERS} 个筛选，请先删除不用的");
        return Err(Error::Refused(text));
    }
    let was_default = held.iter().any(|filter| filter.name == name && filter.is_default);
    let now = app.clock.now();
    let id = filters::keep(&tx, actor.account_id, (name, conditions), now).await?;
    if default || was_default {
        filters::set_default(&tx, actor.account_id, Some(id)).await?;
    }
    Ok(tx.commit().await?)
}

/// What to do with a kept filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterAct {
    /// The list opens with it.
    MakeDefault,
    /// The list opens with what waits.
    EndDefault,
    /// It goes.
    Forget,
}

/// Changes one of the actor's filters.
///
/// # Errors
/// [`Error::Stale`] when the actor has no such filter.
pub async fn change_filter(app: &App, actor: &Actor, id: i64, act: FilterAct) -> Result<(), Error> {
    actor.must(Act::ReadCases)?;
    let tx = app.db.begin().await?;
    match act {
        FilterAct::MakeDefault => {
            filters::set_default(&tx, actor.account_id, Some(id)).await?;
        }
        FilterAct::EndDefault => filters::set_default(&tx, actor.account_id, None).await?,
        FilterAct::Forget => filters::forget(&tx, actor.account_id, id).await?,
    }
    Ok(tx.commit().await?)
}
