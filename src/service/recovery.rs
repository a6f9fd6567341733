//! Recoveries as the payer's finance office, the HR offices and auditors see them: the list, one
//! with its reckoning and its letters, and the acts of finance on it (domain.md 7.11).

use chrono::NaiveDate;

use super::budget::visible_payer;
use super::case::{self, CaseView, Submitted, recovery as files};
use super::{Actor, Error, stipend};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::capital::in_capitals;
use crate::domain::instalment::Instalment;
use crate::domain::ledger::Account as Books;
use crate::domain::lifecycle::RecoveryState;
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::store::batch_view::holder_names;
use crate::store::budget::BudgetFilter;
use crate::store::case::CaseRow;
use crate::store::recovery::{self as store, EntryKind, EntryRow, RecoveryRow};
use crate::store::stipend::explain::{enterprise_names, person_names};
use crate::store::{directory, ledger};

/// Rows of one page.
pub const RECOVERIES_A_PAGE: u64 = 50;

/// A line of the list.
#[derive(Debug, Clone)]
pub struct RecoveryLine {
    /// The recovery.
    pub row: RecoveryRow,
    /// Name of the person.
    pub name: String,
    /// Number of the person.
    pub person_no: String,
    /// Name of the enterprise that pays it back; `None` for the person.
    pub liable: Option<String>,
    /// What is left of it.
    pub outstanding: Fen,
    /// Where it stands.
    pub state: &'static str,
    /// Last day there.
    pub due_on: Option<NaiveDate>,
    /// Whether that is over.
    pub overdue: bool,
}

/// What the books hold of recoveries.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecoverySums {
    /// Decided, and not yet back.
    pub receivable: Fen,
    /// Back.
    pub recovered: Fen,
    /// Given up.
    pub written_off: Fen,
}

/// A page of the list.
#[derive(Debug, Clone)]
pub struct RecoveryList {
    /// Its lines, the most urgent first.
    pub rows: Vec<RecoveryLine>,
    /// How many match.
    pub count: u64,
    /// Of all that the reader sees.
    pub sums: RecoverySums,
}

/// The recoveries of the actor's payer, [`RECOVERIES_A_PAGE`] from `offset`, the most urgent first.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`].
pub async fn list(
    app: &App,
    actor: &Actor,
    state: Option<RecoveryState>,
    offset: u64,
) -> Result<RecoveryList, Error> {
    actor.must(Act::ReadBatches)?;
    let (read, payer) = (app.db.read(), visible_payer(actor));
    let filter = store::Filter { payer_division: payer, state: state.map(Code::code) };
    let found = store::list(read, &filter, (offset, RECOVERIES_A_PAGE)).await?;
    Ok(RecoveryList {
        rows: lines(app, found).await?,
        count: store::count(read, &filter).await?,
        sums: sums(app, payer).await?,
    })
}

async fn sums(app: &App, payer: Option<&str>) -> Result<RecoverySums, Error> {
    let filter =
        BudgetFilter { payer_division: payer.map(str::to_owned), ..BudgetFilter::default() };
    let books = ledger::books(app.db.read(), &filter).await?;
    let sum = |account| {
        let sum = Fen::checked_sum(books.values().map(|books| books.balance(account)));
        sum.ok_or_else(|| Error::Internal("a sum of the books overflows".to_owned()))
    };
    Ok(RecoverySums {
        receivable: sum(Books::Receivable)?,
        recovered: sum(Books::Recovered)?,
        written_off: sum(Books::WrittenOff)?,
    })
}

async fn lines(app: &App, found: Vec<(CaseRow, RecoveryRow)>) -> Result<Vec<RecoveryLine>, Error> {
    let (read, today) = (app.db.read(), app.clock.today());
    let ids: Vec<i64> = found.iter().map(|(_, row)| row.id).collect();
    let persons: Vec<i64> = found.iter().map(|(_, row)| row.person_id).collect();
    let mut accounts = store::accounts(read, &ids).await?;
    let names = person_names(read, &persons).await?;
    let numbers = directory::person_numbers(read, &persons).await?;
    let liable: Vec<i64> = found.iter().filter_map(|(_, row)| row.liable_enterprise_id).collect();
    let enterprises = enterprise_names(read, &liable).await?;
    let line = |(file, row): (CaseRow, RecoveryRow)| {
        let account = accounts.remove(&row.id).unwrap_or_default();
        RecoveryLine {
            name: names.get(&row.person_id).cloned().unwrap_or_default(),
            person_no: numbers.get(&row.person_id).cloned().unwrap_or_default(),
            liable: row.liable_enterprise_id.and_then(|id| enterprises.get(&id).cloned()),
            outstanding: outstanding(&row, &account),
            state: RecoveryState::from_code(&file.state).map_or("", Code::label),
            due_on: file.due_on,
            overdue: file.due_on.is_some_and(|last| last < today),
            row,
        }
    };
    Ok(found.into_iter().map(line).collect())
}

/// What is left of a recovery; nothing of one that is over.
pub(super) fn outstanding(row: &RecoveryRow, account: &store::Account) -> Fen {
    let is_over = matches!(row.state.as_str(), "cancelled" | store::CLOSED);
    if is_over { Fen::ZERO } else { account.outstanding(Fen::new(row.amount_fen)) }
}

/// Something that lowered a recovery, or waits to.
#[derive(Debug, Clone)]
pub struct EntryLine {
    /// The entry.
    pub row: EntryRow,
    /// What it is.
    pub kind: &'static str,
    /// Who noted it; empty for the program.
    pub recorder: String,
    /// Who confirmed or refused it.
    pub decider: String,
}

/// How much was paid of a source, how much is due after the correction.
#[derive(Debug, Clone, Copy)]
pub struct Reckoning {
    /// Frozen in batches, paid or set off.
    pub paid: Fen,
    /// Due of this source by the version that the recovery rests on.
    pub due: Fen,
    /// Decided to come back before.
    pub before: Fen,
    /// To come back.
    pub amount: Fen,
}

/// One recovery.
#[derive(Debug, Clone)]
pub struct RecoveryView {
    /// Its line.
    pub line: RecoveryLine,
    /// The file: history and acts.
    pub file: CaseView,
    /// How the amount came about.
    pub reckoning: Reckoning,
    /// The amount in capitals.
    pub capital: String,
    /// What the year came to, in one sentence.
    pub sentence: String,
    /// By which plan it is repaid; empty without one.
    pub plan: Vec<Instalment>,
    /// What came back and is given up, oldest first.
    pub entries: Vec<EntryLine>,
    /// Who files nothing for a time, in sentences.
    pub bans: Vec<String>,
}

/// One recovery with what the reader can do next.
///
/// # Errors
/// [`Error::NotFound`] for another payer's and outside the reader's region.
pub async fn view(app: &App, actor: &Actor, no: &str) -> Result<RecoveryView, Error> {
    let (file, row) = match files::payers_view(app, actor, no).await {
        Ok(found) => found,
        Err(Error::Forbidden(_)) => {
            let view = case::case_view(app, actor, no).await?;
            let row = store::by_no(app.db.read(), no).await?.ok_or(Error::NotFound("这项追回"))?;
            (view, row)
        }
        Err(error) => return Err(error),
    };
    let read = app.db.read();
    let entries = entry_lines(app, store::entries(read, &[row.id]).await?).await?;
    let reckoning = reckoning(app, &row).await?;
    let plan = store::plan(read, row.id).await?;
    let bans = files::sentences(read, &row).await?;
    let amount = Fen::new(row.amount_fen);
    let capital = in_capitals(amount).map_err(|error| Error::Internal(error.to_string()))?;
    let case = store::file(read, no).await?.ok_or(Error::NotFound("这项追回"))?;
    let year = i32::try_from(row.award_year).unwrap_or_default();
    let line = lines(app, vec![(case, row)]).await?.pop().ok_or(Error::NotFound("这项追回"))?;
    let told = stipend::explain(app, &actor.scope, &line.person_no, year, None).await;
    Ok(RecoveryView {
        sentence: told.map(|told| told.sentence).unwrap_or_default(),
        line,
        file,
        reckoning,
        capital,
        plan,
        entries,
        bans,
    })
}

async fn entry_lines(app: &App, rows: Vec<EntryRow>) -> Result<Vec<EntryLine>, Error> {
    let people = rows.iter().flat_map(|row| [row.recorded_by, row.decided_by]).flatten();
    let names = holder_names(app.db.read(), people.collect::<Vec<i64>>()).await?;
    let name = |id: Option<i64>| id.and_then(|id| names.get(&id).cloned()).unwrap_or_default();
    let line = |row: EntryRow| EntryLine {
        kind: EntryKind::from_code(&row.kind).map_or("", Code::label),
        recorder: name(row.recorded_by),
        decider: name(row.decided_by),
        row,
    };
    Ok(rows.into_iter().map(line).collect())
}

async fn reckoning(app: &App, row: &RecoveryRow) -> Result<Reckoning, Error> {
    let (paid, due, before) = store::reckoning(app.db.read(), row).await?;
    Ok(Reckoning { paid, due, before, amount: Fen::new(row.amount_fen) })
}

/// Does an act of finance, or of an HR office, on a recovery; gives the state that it led to.
///
/// # Errors
/// As [`case::act`].
pub async fn act(
    app: &App,
    actor: &Actor,
    no: &str,
    sent: &Submitted,
) -> Result<&'static str, Error> {
    if actor.role.may(Act::ReadBatches) {
        files::payers_act(app, actor, no, sent).await
    } else {
        case::act(app, actor, no, sent).await
    }
}
