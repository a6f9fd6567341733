//! Budget lines: money a payer has for a programme, a source and a calendar year, and what became
//! of it (domain.md 5.5, item 5).
//!
//! A line is never stored: every figure is a sum over the entries of the books.

mod allocation;
mod carry_over;
mod entries;
mod forecast;
mod monthly;
mod overview;
mod request;
mod year_end;

use std::collections::BTreeMap;

use chrono::Datelike;

use super::stipend::CORE_ENGINEER;
use super::{Actor, Error, invalid};
use crate::app::App;
use crate::domain::authority::{Act, Role, Scope};
use crate::domain::edition::source_label;
use crate::domain::ledger::{Account, Books};
use crate::domain::money::Fen;
use crate::domain::region;
use crate::store::batch_view;
use crate::store::budget as rows;
use crate::store::db::Tx;
use crate::store::ledger as books;

pub use crate::store::budget::{BudgetFilter, BudgetKey};
pub use crate::store::budget_request::codes as budget_codes;
pub use crate::store::money_view::{OpenBatch, WaitingLine};
pub use allocation::{AllocationForm, propose_allocation};
pub use carry_over::{CarryOver, RestLine, batch_state, carry_over, carry_over_workbook};
pub use entries::{ENTRIES_A_PAGE, EntryLine, balances, entries};
pub(super) use forecast::covers;
pub use forecast::{Cover, Forecast, Reserved, YearCost, forecast};
pub(super) use monthly::month_of;
pub use monthly::{MONTH_HEADS, MonthLine, MonthReport, month_report, month_workbook};
pub use overview::{AGES, Ageing, MoneyOverview, MonthEnd, Standing, Waiting, money_overview};
pub use request::{RequestLine, decide_request, requests, requests_waiting};
pub use year_end::{YearEndForm, propose_year_end};

/// What became of the money of one budget line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Set aside by documents, those that take back included.
    pub allocated: Fen,
    /// From the year before, less what went on into the next.
    pub carried: Fen,
    /// In batches that have not gone to the bank.
    pub frozen: Fen,
    /// At the bank, without an answer.
    pub sent: Fen,
    /// Paid.
    pub paid: Fen,
    /// Failed or returned, over all time: available again or back at the treasury.
    pub failed: Fen,
    /// Came back after the end of the year: the treasury's.
    pub returned: Fen,
    /// `allocated + carried - frozen - sent - paid - returned`.
    pub available: Fen,
}

impl Figures {
    /// The sums of books; `None` when one does not fit.
    fn of(books: &Books) -> Option<Self> {
        Some(Self {
            allocated: books.allotted()?,
            carried: books.carried()?,
            frozen: books.balance(Account::Committed),
            sent: books.balance(Account::InTransit),
            paid: books.balance(Account::Paid),
            failed: books.failed(),
            returned: books.balance(Account::Returned),
            available: books.balance(Account::Budget),
        })
    }
}

fn overflow() -> Error {
    Error::Internal("a budget sum overflows".to_owned())
}

/// One budget line.
#[derive(Debug, Clone)]
pub struct BudgetLine {
    /// Which one.
    pub key: BudgetKey,
    /// Its sums.
    pub figures: Figures,
}

/// The programmes that money can be for, by code with their titles.
///
/// # Errors
/// When the database fails.
pub async fn programmes(app: &App) -> Result<BTreeMap<String, String>, Error> {
    let mut programmes = batch_view::programmes(app.db.read()).await?;
    programmes.entry(CORE_ENGINEER.to_owned()).or_insert_with(|| "核心工程师年度奖补".to_owned());
    Ok(programmes)
}

/// What is free in this calendar year's budget of the actor's office, by programme and source.
///
/// # Errors
/// When the database fails.
pub(super) async fn available(
    app: &App,
    actor: &Actor,
) -> Result<BTreeMap<(String, String), Fen>, Error> {
    let filter = BudgetFilter {
        payer_division: Some(actor.division.clone()),
        budget_year: Some(i64::from(app.clock.today().year())),
        ..BudgetFilter::default()
    };
    let found = books::books(app.db.read(), &filter).await?.into_iter();
    Ok(found
        .map(|(key, books)| ((key.programme, key.source), books.balance(Account::Budget)))
        .collect())
}

/// What users read for a source of money: 省级财政.
pub fn source_name(source: &str) -> String {
    format!("{}财政", source_label(source))
}

/// What users read for a payer: 福建省财政, 厦门市财政.
pub fn payer_name(division: &str) -> String {
    format!("{}财政", region::full_name(division).unwrap_or(division))
}

/// The payer whose money an actor sees; `None` sees all payers. Offices see their own division's
/// money only, the provincial auditor everyone's.
pub fn visible_payer(actor: &Actor) -> Option<&str> {
    let sees_all = actor.role == Role::Auditor && actor.scope == Scope::Province;
    (!sees_all).then_some(actor.division.as_str())
}

/// The sources an office may record money of and batch from, ascending: the one of its own level
/// and those its payment lines name.
///
/// # Errors
/// When the database fails.
pub async fn sources(app: &App, actor: &Actor) -> Result<Vec<String>, Error> {
    let own = if actor.division == region::PROVINCE {
        "province"
    } else if region::city_unit(&actor.division) == actor.division {
        "city"
    } else {
        "county"
    };
    let mut found = rows::sources_of_payer(app.db.read(), &actor.division).await?;
    found.push(own.to_owned());
    found.sort();
    found.dedup();
    Ok(found)
}

/// The budget lines that the actor sees, by year descending, payer and source.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`].
pub async fn lines(
    app: &App,
    actor: &Actor,
    budget_year: Option<i32>,
) -> Result<Vec<BudgetLine>, Error> {
    actor.must(Act::ReadBatches)?;
    let filter = BudgetFilter {
        payer_division: visible_payer(actor).map(str::to_owned),
        budget_year: budget_year.map(i64::from),
        ..BudgetFilter::default()
    };
    let conn = app.db.read();
    let mut lines = Vec::new();
    for (key, books) in books::books(conn, &filter).await? {
        lines.push(BudgetLine { key, figures: Figures::of(&books).ok_or_else(overflow)? });
    }
    lines.sort_by(|a, b| {
        let order = |key: &BudgetKey| (-key.budget_year, key.payer_division.clone());
        order(&a.key).cmp(&order(&b.key)).then_with(|| a.key.source.cmp(&b.key.source))
    });
    Ok(lines)
}

/// The sums of one budget line, read in a transaction that first called
/// [`crate::store::budget::lock`] when it is going to spend.
///
/// # Errors
/// When the database fails or a sum overflows.
pub async fn figures(tx: &Tx, key: &BudgetKey) -> Result<Figures, Error> {
    Figures::of(&books::books_of(tx, key).await?).ok_or_else(overflow)
}

/// What is free of a budget line of the actor's own office.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::MakeBatch`].
pub async fn left_of(app: &App, actor: &Actor, key: &BudgetKey) -> Result<Fen, Error> {
    actor.must(Act::MakeBatch)?;
    if key.payer_division != actor.division {
        return Err(Error::NotFound("该指标"));
    }
    Ok(shown_figures(app, key).await?.available)
}

/// [`figures`] outside a transaction, for pages.
///
/// # Errors
/// As [`figures`].
pub async fn shown_figures(app: &App, key: &BudgetKey) -> Result<Figures, Error> {
    Figures::of(&books::books_of(app.db.read(), key).await?).ok_or_else(overflow)
}

fn wrong(field: &str, text: impl Into<String>) -> Error {
    Error::Invalid(vec![invalid(field, text)])
}

fn too_large() -> Error {
    wrong("amount", "金额超出可处理的范围")
}

/// Characters of a document number.
const MAX_DOCUMENT_NO: usize = 60;

/// What is wrong with the number of a document as typed, if anything.
fn document_fault(document_no: &str) -> Option<String> {
    if document_no.is_empty() {
        return Some("请填写指标文号".to_owned());
    }
    let long = document_no.chars().count() > MAX_DOCUMENT_NO;
    (long || document_no.chars().any(char::is_control))
        .then(|| format!("指标文号应为不超过 {MAX_DOCUMENT_NO} 个字的一行文字"))
}

/// Yuan as typed; not nothing.
fn read_amount(typed: &str) -> Result<Fen, String> {
    match Fen::typed(typed) {
        Ok(amount) if amount == Fen::ZERO => Err("金额不能为 0".to_owned()),
        Ok(amount) => Ok(amount),
        Err(error) => Err(error.to_string()),
    }
}
