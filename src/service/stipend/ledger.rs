//! The ledger of entitlements, as a page and as a table to take away.

use std::collections::HashMap;

use serde_json::json;

use super::policy::DEFAULT_RULES;
use super::words::{self, NamedSum};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::adjustment::LedgerState;
use crate::domain::authority::Act;
use crate::domain::determine::Reason;
use crate::domain::money::Fen;
use crate::domain::region;
use crate::domain::registry::Code;
use crate::domain::yearly::Money;
use crate::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, to_csv, write_xlsx};
use crate::service::directory::OWN_PART;
use crate::service::export::{DIRECT_ROWS, value_of};
use crate::service::{Actor, Error, Extent, log, policy, seen};
use crate::store::directory::person_numbers;
use crate::store::stipend::explain;
use crate::store::stipend::ledger::{self as store, Filter};
use crate::store::stipend::pages::{self, Row};

pub use crate::store::stipend::pages::Start as LedgerStart;

/// Rows a page.
pub const ROWS_A_PAGE: u64 = 50;

/// What is asked of the ledger; `None` leaves it open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerQuery {
    /// Award year.
    pub year: Option<i32>,
    /// Where the money stands.
    pub state: Option<LedgerState>,
    /// City-level unit of an employer.
    pub city: Option<String>,
    /// USCC of an employer.
    pub enterprise: Option<String>,
    /// Why nothing is due.
    pub reason: Option<Reason>,
}

impl LedgerQuery {
    /// From the fields of a form.
    pub fn read(fields: &[(&str, &str)]) -> Self {
        let of = |name| value_of(fields, name);
        Self::from_texts(of("year"), of("status"), of("city"), of("enterprise"), of("reason"))
    }

    /// From the texts of a form; what means nothing leaves the filter open.
    pub fn from_texts(year: &str, state: &str, city: &str, enterprise: &str, reason: &str) -> Self {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            year: year.parse().ok(),
            state: LedgerState::from_code(state),
            city: text(city),
            enterprise: text(enterprise),
            reason: words::reason_from(reason),
        }
    }
}

/// A line of the ledger.
#[derive(Debug, Clone)]
pub struct LedgerRow {
    /// Name of the person.
    pub name: String,
    /// Number of the person.
    pub person_no: String,
    /// Award year.
    pub year: i64,
    /// Employers that have a part, by name.
    pub enterprises: String,
    /// Months that count; `None` when only a part of the year is seen.
    pub months: Option<i64>,
    /// Amount before other awards.
    pub gross: Fen,
    /// What other awards take away.
    pub offset: Fen,
    /// What is left.
    pub net: Fen,
    /// Paid of it; `None` when only a part of the year is seen.
    pub paid: Option<Fen>,
    /// `net - paid`: below zero is to come back; `None` as above.
    pub open: Option<Fen>,
    /// Where the money stands.
    pub state: LedgerState,
    /// Why nothing is due; empty when something is.
    pub reason: String,
}

/// Sums over everything that matches.
#[derive(Debug, Clone, Copy, Default)]
pub struct LedgerSums {
    /// Rows.
    pub rows: i64,
    /// Amounts before other awards.
    pub gross: Fen,
    /// What other awards take away.
    pub offset: Fen,
    /// What is left.
    pub net: Fen,
    /// Paid of it.
    pub paid: Fen,
    /// `net - paid`, of the years that are seen whole.
    pub open: Fen,
}

/// A page of the ledger.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// The rows of the page, each with the key of its version.
    pub rows: Vec<(i64, LedgerRow)>,
    /// How long the ledger is.
    pub extent: Extent,
    /// Sums over everything that matches; none of a long ledger unless they were asked for.
    pub sums: Option<LedgerSums>,
    /// Years that can be chosen, the latest first.
    pub years: Vec<i64>,
    /// Enterprises that can be chosen: (USCC, name).
    pub enterprises: Vec<(String, String)>,
}

/// A page of the ledger of what the actor may see; with its sums however long it is, if wanted.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn entitlements(
    app: &App,
    actor: &Actor,
    query: &LedgerQuery,
    from: LedgerStart,
    with_sums: bool,
) -> Result<Ledger, Error> {
    actor.must(Act::ReadEntitlements)?;
    let read = app.db.read();
    let enterprises = explain::enterprises_in(read, &actor.scope).await?;
    let years = store::years(read).await?;
    let filter = filter(actor, query, &enterprises, &years);
    // For pages only: a sum asks for everybody.
    let paged = filter.quicker(read).await?;
    let found = pages::page(read, &paged, from, ROWS_A_PAGE).await?;
    let versions: Vec<i64> = found.iter().map(|row| row.id).collect();
    let extent = pages::length(read, &paged).await?;
    let sums = match extent.is_whole || with_sums {
        true => Some(sums(app, &filter).await?),
        false => None,
    };
    let extent = sums.map_or(extent, |sums| Extent::whole(u64::try_from(sums.rows).unwrap_or(0)));
    Ok(Ledger {
        rows: versions.into_iter().zip(rows(app, actor, found).await?).collect(),
        extent,
        sums,
        years,
        enterprises: enterprises.into_iter().map(|(_, uscc, name)| (uscc, name)).collect(),
    })
}

/// What is due of everything that matches, by city-level unit and by who pays.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn entitlement_sums(
    app: &App,
    actor: &Actor,
    query: &LedgerQuery,
) -> Result<(Vec<NamedSum>, Vec<NamedSum>), Error> {
    actor.must(Act::ReadEntitlements)?;
    let filter = known_filter(app, actor, query).await?;
    Ok(words::by_city_and_source(&store::groups(app.db.read(), &filter).await?))
}

fn filter(
    actor: &Actor,
    query: &LedgerQuery,
    known: &[(i64, String, String)],
    years: &[i64],
) -> Filter {
    // A code outside the scope names no enterprise, and none has the identity 0.
    let enterprise_id = query
        .enterprise
        .as_ref()
        .map(|uscc| known.iter().find(|(_, known, _)| known == uscc).map_or(0, |(id, ..)| *id));
    Filter {
        year: query.year.map(i64::from),
        state: query.state,
        city: query.city.clone(),
        enterprise_id,
        reason: query.reason.map(words::reason_code),
        known_years: years.to_vec(),
        ..Filter::all(actor.scope.clone())
    }
}

async fn sums(app: &App, filter: &Filter) -> Result<LedgerSums, Error> {
    let sums = store::sums(app.db.read(), filter).await?;
    Ok(LedgerSums {
        rows: sums.rows,
        gross: Fen::new(sums.gross),
        offset: Fen::new(sums.offset),
        net: Fen::new(sums.net),
        paid: Fen::new(sums.paid),
        open: Fen::new(sums.whole.saturating_sub(sums.paid)),
    })
}

async fn rows(app: &App, actor: &Actor, found: Vec<Row>) -> Result<Vec<LedgerRow>, Error> {
    let read = app.db.read();
    let persons: Vec<i64> = found.iter().map(|row| row.person_id).collect();
    let versions: Vec<i64> = found.iter().map(|row| row.id).collect();
    let names = explain::person_names(read, &persons).await?;
    let numbers = person_numbers(read, &persons).await?;
    let money = store::money_of(read, &persons).await?;
    let pairs = store::employers_of(read, &actor.scope, &versions).await?;
    let mut ids: Vec<i64> = pairs.iter().map(|(_, enterprise)| *enterprise).collect();
    ids.sort_unstable();
    ids.dedup();
    let enterprise_names = explain::enterprise_names(read, &ids).await?;
    let mut employers: HashMap<i64, Vec<&str>> = HashMap::new();
    for (version, enterprise) in &pairs {
        let name = enterprise_names.get(enterprise).map_or("", String::as_str);
        let list = employers.entry(*version).or_default();
        if !list.contains(&name) {
            list.push(name);
        }
    }
    let row = |row: Row| {
        let money = money.get(&(row.person_id, row.award_year)).copied().unwrap_or_default();
        let employers = employers.get(&row.id).map(|list| list.join("、"));
        let of =
            |texts: &HashMap<i64, String>| texts.get(&row.person_id).cloned().unwrap_or_default();
        let person = (of(&numbers), of(&names));
        ledger_row(row, money, person, employers.unwrap_or_default())
    };
    Ok(found.into_iter().map(row).collect())
}

/// Where the money of a standing version stands.
pub(super) fn state_of(status: &str, net: i64, money: Money) -> LedgerState {
    LedgerState::of(status == "eligible", Fen::new(net), money)
}

fn ledger_row(
    row: Row,
    money: Money,
    (person_no, name): (String, String),
    enterprises: String,
) -> LedgerRow {
    let is_part = row.is_part != 0;
    LedgerRow {
        name,
        state: state_of(&row.status, row.net_fen, money),
        reason: if is_part { OWN_PART.to_owned() } else { words::reason_text(&row.reasons) },
        person_no,
        year: row.award_year,
        enterprises,
        months: (!is_part).then_some(row.counted_months),
        gross: Fen::new(row.gross_fen),
        offset: Fen::new(row.offset_fen),
        net: Fen::new(row.net_fen),
        paid: (!is_part).then_some(money.paid),
        open: (!is_part).then_some(Fen::new(row.net_fen.saturating_sub(money.paid.get()))),
    }
}

/// The form of an exported table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A workbook.
    Xlsx,
    /// Comma-separated text.
    Csv,
}

/// How many rows match.
///
/// # Errors
/// [`Error::Forbidden`].
pub(in crate::service) async fn count(
    app: &App,
    actor: &Actor,
    query: &LedgerQuery,
) -> Result<u64, Error> {
    actor.must(Act::ReadEntitlements)?;
    let filter = known_filter(app, actor, query).await?;
    let rows = store::sums(app.db.read(), &filter).await?.rows;
    Ok(u64::try_from(rows).unwrap_or(0))
}

async fn known_filter(app: &App, actor: &Actor, query: &LedgerQuery) -> Result<Filter, Error> {
    let read = app.db.read();
    let enterprises = explain::enterprises_in(read, &actor.scope).await?;
    Ok(filter(actor, query, &enterprises, &store::years(read).await?))
}

/// The next rows of an exported table, those after the version `after`, and the place of the last;
/// `None` when there are no more.
pub(in crate::service) async fn piece(
    app: &App,
    actor: &Actor,
    query: &LedgerQuery,
    (after, limit): (i64, u64),
) -> Result<Option<(Vec<Vec<CellOut>>, i64)>, Error> {
    let filter = known_filter(app, actor, query).await?;
    let found = pages::after(app.db.read(), &filter, after, limit).await?;
    let Some(last) = found.last().map(|row| row.id) else { return Ok(None) };
    Ok(Some((taken_along(app, actor, found).await?, last)))
}

/// The rows of a table that leaves the program; their persons read that it did.
async fn taken_along(
    app: &App,
    actor: &Actor,
    found: Vec<Row>,
) -> Result<Vec<Vec<CellOut>>, Error> {
    let rows = rows(app, actor, found).await?;
    let numbers: Vec<&str> = rows.iter().map(|row| row.person_no.as_str()).collect();
    seen::note_exported(app, actor, &numbers).await?;
    Ok(rows.iter().map(cells_of).collect())
}

/// The whole ledger that matches, as a file; `None` when it is too long for an answer, so that it is
/// written beside the requests. The export is logged.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn export_entitlements(
    app: &App,
    actor: &Actor,
    query: &LedgerQuery,
    form: Form,
) -> Result<Option<Vec<u8>>, Error> {
    if count(app, actor, query).await? > DIRECT_ROWS {
        return Ok(None);
    }
    let filter = known_filter(app, actor, query).await?;
    let found = pages::page(app.db.read(), &filter, LedgerStart::Offset(0), DIRECT_ROWS).await?;
    let cells = taken_along(app, actor, found).await?;
    let count = cells.len();
    let table = table(app, actor).await?;
    let written = match form {
        Form::Xlsx => write_xlsx(&table, cells),
        Form::Csv => to_csv(&table, cells),
    };
    let bytes = written.map_err(|error| Error::Refused(error.to_string()))?;
    let tx = app.db.begin().await?;
    let detail = json!({ "rows": count, "query": format!("{query:?}") });
    log(app, &tx, actor, "entitlements.exported", ("ledger", ""), &detail).await?;
    tx.commit().await?;
    Ok(Some(bytes))
}

/// The exported table without its rows.
pub(in crate::service) async fn table(app: &App, actor: &Actor) -> Result<Table, Error> {
    let column = ColumnSpec::new;
    let rests_on = match policy::standing(app).await?.uses_defaults {
        true => format!("；按 {DEFAULT_RULES} 默认参数试算，待主管部门确定"),
        false => String::new(),
    };
    Ok(Table {
        title: "应发台账".to_owned(),
        columns: vec![
            column("姓名", 12.0, ColumnKind::Text),
            column("编号", 12.0, ColumnKind::Text),
            column("年度", 8.0, ColumnKind::Integer),
            column("企业", 36.0, ColumnKind::Text),
            column("计入月数", 10.0, ColumnKind::Integer),
            column("应发毛额（元）", 16.0, ColumnKind::Amount),
            column("抵扣（元）", 14.0, ColumnKind::Amount),
            column("净额（元）", 16.0, ColumnKind::Amount),
            column("已付（元）", 16.0, ColumnKind::Amount),
            column("待付/待追回（元）", 18.0, ColumnKind::Amount),
            column("状态", 10.0, ColumnKind::Text),
            column("原因", 30.0, ColumnKind::Text),
        ],
        total_row: true,
        comment: format!("导出人：{}（{}）{rests_on}", actor.name, actor.organisation),
        created_at: china_time(app.clock.now()).naive_local(),
    })
}

fn cells_of(row: &LedgerRow) -> Vec<CellOut> {
    vec![
        CellOut::Text(row.name.clone()),
        CellOut::Text(row.person_no.clone()),
        CellOut::Integer(row.year),
        CellOut::Text(row.enterprises.clone()),
        row.months.map_or(CellOut::Empty, CellOut::Integer),
        CellOut::Amount(row.gross),
        CellOut::Amount(row.offset),
        CellOut::Amount(row.net),
        row.paid.map_or(CellOut::Empty, CellOut::Amount),
        row.open.map_or(CellOut::Empty, CellOut::Amount),
        CellOut::Text(row.state.label().to_owned()),
        CellOut::Text(row.reason.clone()),
    ]
}

/// The city-level units to choose from: (code, name).
pub fn cities() -> &'static [(String, String)] {
    region::city_units()
}
