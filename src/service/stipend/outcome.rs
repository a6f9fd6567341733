//! The pages of runs: the list, and what one run brought about.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::policy::{has_defaults, parse};
use super::run::Progress;
use super::words::{self, Figures, NamedSum};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::domain::scenario::Which;
use crate::file::workbook::{CellOut, Table};
use crate::service::export::DIRECT_ROWS;
use crate::service::{Actor, Error, changed, seen};
use crate::store::account;
use crate::store::stipend::outcome::{self as store, Change, Kind};
use crate::store::stipend::result::Year;
use crate::store::stipend::{self, explain, run as runs};

/// Runs a page.
pub const RUNS_A_PAGE: u64 = 20;
/// Changed results a page.
pub const CHANGES_A_PAGE: u64 = 50;
const MONTHS_A_YEAR: i64 = 12;

/// A run in the list.
#[derive(Debug, Clone)]
pub struct RunLine {
    /// How far it has come.
    pub progress: Progress,
    /// Who started it.
    pub starter: String,
    /// When.
    pub started_at: DateTime<Utc>,
    /// It uses the facts as known then.
    pub known_at: DateTime<Utc>,
}

/// A page of the runs, the latest first, and how many there are; pages count from 1.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn runs(app: &App, actor: &Actor, page: u64) -> Result<(Vec<RunLine>, u64), Error> {
    actor.must(Act::Compute)?;
    let offset = page.saturating_sub(1).saturating_mul(RUNS_A_PAGE);
    let (rows, total) = runs::page(app.db.read(), offset, RUNS_A_PAGE).await?;
    let mut lines = Vec::with_capacity(rows.len());
    for run in &rows {
        lines.push(line(app, run).await?);
    }
    Ok((lines, total))
}

async fn line(app: &App, run: &runs::Run) -> Result<RunLine, Error> {
    let starter = account::by_id(app.db.read(), run.started_by).await?;
    Ok(RunLine {
        progress: Progress::of(run)?,
        starter: starter.map_or_else(String::new, |full| full.holder.name),
        started_at: run.started_at,
        known_at: run.facts_known_at,
    })
}

/// A result that came out differently than before.
#[derive(Debug, Clone)]
pub struct ChangedResult {
    /// Name of the person.
    pub name: String,
    /// Number of the person.
    pub person_no: String,
    /// Net amount before.
    pub before: Fen,
    /// Net amount now.
    pub after: Fen,
    /// What differs.
    pub reason: String,
}

impl ChangedResult {
    /// How much more, or less.
    pub fn difference(&self) -> Fen {
        self.after.checked_sub(self.before).unwrap_or_default()
    }
}

/// Everything about one run.
#[derive(Debug, Clone)]
pub struct RunView {
    /// How far it has come.
    pub line: RunLine,
    /// Sum of the net amounts that stood when it ended.
    pub net: Fen,
    /// Whether its policy text leaves parameters to default assumptions.
    pub uses_defaults: bool,
    /// What stood when it ended, by result; empty until then.
    pub by_status: Vec<NamedSum>,
    /// By city-level unit.
    pub by_city: Vec<NamedSum>,
    /// By who pays.
    pub by_source: Vec<NamedSum>,
    /// A page of the results whose net amount changed.
    pub changes: Vec<ChangedResult>,
    /// How many there are.
    pub changes_total: u64,
}

async fn seen_by(app: &App, actor: &Actor, run_no: &str) -> Result<runs::Run, Error> {
    actor.must(Act::Compute)?;
    runs::by_no(app.db.read(), run_no).await?.ok_or(Error::NotFound("这次核定"))
}

/// One run with what it brought about, and of the results whose net amount changed those to one side
/// from `offset` on.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn run_view(
    app: &App,
    actor: &Actor,
    run_no: &str,
    (which, offset): (Which, u64),
) -> Result<RunView, Error> {
    let (run, read) = (seen_by(app, actor, run_no).await?, app.db.read());
    let document = stipend::policy(read, run.policy_document_id).await?;
    let uses_defaults = match document {
        Some(document) => has_defaults(&parse(&document.content)?),
        None => false,
    };
    let mut view = RunView {
        line: line(app, &run).await?,
        net: Fen::ZERO,
        uses_defaults,
        by_status: Vec::new(),
        by_city: Vec::new(),
        by_source: Vec::new(),
        changes: Vec::new(),
        changes_total: 0,
    };
    if let Some(ended_at) = run.finished_at {
        let award_year = i32::try_from(run.award_year).unwrap_or_default();
        let year = Year { programme: &run.programme, award_year };
        let kinds = store::kinds(read, year, ended_at).await?;
        let net = kinds.iter().try_fold(0_i64, |sum, kind| sum.checked_add(kind.net));
        view.net = Fen::new(net.ok_or_else(|| Error::Internal("sum of a run".to_owned()))?);
        view.by_status = by_status(&kinds);
        let groups = store::groups(read, year, ended_at).await?;
        (view.by_city, view.by_source) = words::by_city_and_source(&groups);
        let place = store::Place { after: 0, offset, limit: CHANGES_A_PAGE };
        let of = (run.id, which);
        view.changes = changes(app, store::changes(read, of, place).await?).await?;
        view.changes_total = store::count_changes(read, of).await?;
    }
    Ok(view)
}

fn by_status(kinds: &[Kind]) -> Vec<NamedSum> {
    let mut sums: BTreeMap<(u8, String), (i64, i64)> = BTreeMap::new();
    for kind in kinds {
        let mut add = |rank: u8, name: String, persons: i64, net: i64| {
            if persons > 0 {
                let sum = sums.entry((rank, name)).or_default();
                sum.0 += persons;
                sum.1 = sum.1.saturating_add(net);
            }
        };
        if kind.status != "eligible" {
            add(3, words::reason_text(&kind.reasons), kind.persons, 0);
            continue;
        }
        let whole = kind.counted_months == MONTHS_A_YEAR;
        let (rank, name) =
            if whole { (0, "符合条件，全年") } else { (1, "符合条件，部分月份") };
        add(rank, name.to_owned(), kind.persons - kind.zero, kind.net);
        add(2, "符合条件，被同类奖补抵扣为零".to_owned(), kind.zero, 0);
    }
    let sum = |((_, name), (persons, net)): ((u8, String), (i64, i64))| NamedSum {
        name,
        persons,
        amount: Fen::new(net),
    };
    sums.into_iter().map(sum).collect()
}

async fn changes(app: &App, found: Vec<Change>) -> Result<Vec<ChangedResult>, Error> {
    let ids: Vec<i64> = found.iter().map(|change| change.person_id).collect();
    let names = explain::person_names(app.db.read(), &ids).await?;
    let changed = |change: Change| ChangedResult {
        name: names.get(&change.person_id).cloned().unwrap_or_default(),
        before: Fen::new(change.old_net),
        after: Fen::new(change.new_net),
        reason: words::difference(
            Figures { months: change.old_months, offset: change.old_offset, net: change.old_net },
            Figures { months: change.new_months, offset: change.new_offset, net: change.new_net },
            &change.reasons,
        ),
        person_no: change.person_no,
    };
    Ok(found.into_iter().map(changed).collect())
}

/// How many results of a run changed.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub(in crate::service) async fn change_count(
    app: &App,
    actor: &Actor,
    (run_no, which): (&str, &str),
) -> Result<u64, Error> {
    let run = seen_by(app, actor, run_no).await?;
    let which = Which::from_code(which).unwrap_or(Which::All);
    Ok(store::count_changes(app.db.read(), (run.id, which)).await?)
}

/// The exported table of changed results without its rows.
pub(in crate::service) fn change_table(app: &App, actor: &Actor, run_no: &str) -> Table {
    let about = format!("核定 {run_no} 与此前版本的差异");
    changed::table(app, actor, ("核定变化名单", &about), ["原净额（元）", "现净额（元）"])
}

/// The next rows of the table, those of the persons after `after`, and the last of them; `None` when
/// there are no more. Their persons read that the list left the program.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub(in crate::service) async fn change_piece(
    app: &App,
    actor: &Actor,
    (run_no, which): (&str, &str),
    (after, limit): (i64, u64),
) -> Result<Option<(Vec<Vec<CellOut>>, i64)>, Error> {
    let run = seen_by(app, actor, run_no).await?;
    let which = Which::from_code(which).unwrap_or(Which::All);
    let place = store::Place { after, offset: 0, limit };
    let found = store::changes(app.db.read(), (run.id, which), place).await?;
    let Some(last) = found.last().map(|change| change.person_id) else { return Ok(None) };
    let lines = changes(app, found).await?;
    let numbers: Vec<&str> = lines.iter().map(|line| line.person_no.as_str()).collect();
    seen::note_exported(app, actor, &numbers).await?;
    let cells = |line: &ChangedResult| {
        changed::cells([&line.person_no, &line.name], [line.before, line.after], &line.reason)
    };
    Ok(Some((lines.iter().map(cells).collect(), last)))
}

/// The changed results as a workbook; `None` when there are too many for an answer, so that it is
/// written beside the requests. The export is logged.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn change_workbook(
    app: &App,
    actor: &Actor,
    (run_no, which): (&str, &str),
) -> Result<Option<Vec<u8>>, Error> {
    if change_count(app, actor, (run_no, which)).await? > DIRECT_ROWS {
        return Ok(None);
    }
    let found = change_piece(app, actor, (run_no, which), (0, DIRECT_ROWS)).await?;
    let about = ("run.changes_exported", ("run", run_no));
    changed::workbook(app, actor, about, (change_table(app, actor, run_no), found)).await.map(Some)
}
