//! The entries behind the figures of budget lines.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::{BudgetFilter, visible_payer};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::ledger::{Account, Books, Event};
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::service::{Actor, Error};
use crate::store::directory::account_names;
use crate::store::ledger as store;

/// Rows of one page.
pub const ENTRIES_A_PAGE: u64 = 100;

/// An entry of the books, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryLine {
    /// Number of the entry.
    pub no: i64,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Why.
    pub event: Event,
    /// Out of which account.
    pub from: Account,
    /// Into which.
    pub to: Account,
    /// How much.
    pub amount: Fen,
    /// Programme.
    pub programme: String,
    /// Code of the source.
    pub source: String,
    /// Division that pays.
    pub payer_division: String,
    /// Year whose budget pays.
    pub budget_year: i64,
    /// Year that the money is for.
    pub award_year: Option<i64>,
    /// Day on which the bank paid.
    pub paid_on: Option<NaiveDate>,
    /// Kind and number of what it is about.
    pub about: (String, String),
    /// Name of who did it; empty for the opening of the books.
    pub who: String,
}

/// Entries of the budget lines that the actor sees, the latest first, [`ENTRIES_A_PAGE`] from
/// `offset`, and how many there are.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`].
pub async fn entries(
    app: &App,
    actor: &Actor,
    filter: BudgetFilter,
    offset: u64,
) -> Result<(Vec<EntryLine>, u64), Error> {
    actor.must(Act::ReadBatches)?;
    let filter = narrowed(actor, filter);
    let read = app.db.read();
    let total = store::count(read, &filter).await?;
    let found = store::entries(read, &filter, (offset, ENTRIES_A_PAGE)).await?;
    let accounts: Vec<i64> = found.iter().filter_map(|entry| entry.recorded_by).collect();
    let names = account_names(read, &accounts).await?;
    let lines = found.into_iter().map(|entry| {
        let who = entry.recorded_by.and_then(|id| names.get(&id)).cloned().unwrap_or_default();
        line(entry, who)
    });
    Ok((lines.collect::<Result<_, _>>()?, total))
}

/// What each account of the budget lines that the actor sees holds, in the order of the accounts;
/// those without an entry are left out.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`].
pub async fn balances(
    app: &App,
    actor: &Actor,
    filter: BudgetFilter,
) -> Result<Vec<(Account, Fen)>, Error> {
    actor.must(Act::ReadBatches)?;
    let filter = narrowed(actor, filter);
    let books = store::books(app.db.read(), &filter).await?;
    let mut sums: BTreeMap<Account, Fen> = BTreeMap::new();
    for (account, amount) in books.values().flat_map(Books::balances) {
        let sum = sums.entry(account).or_default();
        *sum = sum.checked_add(amount).ok_or_else(super::overflow)?;
    }
    Ok(sums.into_iter().collect())
}

/// A filter over what the actor sees.
fn narrowed(actor: &Actor, filter: BudgetFilter) -> BudgetFilter {
    let seen = visible_payer(actor).map(str::to_owned);
    BudgetFilter { payer_division: seen.or(filter.payer_division), ..filter }
}

fn line(entry: store::Entry, who: String) -> Result<EntryLine, Error> {
    let unknown = || Error::Internal(format!("entry {} of the books", entry.id));
    Ok(EntryLine {
        no: entry.id,
        at: entry.recorded_at,
        event: Event::from_code(&entry.event).ok_or_else(unknown)?,
        from: Account::from_code(&entry.from_account).ok_or_else(unknown)?,
        to: Account::from_code(&entry.to_account).ok_or_else(unknown)?,
        amount: Fen::new(entry.amount_fen),
        programme: entry.programme,
        source: entry.source,
        payer_division: entry.payer_division,
        budget_year: entry.budget_year,
        award_year: entry.award_year,
        paid_on: entry.paid_on,
        about: (entry.object_kind, entry.object_no),
        who,
    })
}
